"""Listening matrices from the event log: users (rows) x items (columns).

An `IdIndex` maps database ids to columns and back. A matrix is updated by rows: users with newer events are
read again, all other rows are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recommender.arrays import Ids
from recommender.feedback import CODES, NO_TRACK, Amounts, ListeningEvents, latest_verdicts, weigh, weights
from storage.records import Kind

StandingRow = tuple[int, int, int | None, str, int | None, int, int | None]

_CODE = {str(kind): code for kind, code in CODES.items()}
_IGNORED = -1
_AT_ONCE = 50_000


def read_listening(rows: Iterable[StandingRow]) -> ListeningEvents:
    """Return standing events, streamed by `storage.listening.log.Log.listening`, as columns.

    A play without a time keeps none (an imported total); any other event without a time gets its
    recording time.
    """
    stream = iter(rows)
    parts = [_columns([])]
    while some := list(islice(stream, _AT_ONCE)):
        parts.append(_columns(some))
    return ListeningEvents(*map(np.concatenate, zip(*parts, strict=True)))


def _columns(rows: list[StandingRow]) -> ListeningEvents:
    """Return rows as columns, without events of kinds that have no weight."""
    user, artist, track, kind, at, recorded_at, plays = zip(*rows, strict=True) if rows else [()] * 7
    codes = np.array([_CODE.get(each, _IGNORED) for each in kind], dtype=np.int8)
    when = np.array(at, dtype=np.float64)  # None becomes nan
    recorded = np.isnan(when) & (codes != CODES[Kind.PLAY])
    if recorded.any():
        when[recorded] = np.array(recorded_at, dtype=np.float64)[recorded]
    made = ListeningEvents(
        user=np.array(user, dtype=np.int64),
        artist=np.array(artist, dtype=np.int64),
        track=np.array([NO_TRACK if each is None else each for each in track], dtype=np.int64),
        kind=codes,
        at=when,
        plays=np.array([1 if each is None else each for each in plays], dtype=np.float64),
    )
    kept = codes != _IGNORED
    return made if kept.all() else made.only(kept)


@dataclass(frozen=True)
class IdIndex:
    """Database ids and their columns: column c is `ids[c]`.

    They ascend, except in a snapshot learned on another machine, whose columns have that machine's order.
    """

    ids: Ids

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _order(self) -> Ids | None:
        """The columns by ascending id, None if that is their order."""
        return None if (np.diff(self.ids) > 0).all() else np.argsort(self.ids, kind="stable")

    def columns(self, ids: Ids) -> Ids:
        """Return the column of each id, -1 for unknown ids."""
        if not len(self.ids):
            return np.full(len(ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids, sorter=self._order), len(self.ids) - 1)
        if self._order is not None:
            at = self._order[at]
        return np.where(self.ids[at] == ids, at, -1)

    def column(self, ident: int) -> int:
        """Return an id's column, -1 if unknown."""
        at = int(self.ids.searchsorted(ident))
        return at if at < len(self.ids) and self.ids[at] == ident else -1


@dataclass(frozen=True)
class ListeningMatrix:
    """Weights of `recommender.feedback`, users x items, float32, with the ids of rows and columns."""

    users: IdIndex
    items: IdIndex
    user_items: csr_matrix

    @classmethod
    def build(cls, log: ListeningEvents, items: IdIndex, *, by_artist: bool, now: float) -> Self:
        """Build the matrix of all users in `log`."""
        log = latest_verdicts(log)
        users = IdIndex(np.unique(log.user))
        columns = items.columns(log.artist if by_artist else log.track)
        shape = (len(users), len(items))
        matrix = weigh(log, users.columns(log.user), columns, shape, by_artist=by_artist, now=now)
        return cls(users, items, matrix)

    def with_rows(self, newer: "ListeningMatrix", touched: Ids) -> "ListeningMatrix":
        """Return this matrix with the `touched` users' rows replaced from `newer`, or removed if not there.

        Both have the same columns, or `newer` has more at the end: a growing catalogue appends items.
        """
        kept = ~np.isin(self.users.ids, touched)
        base = self.user_items[kept]
        base = csr_matrix((base.data, base.indices, base.indptr), shape=(base.shape[0], len(newer.items)))
        ids = np.concatenate([self.users.ids[kept], newer.users.ids])
        order = np.argsort(ids, kind="stable")
        rows = vstack([base, newer.user_items], format="csr")[order]
        return ListeningMatrix(IdIndex(ids[order]), newer.items, rows)


@dataclass(frozen=True)
class Grouped:
    """Events or items of one user by the column that they count for."""

    there: NDArray[np.bool_]  # of each event, whether it has a column
    items: NDArray[np.int32]  # the columns, ascending
    where: NDArray[np.intp]  # of each event that has one, its place in `items`

    @classmethod
    def by(cls, columns: Ids) -> Self:
        """Group by columns, negative without one."""
        there = columns >= 0
        known = columns[there]
        items = np.unique(known)
        return cls(there, items.astype(np.int32), items.searchsorted(known))

    def row(self, counted: Amounts, *, by_artist: bool) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return one user's row, as columns (ascending) and weights, from that user's amounts alone."""
        some = counted if self.there.all() else counted.only(self.there)
        values = weights(some, self.where, len(self.items), by_artist=by_artist)
        kept = values != 0
        return self.items[kept], values[kept]
