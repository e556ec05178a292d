"""From the event log to listening matrices: who (rows) thinks what of which items (columns).

A *vocabulary* turns database ids into column numbers and back.  A matrix follows the log by rows: whoever
did something since is read again, everybody else's row is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recommender.feedback import CODES, NO_TRACK, Listening, latest_verdicts, weigh
from storage.records import Kind

Ids = NDArray[np.int64]
StandingRow = tuple[int, int, int | None, str, int | None, int, int | None]

_DTYPE = np.dtype([(name, "f8") for name in ("user", "artist", "track", "kind", "at", "plays")])
_CODE = {str(kind): code for kind, code in CODES.items()}
_IGNORED = -1


def read_listening(rows: Iterable[StandingRow]) -> Listening:
    """Turn standing events, as `storage.log.Log.listening` streams them, into columns.

    An event without a time keeps none if it is a play (an imported total); all else happened when recorded.
    """
    table = np.fromiter((_numbers(row) for row in rows), dtype=_DTYPE)
    table = table[table["kind"] != _IGNORED]
    return Listening(
        user=table["user"].astype(np.int64),
        artist=table["artist"].astype(np.int64),
        track=table["track"].astype(np.int64),
        kind=table["kind"].astype(np.int8),
        at=table["at"],
        plays=table["plays"],
    )


def _numbers(row: StandingRow) -> tuple[float, ...]:
    user, artist, track, kind, at, recorded_at, plays = row
    code = _CODE.get(kind, _IGNORED)
    when = at if at is not None or kind == Kind.PLAY else recorded_at
    return (
        user,
        artist,
        NO_TRACK if track is None else track,
        code,
        np.nan if when is None else when,
        1 if plays is None else plays,
    )


@dataclass(frozen=True)
class Vocabulary:
    """Database ids and their columns: column c is `ids[c]`; ids ascend."""

    ids: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def columns(self, ids: Ids) -> Ids:
        """Return the column of each id, -1 where the id is unknown."""
        if not len(self.ids):
            return np.full(len(ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, -1)

    def column(self, ident: int) -> int:
        """Return the column of one id, -1 if it is unknown."""
        return int(self.columns(np.array([ident], dtype=np.int64))[0])


@dataclass(frozen=True)
class ListeningMatrix:
    """Weights of `recommender.feedback`, users x items, float32; rows are `users`, columns `items`."""

    users: Vocabulary
    items: Vocabulary
    user_items: csr_matrix

    @classmethod
    def build(cls, log: Listening, items: Vocabulary, *, by_artist: bool, now: float) -> Self:
        """Build the matrix of everybody in `log`."""
        log = latest_verdicts(log)
        users = Vocabulary(np.unique(log.user))
        columns = items.columns(log.artist if by_artist else log.track)
        shape = (len(users), len(items))
        matrix = weigh(log, users.columns(log.user), columns, shape, by_artist=by_artist, now=now)
        return cls(users, items, matrix)

    def with_rows(self, newer: "ListeningMatrix", touched: Ids) -> "ListeningMatrix":
        """Return this matrix with the rows of `touched` users taken from `newer` (or gone, if not there).

        Both have the same columns, or `newer` has more: a growing catalogue appends items.
        """
        kept = ~np.isin(self.users.ids, touched)
        base = self.user_items[kept]
        base = csr_matrix((base.data, base.indices, base.indptr), shape=(base.shape[0], len(newer.items)))
        ids = np.concatenate([self.users.ids[kept], newer.users.ids])
        order = np.argsort(ids, kind="stable")
        rows = vstack([base, newer.user_items], format="csr")[order]
        return ListeningMatrix(Vocabulary(ids[order]), newer.items, rows)


def profile_row(
    log: Listening, items: Vocabulary, *, by_artist: bool, now: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return one listener's row, as columns (ascending) and weights, from that listener's events alone."""
    row = ListeningMatrix.build(log, items, by_artist=by_artist, now=now).user_items
    row.sort_indices()
    return row.indices.astype(np.int32), row.data.astype(np.float32)
