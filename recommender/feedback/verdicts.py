"""Verdicts: a user's latest like, dislike, skip or block on each subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from recommender.feedback import CODES
from recommender.feedback.matrix import StandingRow
from storage.records import Kind, Subject

_NO_VERDICTS = (Kind.PLAY, Kind.SAVE)
_HEARD = frozenset(str(kind) for kind in CODES)


@dataclass(frozen=True)
class Verdicts:
    """One user's verdicts by subject."""

    by_subject: dict[Subject, Kind]  # latest like or dislike, otherwise a skip
    blocked: frozenset[int]  # artist ids
    known: frozenset[Subject]  # heard, liked, disliked or skipped

    @classmethod
    def read(cls, rows: Iterable[StandingRow]) -> Self:
        """Read one user's standing events, in log order."""
        verdicts: dict[Subject, Kind] = {}
        blocked: dict[int, bool] = {}
        known: set[Subject] = set()
        for _, artist_id, track_id, kind, *_rest in rows:
            subject = Subject(artist_id, track_id)
            if kind in _HEARD:
                known.add(subject)
            if kind in (Kind.BLOCK, Kind.UNBLOCK):
                blocked[artist_id] = kind == Kind.BLOCK
            elif kind == Kind.SKIP:  # a skip is about the moment and never replaces a like or dislike
                verdicts.setdefault(subject, Kind.SKIP)
            elif kind not in _NO_VERDICTS:
                verdicts[subject] = Kind(kind)
        return cls(verdicts, frozenset(a for a, is_on in blocked.items() if is_on), frozenset(known))

    @property
    def unwanted_artists(self) -> frozenset[int]:
        """Artists that must never be recommended: blocked, or disliked as artists."""
        said = self.by_subject.items()
        return self.blocked | {s.artist_id for s, kind in said if s.track_id is None and kind is Kind.DISLIKE}

    def likes(self, subject: Subject) -> bool:
        """Tell whether the user likes a subject, or a track of that artist."""
        return any(
            kind is Kind.LIKE
            and said.artist_id == subject.artist_id
            and (subject.track_id is None or said.track_id in (None, subject.track_id))
            for said, kind in self.by_subject.items()
        )
