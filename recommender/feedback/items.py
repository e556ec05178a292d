"""Profile items: what a user's events on each track or artist come to, as columns, and their amounts."""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Ids, Mask
from recommender.feedback import LIKE_PLAYS, NO_TRACK, SAVE_PLAYS, Amounts
from storage.profile_schema import HALF_LIFE
from storage.profiles import ProfileRow
from storage.records import Kind

_FIELDS = ProfileRow._fields
_NEVER = -np.inf


class ProfileItems(NamedTuple):
    """One user's items, N, by artist and track; times in seconds since 1970, -inf for never."""

    artist: Ids
    track: Ids  # NO_TRACK for the artist alone
    plays: Doubles  # with and without a time
    untimed: Doubles  # of them without one
    played: Doubles  # those with a time, decayed to `played_at`
    played_at: Doubles
    saved: Doubles  # decayed to `saved_at`
    saved_at: Doubles
    skipped: Doubles  # decayed to `skipped_at`
    skipped_at: Doubles
    liked: Mask
    disliked: Mask
    verdict_at: Doubles

    @classmethod
    def read(cls, rows: Iterable[ProfileRow]) -> Self:
        """Return kept rows as columns, without those that only block an artist."""
        heard = [row for row in rows if row.is_heard]
        columns = dict(zip(_FIELDS, zip(*heard, strict=True) if heard else [()] * len(_FIELDS), strict=True))
        track = np.array(columns["track_id"], dtype=np.int64)
        return cls(
            np.array(columns["artist_id"], dtype=np.int64),
            np.where(track == 0, NO_TRACK, track),
            *(np.array(columns[name], dtype=np.float64) for name in ("plays", "untimed", "played")),
            _times(columns["played_at"]),
            np.array(columns["saved"], dtype=np.float64),
            _times(columns["saved_at"]),
            np.array(columns["skipped"], dtype=np.float64),
            _times(columns["skipped_at"]),
            *(np.array([one == kind for one in columns["verdict"]], dtype=bool) for kind in _VERDICTS),
            _times(columns["verdict_at"]),
        )

    def only(self, kept: Mask) -> "ProfileItems":
        """Return the marked items."""
        return ProfileItems(*(column[kept] for column in self))

    def amounts(self, now: float) -> Amounts:
        """Return each item's amounts at `now`, as `recommender.feedback.amounts` adds them up from events.

        What is later than `now`, as where a clock was set back, counts in full.
        """
        plays = self.untimed + self.played * _left(Kind.PLAY, self.played_at, now)
        plays += SAVE_PLAYS * self.saved * _left(Kind.SAVE, self.saved_at, now)
        plays += LIKE_PLAYS * self.liked * _left(Kind.LIKE, self.verdict_at, now)
        skips = self.skipped * _left(Kind.SKIP, self.skipped_at, now)
        return Amounts(plays, skips, 1.0 * self.disliked, 1.0 * (self.track != NO_TRACK))

    @property
    def judged_at(self) -> Doubles:
        """Return when each item was last liked, disliked or skipped."""
        return np.maximum(self.verdict_at, self.skipped_at)


_VERDICTS = (Kind.LIKE, Kind.DISLIKE)


def _times(column: Iterable[int | None]) -> Doubles:
    return np.array([_NEVER if at is None else at for at in column], dtype=np.float64)


def _left(kind: Kind, at: NDArray[np.float64], now: float) -> Doubles:
    """Return the share that is left at `now` of something that was whole `at` each time."""
    return np.asarray(np.exp2(-np.maximum(now - at, 0.0) / HALF_LIFE[kind]))
