"""What a like, a play, a skip is worth.

One number per listener and item, the *weight*, feeds every matrix:

    w = log2(1 + P + 15 L) - S / 2     and     w = -4  where the listener dislikes the item

with P plays, L likes and S skips, each halved by age.  log2 because play counts are heavy-tailed (the median
in public listening logs is some hundred, the maximum some hundred thousand); a like counts as 15 plays, so
that it weighs 4 alone; a dislike mirrors a like.  A sign says what is preferred, the size how sure we are:
the preference and confidence of Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback
Datasets" (ICDM 2008), with c = 1 + alpha |w|.

| what          | half-life | because                                             |
|---------------|-----------|-----------------------------------------------------|
| a play        | 1 year    | habits change                                       |
| a like        | 3 years   | it was said on purpose                              |
| a skip        | 30 days   | it is about the moment more than about the song     |
| a dislike     | never     | nobody wants to say it twice                        |
| totals        | never     | an import without times cannot age                  |

On the artist axis a song's plays, likes and skips count for its artist; a disliked song counts there as two
skips, because one bad song is not a bad artist.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from storage.records import Kind

LIKE_PLAYS = 15.0
DISLIKE = -4.0
LONGEST = 20.0  # no weight above: log2 of a million plays

_DAY = 86_400.0
_HALF_LIFE = {Kind.PLAY: 365.0, Kind.LIKE: 3 * 365.0, Kind.SKIP: 30.0}

CODES = {Kind.PLAY: 0, Kind.LIKE: 1, Kind.DISLIKE: 2, Kind.SKIP: 3}
"""The kinds that weigh, as small integers; all others (blocks) only filter."""

NO_TRACK = -1


class Listening(NamedTuple):
    """Standing events as columns of equal length, in the order of the log."""

    user: NDArray[np.int64]
    artist: NDArray[np.int64]
    track: NDArray[np.int64]  # NO_TRACK where only the artist is known
    kind: NDArray[np.int8]  # CODES
    at: NDArray[np.float64]  # seconds since 1970, NaN where unknown
    plays: NDArray[np.float64]


def latest_verdicts(log: Listening) -> Listening:
    """Return the log with only the last like or dislike of each listener on each subject."""
    verdict = np.flatnonzero((log.kind == CODES[Kind.LIKE]) | (log.kind == CODES[Kind.DISLIKE]))
    if not len(verdict):
        return log
    subject = np.stack([log.user[verdict], log.artist[verdict], log.track[verdict]], axis=1)
    # np.unique keeps the first of equals: reversed, that is the last in the log.
    _, last = np.unique(subject[::-1], axis=0, return_index=True)
    keep = np.ones(len(log.user), dtype=bool)
    keep[verdict] = False
    keep[verdict[len(verdict) - 1 - last]] = True
    return Listening(
        log.user[keep], log.artist[keep], log.track[keep], log.kind[keep], log.at[keep], log.plays[keep]
    )


def weigh(
    log: Listening,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    shape: tuple[int, int],
    *,
    by_artist: bool,
    now: float,
) -> csr_matrix:
    """Return the weights as a float32 CSR matrix of `shape`.

    `rows` and `columns` give each event of `log` (already through `latest_verdicts`) its cell; events with a
    negative row or column are left out.  `by_artist` says that columns are artists, where a disliked song
    is not a disliked artist.  `now` (seconds since 1970) is the moment ages are counted from.
    """
    age = np.maximum(np.nan_to_num((now - log.at) / _DAY, nan=0.0), 0.0)
    song_disliked = (log.kind == CODES[Kind.DISLIKE]) & (log.track != NO_TRACK) & by_artist
    plays = _faded(log, Kind.PLAY, age) * log.plays + _faded(log, Kind.LIKE, age) * LIKE_PLAYS
    skips = _faded(log, Kind.SKIP, age) + 2.0 * song_disliked
    disliked = (log.kind == CODES[Kind.DISLIKE]) & ~song_disliked

    there = (rows >= 0) & (columns >= 0)
    cells, where = np.unique(rows[there] * shape[1] + columns[there], return_inverse=True)

    def total(amount: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(where, weights=amount[there], minlength=len(cells)).astype(np.float64)

    weights = np.log2(1.0 + total(plays)) - 0.5 * total(skips)
    weights[total(disliked.astype(np.float64)) > 0] = DISLIKE
    weights = np.clip(weights, DISLIKE, LONGEST).astype(np.float32)
    matrix = coo_matrix((weights, (cells // shape[1], cells % shape[1])), shape=shape).tocsr()
    matrix.eliminate_zeros()
    return matrix


def _faded(log: Listening, kind: Kind, age: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what one event of `kind` still counts, 1 when new, 0 for the other kinds."""
    return np.where(log.kind == CODES[kind], np.exp2(-age / _HALF_LIFE[kind]), 0.0)
