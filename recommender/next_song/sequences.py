"""Sequences: what users played in a row, cut into sessions wherever nothing was played for half an hour.

Thirty minutes are the usual gap of studies of listening (Jannach and Ludewig, "When recurrent neural networks
meet the neighborhood for session-based recommendation", RecSys 2017).
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Ids, Ints, Mask

GAP = 30 * 60
"""Seconds without a play after which a session ends."""

_LONGEST = 200  # plays of a session; a longer one counts as several
_MOST = 50_000  # sessions that are kept, the newest


class PlayColumns(NamedTuple):
    """N plays with a time, in no order; -1 where an axis has no column."""

    user: Ids
    artist: Ids  # columns
    track: Ids  # columns
    at: Ids  # seconds since 1970


class Item(NamedTuple):
    """Columns of one play, or of several."""

    artist: Ints
    track: Ints


@dataclass(frozen=True, eq=False)
class Sequences:
    """S sessions with N plays in all, the session that ended first being first."""

    artist: Ints  # N columns, session after session, in order of play
    track: Ints  # N columns, -1 for a play of which only the artist is known
    starts: Ids  # S + 1: session s is artist[starts[s] : starts[s + 1]]
    user: Ids  # S database ids
    ended: Ids  # S seconds since 1970, ascending

    @classmethod
    def cut(cls, plays: PlayColumns) -> Self:
        """Return the newest sessions of at least two plays; plays of unknown artists are left out."""
        kept = plays.artist >= 0
        user, artist, track, at = (part[kept] for part in plays)
        order = np.lexsort((at, user))
        user, artist, track, at = user[order], artist[order], track[order], at[order]
        first = np.ones(len(user), dtype=bool)
        first[1:] = (np.diff(user) != 0) | (np.diff(at) > GAP)
        starts = np.flatnonzero(_also_long(first))
        lengths = np.diff(np.append(starts, len(user)))
        ends = starts + lengths - 1
        chosen = np.flatnonzero(lengths > 1)
        chosen = chosen[np.argsort(at[ends[chosen]], kind="stable")][-_MOST:]
        rows = _ranges(starts[chosen], lengths[chosen])
        return cls(
            artist[rows].astype(np.int32),
            track[rows].astype(np.int32),
            np.concatenate([[0], np.cumsum(lengths[chosen])]).astype(np.int64),
            user[starts[chosen]].astype(np.int64),
            at[ends[chosen]].astype(np.int64),
        )

    def __len__(self) -> int:
        return len(self.user)

    @property
    def session(self) -> Ids:
        """The session of each play."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def plays(self, session: int) -> Item:
        """Return the plays of one session, in order."""
        rows = slice(self.starts[session], self.starts[session + 1])
        return Item(self.artist[rows], self.track[rows])

    def some(self, first: int, last: int) -> "Sequences":
        """Return the sessions from `first` up to, and without, `last`."""
        rows = slice(self.starts[first], self.starts[last])
        starts = self.starts[first : last + 1] - self.starts[first]
        return Sequences(
            self.artist[rows], self.track[rows], starts, self.user[first:last], self.ended[first:last]
        )


def _also_long(first: Mask) -> Mask:
    """Return the flags of first plays, with those where a session has grown too long."""
    rows = np.arange(len(first))
    began = np.maximum.accumulate(np.where(first, rows, 0)) if len(first) else rows
    return np.asarray((rows - began) % _LONGEST == 0)


def _ranges(starts: Ids, lengths: Ids) -> Ids:
    """Return the integers of some ranges, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths))
