"""Dated log: what users of a data set played at which time, in every format that has times."""

from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.arrays import Ids
from recommender.errors import EvaluationError
from recommender.evaluation.interactions import NO_TIME
from recommender.evaluation.readers import FORMATS, read
from recommender.next_song.sequences import PlayColumns, Sequences
from storage.imports import ListenRow, Options, TrackRow, open_reader
from storage.rows import Row

_OF_INTERACTIONS = ("interactions", "movielens")
_LEAST_SESSIONS = 10


class DatedLog(NamedTuple):
    """N plays in order of time."""

    rows: tuple[ListenRow, ...]  # each with a time
    sequences: Sequences  # whose tracks are places in `rows`, and whose users and artists are numbers

    @classmethod
    def read(cls, form: str, path: Path) -> "DatedLog":
        """Read the plays with a time at `path`; raise EvaluationError if they are too few for a split."""
        if form not in FORMATS:
            raise EvaluationError(f"There is no evaluation of {form}; choose one of {', '.join(FORMATS)}.")
        found = _interactions(form, path) if form in _OF_INTERACTIONS else _listens(form, path)
        rows = tuple(sorted(found, key=lambda row: (row.at or 0, row.user)))
        users, artists = ([getattr(row, name) for row in rows] for name in ("user", "artist"))
        at = np.array([row.at for row in rows], dtype=np.int64)
        places = np.arange(len(rows), dtype=np.int64)
        sequences = Sequences.cut(PlayColumns(_numbers(users), _numbers(artists), places, at))
        if len(sequences) < _LEAST_SESSIONS:
            raise EvaluationError(f"{path} has too few sessions with times: {len(sequences)}.")
        return cls(rows, sequences)

    def catalogue(self) -> list[TrackRow]:
        """Return the songs of the log, by name: their order says nothing of what follows what."""
        names = {(row.artist, row.title) for row in self.rows if row.title is not None}
        return [TrackRow(0, artist, title) for artist, title in sorted(names)]

    def session(self, number: int) -> list[ListenRow]:
        """Return the plays of one session, in order."""
        return [self.rows[place] for place in self.sequences.plays(number).track.tolist()]


def _numbers(names: list[str]) -> Ids:
    _, numbers = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    return np.asarray(numbers, dtype=np.int64)


def _listens(form: str, path: Path) -> list[ListenRow]:
    rows = open_reader(form, path, Options()).rows()
    return [row for row in rows if isinstance(row, ListenRow) and row.at is not None]


def _interactions(form: str, path: Path) -> list[ListenRow]:
    """Return interactions as plays: an item stands for a song and for its artist."""
    log = read(form, path, least=0.0 if form == "movielens" else None)
    columns = (log.log.users.tolist(), log.log.items.tolist(), log.log.times.tolist())
    return [
        ListenRow(line, log.users[user], log.items[item], log.items[item], at)
        for line, (user, item, at) in enumerate(zip(*columns, strict=True))
        if at != NO_TIME
    ]


class PastReader:
    """A reader of songs and plays, to import them as any file."""

    source = platform = "plays"

    def __init__(self, rows: tuple[Row, ...]) -> None:
        """Take what is to be imported."""
        self._rows = rows

    def rows(self) -> Generator[Row, None, None]:
        """Yield it."""
        yield from self._rows

    def progress(self) -> float:
        """Return 0: nobody watches."""
        return 0.0

    def digest(self) -> str:
        """Return nothing: no file is read."""
        return ""
