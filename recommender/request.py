"""Request and candidates: what is asked and what may be answered, as columns of a snapshot."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.disclosure import Disclosure
from recommender.feedback.verdicts import Verdicts
from recommender.scorers import Profile
from recommender.types import Query

_NONE: Ints = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Request:
    """A query with all that is known of the users who ask; Ints are ascending columns of the axes."""

    query: Query
    artists: Profile
    tracks: Profile
    barred_artists: Ints = field(default_factory=lambda: _NONE)  # blocked or disliked: nor their songs
    barred_tracks: Ints = field(default_factory=lambda: _NONE)  # disliked, or known already
    barred_alone: Ints = field(default_factory=lambda: _NONE)  # artists that are no answer without a song
    shown_artists: Ints = field(default_factory=lambda: _NONE)  # on a list of the last day, without a song
    shown_tracks: Ints = field(default_factory=lambda: _NONE)  # on a list of the last day
    wishes: tuple[int, ...] = ()  # tag columns that every answer has to carry
    # How much each item of a profile still counts for the user model, 0 and above; None: all alike.
    artist_recency: Floats | None = None
    track_recency: Floats | None = None
    stale: Profile = field(default_factory=lambda: Profile(_NONE, np.zeros(0, dtype=np.float32)))
    """Tracks shown lately, and the share of their scores that is left, 0 to 1."""
    adventurous: int = 0  # the dial of `recommender.pipeline.diversity`, 0 to 10
    own_artists: Ints = field(default_factory=lambda: _NONE)  # with something of theirs in the user's log
    own_tracks: Ints = field(default_factory=lambda: _NONE)
    newcomer: bool = False  # in the first session, whose first song is no place for an experiment
    disclosure: Disclosure = field(default_factory=Disclosure)  # what reasons may name
    said: tuple[Verdicts, ...] = ()  # of everybody who asks, first the one whose query it is

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is known of the users who ask, and they wish for nothing in particular."""
        return not (len(self.artists.items) or len(self.tracks.items) or self.wishes or self.query.moods)

    def freshness(self, tracks: Ints) -> Doubles:
        """Return the share of each track's score that is left: below 1 if it was shown lately."""
        left = np.ones(len(tracks))
        if len(self.stale.items):
            at = np.minimum(np.searchsorted(self.stale.items, tracks), len(self.stale.items) - 1)
            shown = self.stale.items[at] == tracks
            left[shown] = self.stale.weights[at[shown]]
        return left


class Candidates(NamedTuple):
    """K songs and artists that may be recommended.

    Each float32 column is written once, by the step named beside it, and NaN until then.
    """

    tracks: Ints  # K columns, -1 for an artist without a song
    artists: Ints  # K columns
    votes: Floats  # K x scorers of both axes: `pipeline.candidates`
    names: tuple[str, ...]  # of the votes: "tracks.blend", "artists.content" ...
    fused: Floats  # sum of votes: `pipeline.candidates`
    expected: Floats  # expected reward, times how well it fits now: `bandit.arms`
    fresh: Floats  # fused, after staleness and popularity damping: `pipeline.diversity`
    place: Floats  # 1 for the first to 0 for the last in the final order: `pipeline.ranking`

    def some(self, rows: NDArray[np.intp] | Mask) -> "Candidates":
        """Return some of the rows, in that order."""
        return Candidates(
            self.tracks[rows],
            self.artists[rows],
            self.votes[rows],
            self.names,
            self.fused[rows],
            self.expected[rows],
            self.fresh[rows],
            self.place[rows],
        )
