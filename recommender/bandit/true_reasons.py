"""True reasons: which kinds of explanation are true for which candidate, and what each would name.

All are arrays over the candidates of one request, worked out once: a policy chooses among them, and what it
chooses is only read off.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Ints, Mask
from recommender.bandit.posterior import AxisPosterior
from recommender.explain import SMALLEST_CROWD, because, crowd, shared_traits
from recommender.explain.shared_traits import SongColumns
from recommender.linalg import contained
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot
from recommender.types import Explanation
from recommender.user_model import Blamed
from recommender.user_model.reward_model import SAID, Said

SURELY = 2.0
"""Weight from which on a user surely likes an artist; a single like weighs 4."""

NEW_HERE_MIN_MEMBERS = 10
"""Minimum number of members with a known taste for anything to be called new in a community."""
NEW_HERE_MAX_SHARE = 0.05
"""An artist liked by at most this share of a community is new there."""
NEW_ANYWHERE_MAX_SHARE = 0.01
"""An artist liked by at most this share of all users is new, outside a community."""


class TrueReasons:
    """The true kinds of explanation of K candidates, with their causes."""

    def __init__(
        self,
        snapshot: Snapshot,
        request: Request,
        posteriors: tuple[AxisPosterior | None, AxisPosterior | None],
        candidates: Candidates,
    ) -> None:
        """Work out all of them; `posteriors` of songs and of artists."""
        self.snapshot, self.request = snapshot, request
        self._chosen = SongColumns(candidates.tracks, candidates.artists)
        self._liked = shared_traits.liked(snapshot, request)
        self._mood = shared_traits.of_mood(snapshot, self._chosen, self._liked)
        self._tempo = shared_traits.of_tempo(snapshot, self._chosen, self._liked)
        self._blamed = [
            self._blame(posterior, items)
            for posterior, items in zip(posteriors, self._chosen, strict=True)
            if posterior is not None
        ]
        self.true = self._true()

    def explanation(self, row: int, kind: Said) -> Explanation:
        """Return a candidate's explanation of one of its true kinds, worded for its track."""
        track, artist = (int(part[row]) for part in self._chosen)
        match kind:
            case "because":
                return self._because(row, artist, track)
            case "artist":
                return Explanation("artist", self.snapshot.subject(artist))
            case "mood" | "tempo":
                return self._like(row, kind)
            case "tags":
                return Explanation("tags", tags=tuple(self.snapshot.tags[t] for t in self.request.wishes))
            case "community" | "popular":
                found = crowd(self.snapshot, (self.request.artists, self.request.tracks), artist, track, kind)
                return found or Explanation("start")
        return Explanation(kind)

    def _blame(self, posterior: AxisPosterior, items: Ints) -> tuple[AxisPosterior, Blamed]:
        """Return the causes on one axis; a candidate that is none of its items (-1) has none."""
        there = np.flatnonzero(items >= 0)
        causes, drops = np.full(len(items), -1), np.zeros(len(items))
        causes[there], drops[there] = posterior.blamed(items[there])
        return posterior, Blamed(causes, drops)

    def _because(self, row: int, artist: int, track: int) -> Explanation:
        """Return the like that raises the expected reaction most, on either axis."""
        posterior, blamed = max(self._blamed, key=lambda found: found[1].drops[row])
        name = "artists" if posterior.axis is self.snapshot.artists else "tracks"
        return because(self.snapshot, posterior.axis, blamed.reason(row), artist, track, f"{name}.belief")

    def _like(self, row: int, kind: Literal["mood", "tempo"]) -> Explanation:
        """Return the liked item that shares the mood or tempo of a candidate."""
        at = (self._mood if kind == "mood" else self._tempo).which[row]
        nearest = SongColumns(*(part[at : at + 1] for part in self._liked))
        song = SongColumns(*(part[row : row + 1] for part in self._chosen))
        cause = self.snapshot.subject(int(nearest.artists[0]), int(nearest.tracks[0]))
        if kind == "mood":
            return Explanation("mood", cause, shared_traits.shared_moods(self.snapshot, song, nearest))
        return Explanation("tempo", cause, count=round(float(self.snapshot.tempo[song.tracks[0]])))

    def _true(self) -> NDArray[np.bool_]:
        """Return K x len(SAID): which kinds of explanation are true for which candidate."""
        tracks, artists = self._chosen
        true = np.zeros((len(tracks), len(SAID)), dtype=bool)
        column = {kind: true[:, k] for k, kind in enumerate(SAID)}
        for _, blamed in self._blamed:
            column["because"] |= blamed.drops > 0
        column["community"] |= _in_community(self.snapshot, self.request, artists)
        column["popular"] |= self.snapshot.artists.people[artists] >= SMALLEST_CROWD
        column["tags"] |= bool(self.request.wishes)
        loved = self.request.artists.items[self.request.artists.weights >= SURELY]
        column["artist"] |= (tracks >= 0) & contained(artists, loved)
        column["because"] &= ~column["artist"]  # the same, better said
        column["mood"] |= self._mood.found
        column["tempo"] |= self._tempo.found
        column["new"] |= _hardly_known(self.snapshot, self.request, artists)
        column["start"] |= ~true.any(axis=1)
        return true


def _hardly_known(snapshot: Snapshot, request: Request, artists: Ints) -> Mask:
    """Tell which artists are almost unknown in the community, or overall outside a community.

    In a small community nothing is called new, since that would reveal what its few members know.
    """
    axis, community = snapshot.artists, request.artists.community
    if request.query.community_id is None:
        return np.asarray(axis.people[artists] <= NEW_ANYWHERE_MAX_SHARE * len(axis.listening.users))
    if axis.community is None or (members := axis.community.around(community)) < NEW_HERE_MIN_MEMBERS:
        return np.zeros(len(artists), dtype=bool)
    return np.asarray(axis.community.counts(community, artists) <= NEW_HERE_MAX_SHARE * members)


def _in_community(snapshot: Snapshot, request: Request, artists: Ints) -> Mask:
    """Tell which artists are liked by enough members of the user's community to be mentioned."""
    counted = snapshot.artists.community
    if counted is None:
        return np.zeros(len(artists), dtype=bool)
    return np.asarray(counted.counts(request.artists.community, artists) >= SMALLEST_CROWD)
