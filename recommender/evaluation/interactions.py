"""Data set for evaluation: interactions with weights and times, taggings, and friendships."""

from array import array
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Ints, Mask
from storage.imports.report import Tally

# Time of an undated row: before every moment, and below every cut.
NO_TIME = int(np.iinfo(np.int64).min)
# Tagger of tags that come with the data set, such as film genres.
EDITOR = -1

Times = NDArray[np.int64]


class InteractionLog(NamedTuple):
    """One entry per row read, in file order; a user and an item may occur together many times."""

    users: Ints
    items: Ints
    weights: NDArray[np.float32]  # > 0, except for ratings
    times: Times  # seconds since 1970, `NO_TIME` if unknown


class Taggings(NamedTuple):
    """One entry per tagging."""

    users: Ints  # `EDITOR` if it came with the data set
    items: Ints
    tags: Ints
    times: Times


@dataclass(slots=True)
class ReadReport:
    """Lines `read`, `kept` and skipped, by reason."""

    read: int = 0
    kept: int = 0
    skipped: dict[str, Tally] = field(default_factory=dict)

    def skip(self, line: int, reason: str) -> None:
        """Count a skipped line, keeping the first one's reason."""
        self.read += 1
        self.skipped.setdefault(reason, Tally()).add(line)


@dataclass(frozen=True, eq=False)
class Interactions:
    """U users and I items, numbered in order of first appearance."""

    users: tuple[str, ...]
    items: tuple[str, ...]
    tags: tuple[str, ...]
    log: InteractionLog
    taggings: Taggings
    friends: csr_matrix  # U x U, 1 if the row's user names the column's as a friend
    report: ReadReport

    @cached_property
    def user_items(self) -> csr_matrix:
        """U x I float32: the summed weights of each user and item."""
        return self.matrix(np.ones(len(self.log.users), dtype=np.bool_))

    @property
    def has_times(self) -> bool:
        """Whether any interaction has a time."""
        return bool(np.any(self.log.times != NO_TIME))

    def matrix(self, rows: Mask) -> csr_matrix:
        """Return U x I float32 from the log's marked rows only; weights of duplicates are summed."""
        shape = (len(self.users), len(self.items))
        places = (self.log.users[rows], self.log.items[rows])
        made = csr_matrix((self.log.weights[rows], places), shape=shape, dtype=np.float32)
        made.sum_duplicates()
        return made

    def item_tags(self, taggers: Mask, *, before: int | None = None) -> csr_matrix:
        """Return I x T float32: the number of `taggers` (a mask of U) who gave the item the tag.

        Tags by the editor always count. `before`: only taggings before that second; undated ones are
        left out.
        """
        given = self.taggings
        kept = (given.users == EDITOR) | np.append(taggers, False)[given.users]
        if before is not None:
            kept &= (given.users == EDITOR) | ((given.times < before) & (given.times != NO_TIME))
        counts = np.ones(int(kept.sum()), dtype=np.float32)
        shape = (len(self.items), len(self.tags))
        made = csr_matrix((counts, (given.items[kept], given.tags[kept])), shape=shape)
        made.sum_duplicates()
        return made


class LabelIndex:
    """Names and their numbers, in order of first appearance."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the name's number, a new one for a new name."""
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self) -> tuple[str, ...]:
        """Return all names, by number."""
        return tuple(self._numbers)


_Columns = tuple["array[Any]", ...]


class InteractionsBuilder:
    """Collects rows one by one, 24 bytes each, and builds `Interactions`."""

    def __init__(self) -> None:
        self.report = ReadReport()
        self._users, self._items, self._tags = LabelIndex(), LabelIndex(), LabelIndex()
        self._log: _Columns = (array("i"), array("i"), array("f"), array("q"))
        self._taggings: _Columns = (array("i"), array("i"), array("i"), array("q"))
        self._friends: _Columns = (array("i"), array("i"))

    def add(self, user: str, item: str, weight: float = 1.0, at: int | None = None) -> None:
        """Add an interaction; `weight` is above 0, except for a rating."""
        self._count()
        users, items, weights, times = self._log
        users.append(self._users.number(user))
        items.append(self._items.number(item))
        weights.append(weight)
        times.append(NO_TIME if at is None else at)

    def add_tagging(self, user: str | None, item: str, tag: str, at: int | None = None) -> None:
        """Add a tagging; `user` None: it came with the data set."""
        self._count()
        tagger = EDITOR if user is None else self._users.number(user)
        row = (tagger, self._items.number(item), self._tags.number(tag), NO_TIME if at is None else at)
        for column, value in zip(self._taggings, row, strict=True):
            column.append(value)

    def add_friend(self, user: str, friend: str) -> None:
        """Add a friendship, as named by `user`."""
        self._count()
        self._friends[0].append(self._users.number(user))
        self._friends[1].append(self._users.number(friend))

    def build(self) -> Interactions:
        """Return the data set."""
        users, items, tags = self._users.names(), self._items.names(), self._tags.names()
        befriended = [np.array(column, dtype=np.int32) for column in self._friends]
        ones = np.ones(len(befriended[0]), dtype=np.float32)
        friends = csr_matrix((ones, (befriended[0], befriended[1])), shape=(len(users), len(users)))
        friends.sum_duplicates()
        friends.data[:] = 1
        log = InteractionLog(*map(_frozen, self._log))
        taggings = Taggings(*map(_frozen, self._taggings))
        return Interactions(users, items, tags, log, taggings, friends, self.report)

    def _count(self) -> None:
        self.report.read += 1
        self.report.kept += 1


def _frozen(column: "array[Any]") -> NDArray[Any]:
    values = np.array(column)
    values.setflags(write=False)
    return values
