"""What is asked, as columns of a snapshot, and what may be answered."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints
from recommender.scorers import Profile
from recommender.types import Query

_NONE: Ints = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Request:
    """A query with all that is known of the listener; numbers are columns of the snapshot's axes."""

    query: Query
    artists: Profile
    tracks: Profile
    barred_artists: Ints = field(default_factory=lambda: _NONE)  # blocked or disliked: nor their songs
    barred_tracks: Ints = field(default_factory=lambda: _NONE)  # disliked, known already, or just shown
    shown_artists: Ints = field(default_factory=lambda: _NONE)  # known or just shown as artists
    wishes: tuple[int, ...] = ()  # tag columns that every answer has to carry
    # How much each item of a profile still counts for what is believed of the listener; None: all alike.
    artist_recency: Floats | None = None
    track_recency: Floats | None = None
    stale: Profile = field(default_factory=lambda: Profile(_NONE, np.zeros(0, dtype=np.float32)))
    """Tracks shown lately, and what is left of their scores, 0 to 1."""
    adventurous: int = 0  # the dial of `recommender.pipeline.diversity`
    own_artists: Ints = field(default_factory=lambda: _NONE)  # with something of theirs in the user's log
    own_tracks: Ints = field(default_factory=lambda: _NONE)
    newcomer: bool = False  # in the first session, whose first song is no place for an experiment


class Candidates(NamedTuple):
    """What may be recommended: K rows, best fused score first."""

    tracks: Ints  # column, -1 for an artist without tracks
    artists: Ints  # column
    features: Floats  # K x (2 + opinions): the place in the order, the fused score, each opinion's vote
    names: tuple[str, ...]  # of the features

    def some(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Candidates":
        """Return some of the rows, in that order."""
        return Candidates(self.tracks[rows], self.artists[rows], self.features[rows], self.names)


def freshness(request: Request, candidates: Candidates) -> Doubles:
    """Return what is left of each candidate's score: less than 1 where it was shown lately."""
    left = np.ones(len(candidates.tracks))
    stale = request.stale
    if len(stale.items):
        at = np.minimum(np.searchsorted(stale.items, candidates.tracks), len(stale.items) - 1)
        shown = stale.items[at] == candidates.tracks
        left[shown] = stale.weights[at[shown]]
    return left
