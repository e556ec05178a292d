"""Feedback: the weight of a user's likes, plays, skips and dislikes of an item.

Each user and item has one number, the *weight*, in all matrices:

    w = log2(1 + P + 15 L + 3 V) - S / 2     and     w = -4  if the user dislikes the item

with P plays, L likes, V saved tracks and S skips, each decayed by age. log2, because play counts are
heavy-tailed (in public listening logs the median is some hundred, the maximum some hundred thousand); a like
counts as 15 plays, so that alone it weighs 4; a dislike mirrors a like; a saved track alone weighs 2, half a
like. The sign is the preference and the size the confidence of Hu, Koren and Volinsky, "Collaborative
Filtering for Implicit Feedback Datasets" (ICDM 2008), with c = 1 + alpha |w|.

| event         | half-life | reason                                              |
|---------------|-----------|-----------------------------------------------------|
| play          | 1 year    | habits change                                       |
| like          | 3 years   | it is deliberate                                    |
| saved track   | 3 years   | it is deliberate                                    |
| skip          | 30 days   | it is about the moment more than about the track    |
| dislike       | never     | nobody wants to repeat it                           |
| totals        | never     | an import without times has no age                  |

On the artist axis a track's plays, likes and skips count for its artist; a disliked track counts as two skips
there, since one bad track is not a bad artist.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from storage.records import Kind

LIKE_PLAYS = 15.0
SAVE_PLAYS = 3.0
DISLIKE = -4.0
LONGEST = 20.0  # maximum weight, log2 of a million plays

_DAY = 86_400.0
_HALF_LIFE = {Kind.PLAY: 365.0, Kind.LIKE: 3 * 365.0, Kind.SAVE: 3 * 365.0, Kind.SKIP: 30.0}

CODES = {Kind.PLAY: 0, Kind.LIKE: 1, Kind.DISLIKE: 2, Kind.SKIP: 3, Kind.SAVE: 4}
"""The kinds with a weight, as small integers; all others (blocks) only filter."""

NO_TRACK = -1


class ListeningEvents(NamedTuple):
    """Standing events as columns of equal length, in log order."""

    user: NDArray[np.int64]
    artist: NDArray[np.int64]
    track: NDArray[np.int64]  # NO_TRACK if only the artist is known
    kind: NDArray[np.int8]  # CODES
    at: NDArray[np.float64]  # seconds since 1970, NaN if unknown
    plays: NDArray[np.float64]

    def only(self, kept: NDArray[np.bool_]) -> "ListeningEvents":
        """Return the marked events."""
        return ListeningEvents(
            self.user[kept],
            self.artist[kept],
            self.track[kept],
            self.kind[kept],
            self.at[kept],
            self.plays[kept],
        )


def latest_verdicts(log: ListeningEvents) -> ListeningEvents:
    """Return the log with only the last like or dislike of each user on each subject."""
    verdict = np.flatnonzero((log.kind == CODES[Kind.LIKE]) | (log.kind == CODES[Kind.DISLIKE]))
    if len(verdict) < 2:
        return log
    subject = log.user[verdict], log.artist[verdict], log.track[verdict]
    order = np.lexsort(subject[::-1])  # stable: equal subjects stay in log order
    same = np.ones(len(order) - 1, dtype=bool)
    for part in subject:
        same &= part[order[1:]] == part[order[:-1]]
    keep = np.ones(len(log.user), dtype=bool)
    keep[verdict[order[:-1][same]]] = False
    return log.only(keep)


class Amounts(NamedTuple):
    """Each event's amounts at one moment, decayed by age."""

    plays: NDArray[np.float64]  # including likes
    skips: NDArray[np.float64]
    dislikes: NDArray[np.float64]
    of_song: NDArray[np.float64]  # 1 for an event about a track, 0 for one about an artist alone

    def only(self, kept: NDArray[np.bool_]) -> "Amounts":
        """Return the amounts of the marked events."""
        return Amounts(*(part[kept] for part in self))


def amounts(log: ListeningEvents, now: float) -> Amounts:
    """Return the decayed amounts of a log, after `latest_verdicts`, at `now`.

    Ages are relative to `now` (seconds since 1970); an event without a time has age 0.
    """
    age = np.fmax(now - log.at, 0.0) / _DAY  # fmax: 0 if either is unknown
    faded = np.exp2(-age * _PER_DAY[log.kind])
    plays = np.where(log.kind == CODES[Kind.PLAY], log.plays, _LIKES[log.kind])
    return Amounts(
        faded * plays, faded * _SKIPS[log.kind], _DISLIKES[log.kind], 1.0 * (log.track != NO_TRACK)
    )


def weights(counted: Amounts, where: NDArray[np.intp], n: int, *, by_artist: bool) -> NDArray[np.float32]:
    """Return one weight per item for `n` items, given each event's item.

    `by_artist`: the items are artists, and a disliked track is no disliked artist.
    """
    dislikes, skips = counted.dislikes, counted.skips
    if by_artist:
        skips = skips + 2.0 * dislikes * counted.of_song
        dislikes = dislikes * (1.0 - counted.of_song)
    values = np.log2(1.0 + np.bincount(where, counted.plays, n)) - 0.5 * np.bincount(where, skips, n)
    values[np.bincount(where, dislikes, n) > 0] = DISLIKE
    answer: NDArray[np.float32] = np.minimum(np.maximum(values, DISLIKE), LONGEST).astype(np.float32)
    return answer


def _by_code(values: dict[Kind, float]) -> NDArray[np.float64]:
    return np.array([values.get(kind, 0.0) for kind in CODES])


_PER_DAY = _by_code({kind: 1.0 / days for kind, days in _HALF_LIFE.items()})
_LIKES = _by_code({Kind.LIKE: LIKE_PLAYS, Kind.SAVE: SAVE_PLAYS})
_SKIPS = _by_code({Kind.SKIP: 1.0})
_DISLIKES = _by_code({Kind.DISLIKE: 1.0})


def weigh(
    log: ListeningEvents,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    shape: tuple[int, int],
    *,
    by_artist: bool,
    now: float,
) -> csr_matrix:
    """Return the weights as a float32 CSR matrix of `shape`.

    `rows` and `columns` give each event of `log` (after `latest_verdicts`) its cell; events with a
    negative row or column are left out. `by_artist` and `now` are as in `weights` and `amounts`.
    """
    there = (rows >= 0) & (columns >= 0)
    cells, where = np.unique(rows[there] * shape[1] + columns[there], return_inverse=True)
    counted = amounts(log, now).only(there)
    values = weights(counted, where, len(cells), by_artist=by_artist)
    matrix = coo_matrix((values, (cells // shape[1], cells % shape[1])), shape=shape).tocsr()
    matrix.eliminate_zeros()
    return matrix
