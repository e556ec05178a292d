"""Request and candidates: a query and its possible answers, as columns of a snapshot."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.disclosure import Disclosure
from recommender.feedback.items import Verdicts
from recommender.scorers import Profile
from recommender.types import Query

_NONE: Ints = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Request:
    """A query with all data about its users; Ints are ascending columns of the axes."""

    query: Query
    artists: Profile
    tracks: Profile
    also_known: Ints = field(default_factory=lambda: _NONE)  # artists of likes beyond those of the profiles
    barred_artists: Ints = field(default_factory=lambda: _NONE)  # blocked or disliked, with their tracks
    barred_tracks: Ints = field(default_factory=lambda: _NONE)  # disliked, or already known
    barred_alone: Ints = field(default_factory=lambda: _NONE)  # artists that need a track
    shown_artists: Ints = field(default_factory=lambda: _NONE)  # on a slate of the last day, without a track
    shown_tracks: Ints = field(default_factory=lambda: _NONE)  # on a slate of the last day
    wishes: tuple[int, ...] = ()  # tag columns every answer must have
    fits: Floats | None = None  # per track, how well it fits the wish, 0 to 1; None without a wish
    # Weight of each profile item for the user model, 0 and above; None: all 1.
    artist_recency: Floats | None = None
    track_recency: Floats | None = None
    stale: Profile = field(default_factory=lambda: Profile(_NONE, np.zeros(0, dtype=np.float32)))
    """Recently shown tracks, and the factor of their scores, 0 to 1."""
    adventurous: int = 0  # diversity setting, see `recommender.pipeline.diversity`, 0 to 10
    own_artists: Ints = field(default_factory=lambda: _NONE)  # artists with any event in the user's log
    own_tracks: Ints = field(default_factory=lambda: _NONE)
    arrived: Ints = field(default_factory=lambda: _NONE)  # artists new to the catalogue, near what is liked
    household: Ints = field(default_factory=lambda: _NONE)  # artists everybody knows, best known first
    newcomer: bool = False  # in the first session, whose first track must not be an experiment
    disclosure: Disclosure = field(default_factory=Disclosure)  # what explanations may name
    said: tuple[Verdicts, ...] = ()  # of all users of the query, the asking user first

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is known of the users who ask, and they wish for nothing in particular."""
        return not (len(self.artists.items) or len(self.tracks.items) or self.wishes or self.query.wish)

    def freshness(self, tracks: Ints) -> Doubles:
        """Return the factor of each track's score: below 1 if shown recently."""
        left = np.ones(len(tracks))
        if len(self.stale.items):
            at = np.minimum(np.searchsorted(self.stale.items, tracks), len(self.stale.items) - 1)
            shown = self.stale.items[at] == tracks
            left[shown] = self.stale.weights[at[shown]]
        return left


class Candidates(NamedTuple):
    """K tracks and artists that may be recommended.

    Each float32 column is written once, by the step named beside it, and is NaN until then.
    """

    tracks: Ints  # K columns, -1 for an artist without a track
    artists: Ints  # K columns
    votes: Floats  # K x scorers of both axes: `pipeline.candidates`
    names: tuple[str, ...]  # of the votes: "tracks.blend", "artists.content" ...
    fused: Floats  # sum of votes: `pipeline.candidates`
    expected: Floats  # expected reward, times the fit to the moment: `bandit.arms`
    fresh: Floats  # fused, after staleness and popularity damping: `pipeline.diversity`
    place: Floats  # 1 for the first to 0 for the last of the final order: `pipeline.ranking`

    about: Floats | None = None  # K x what a reward is expected from: `bandit.arms`

    def some(self, rows: NDArray[np.intp] | Mask) -> "Candidates":
        """Return the selected rows, in that order."""
        return Candidates(
            self.tracks[rows],
            self.artists[rows],
            self.votes[rows],
            self.names,
            self.fused[rows],
            self.expected[rows],
            self.fresh[rows],
            self.place[rows],
            None if self.about is None else self.about[rows],
        )
