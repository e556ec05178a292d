"""A user's items: their events summed up as columns with their amounts, and the verdicts among them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Ids, Mask
from recommender.feedback import LIKE_PLAYS, NO_TRACK, SAVE_PLAYS, Amounts
from storage.records import Kind, ProfileRow, Subject
from storage.schema.profile_tables import HALF_LIFE

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
        heard = list(filter(_is_heard, rows))
        columns = zip(*heard, strict=True) if heard else repeat((), len(ProfileRow._fields))
        column = dict(zip(ProfileRow._fields, columns, strict=True))
        track = np.array(column["track_id"], dtype=np.int64)
        return cls(
            artist=np.array(column["artist_id"], dtype=np.int64),
            track=np.where(track == 0, NO_TRACK, track),
            plays=np.array(column["plays"], dtype=np.float64),
            untimed=np.array(column["untimed"], dtype=np.float64),
            played=np.array(column["played"], dtype=np.float64),
            played_at=_times(column["played_at"]),
            saved=np.array(column["saved"], dtype=np.float64),
            saved_at=_times(column["saved_at"]),
            skipped=np.array(column["skipped"], dtype=np.float64),
            skipped_at=_times(column["skipped_at"]),
            liked=np.array([verdict == Kind.LIKE for verdict in column["verdict"]], dtype=bool),
            disliked=np.array([verdict == Kind.DISLIKE for verdict in column["verdict"]], dtype=bool),
            verdict_at=_times(column["verdict_at"]),
        )

    def only(self, kept: Mask) -> "ProfileItems":
        """Return the marked items."""
        return ProfileItems(
            self.artist[kept],
            self.track[kept],
            self.plays[kept],
            self.untimed[kept],
            self.played[kept],
            self.played_at[kept],
            self.saved[kept],
            self.saved_at[kept],
            self.skipped[kept],
            self.skipped_at[kept],
            self.liked[kept],
            self.disliked[kept],
            self.verdict_at[kept],
        )

    def amounts(self, now: float) -> Amounts:
        """Return each item's amounts at `now`, as `recommender.feedback.amounts` adds them up from events.

        What is later than `now`, as where a clock was set back, counts in full.
        """
        plays = self.untimed + self.played * _left(Kind.PLAY, self.played_at, now)
        plays += SAVE_PLAYS * self.saved * _left(Kind.SAVE, self.saved_at, now)
        plays += LIKE_PLAYS * self.liked * _left(Kind.LIKE, self.verdict_at, now)
        skips = self.skipped * _left(Kind.SKIP, self.skipped_at, now)
        of_song = (self.track != NO_TRACK).astype(np.float64)
        return Amounts(plays, skips, self.disliked.astype(np.float64), of_song)

    @property
    def judged_at(self) -> Doubles:
        """Return when each item was last liked, disliked or skipped."""
        return np.maximum(self.verdict_at, self.skipped_at)


def _is_heard(row: ProfileRow) -> bool:
    """Tell whether there is more than a block: a play, saved track, skip or verdict."""
    judged = row.verdict or row.saved_at is not None or row.skipped_at is not None
    return bool(row.listens or judged)


def _times(column: Sequence[int | None]) -> Doubles:
    at = np.array(column, dtype=np.float64)  # None becomes NaN
    at[np.isnan(at)] = _NEVER
    return at


def _left(kind: Kind, at: NDArray[np.float64], now: float) -> Doubles:
    """Return the share that is left at `now` of something that was whole `at` each time."""
    return np.asarray(np.exp2(-np.maximum(now - at, 0.0) / HALF_LIFE[kind]))


@dataclass(frozen=True)
class Verdicts:
    """One user's verdicts by subject."""

    by_subject: dict[Subject, Kind]  # latest like or dislike, otherwise a skip
    blocked: frozenset[int]  # artist ids
    known: frozenset[Subject]  # heard, liked, disliked or skipped

    @classmethod
    def read(cls, rows: Iterable[ProfileRow]) -> Self:
        """Read one user's profile."""
        verdicts: dict[Subject, Kind] = {}
        blocked: set[int] = set()
        known: set[Subject] = set()
        for row in rows:
            subject = Subject(row.artist_id, row.track_id or None)
            if row.verdict is not None:
                verdicts[subject] = Kind(row.verdict)
            elif row.skipped_at is not None:  # a skip is about the moment and never replaces a verdict
                verdicts[subject] = Kind.SKIP
            if _is_heard(row):
                known.add(subject)
            if row.blocked:
                blocked.add(row.artist_id)
        return cls(verdicts, frozenset(blocked), frozenset(known))

    @property
    def unwanted_artists(self) -> frozenset[int]:
        """Artists that must never be recommended: blocked, or disliked as artists."""
        said = self.by_subject.items()
        return self.blocked | {s.artist_id for s, kind in said if s.track_id is None and kind is Kind.DISLIKE}

    @cached_property
    def only_known(self) -> dict[int, Subject]:
        """The one known subject of each artist of whom exactly one is known."""
        several = Counter(subject.artist_id for subject in self.known)
        return {one.artist_id: one for one in self.known if several[one.artist_id] == 1}

    @cached_property
    def _liked_artists(self) -> frozenset[int]:
        said = self.by_subject.items()
        return frozenset(subject.artist_id for subject, kind in said if kind is Kind.LIKE)

    def likes(self, subject: Subject) -> bool:
        """Tell whether the user likes a subject, or its artist; of an artist, whether a track of theirs."""
        if subject.track_id is None:
            return subject.artist_id in self._liked_artists
        either = subject, Subject(subject.artist_id)
        return any(self.by_subject.get(one) is Kind.LIKE for one in either)
