"""Verdicts: a user's latest like, dislike, skip or block on each subject."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from storage.profiles import ProfileRow
from storage.records import Kind, Subject


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
            if row.is_heard:
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
