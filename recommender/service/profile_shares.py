"""Profile shares: a user's plays by artist, genre, mood and decade, as plain counts.

Likes, one each, replace plays for users with more verdicts than plays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Ids, Ints
from recommender.catalog.resolve import decade_named
from recommender.feedback import CODES, ListeningEvents
from recommender.snapshot import Axis, Snapshot
from recommender.types import Share
from storage.records import Kind, Track

_BARS = 8

Amounts = NDArray[np.float64]


class Counted(NamedTuple):
    """A log after `latest_verdicts`, with its columns and the amount of each event."""

    log: ListeningEvents
    artists: Ids  # columns on the artist axis, -1 if unknown
    tracks: Ids  # columns on the track axis, -1 if unknown
    amount: Amounts


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares from 0 to 1, largest first; `of` names the unit counted.

    Artist shares are of everything counted, the others of the part with a genre, a mood or a year.
    """

    of: Literal["plays", "likes"]
    artists: tuple[Share, ...]
    genres: tuple[Share, ...]
    moods: tuple[Share, ...]
    decades: tuple[Share, ...]


def shares_of(
    snapshot: Snapshot,
    placed: tuple[ListeningEvents, Ids, Ids],
    unwanted: frozenset[int],
    names: Mapping[int, str],
    tracks: Mapping[int, Track],
) -> Shares:
    """Return the shares of one user's log.

    `placed`: the log and its columns. `unwanted` artists count but are not listed. `names` and `tracks`:
    artists and tracks by id.
    """
    log = placed[0]
    plays = np.where(log.kind == CODES[Kind.PLAY], log.plays, 0.0)
    likes = (log.kind == CODES[Kind.LIKE]).astype(np.float64)
    is_heard = bool(plays.sum()) and plays.sum() >= likes.sum()
    counted = Counted(*placed, plays if is_heard else likes)
    feelings = np.isin(np.arange(len(snapshot.tags)), snapshot.feelings)
    genres = ~feelings & np.array([decade_named(tag) != tag for tag in snapshot.tags], dtype=bool)
    return Shares(
        "plays" if is_heard else "likes",
        _by_artist(counted, unwanted, names),
        _by_tag(snapshot, counted, np.flatnonzero(genres).astype(np.int32)),
        _by_tag(snapshot, counted, np.flatnonzero(feelings).astype(np.int32)),
        _by_decade(counted, tracks),
    )


def _by_artist(counted: Counted, unwanted: frozenset[int], names: Mapping[int, str]) -> tuple[Share, ...]:
    total, amounts = counted.amount.sum(), _summed(counted.log.artist, counted.amount)
    wanted = ((names[artist], amount) for artist, amount in amounts.items() if artist not in unwanted)
    return _largest(wanted, total)


def _by_decade(counted: Counted, tracks: Mapping[int, Track]) -> tuple[Share, ...]:
    by_decade: defaultdict[str, float] = defaultdict(float)
    for track_id, amount in _summed(counted.log.track, counted.amount).items():
        year = tracks[track_id].year if track_id in tracks else None
        if year:
            by_decade[f"{year // 10 * 10}s"] += amount
    found = _largest(by_decade.items(), sum(by_decade.values()))
    return tuple(sorted(found, key=lambda share: share.name))


def _by_tag(snapshot: Snapshot, counted: Counted, tags: Ints) -> tuple[Share, ...]:
    """Return the shares of some tag columns; a track without tags counts for its artist's."""
    by_song, told = _on_axis(snapshot.tracks, counted.tracks, counted.amount, tags)
    by_artist, _ = _on_axis(snapshot.artists, counted.artists, np.where(told, 0.0, counted.amount), tags)
    amounts = by_song + by_artist
    named = zip((snapshot.tags[tag] for tag in tags), amounts.tolist(), strict=True)
    return _largest(named, amounts.sum())


def _on_axis(axis: Axis, columns: Ids, amount: Amounts, tags: Ints) -> tuple[Amounts, NDArray[np.bool_]]:
    """Return the amount of each tag, and a mask of the events with a tag among them."""
    rows = axis.item_tags[np.maximum(columns, 0)][:, tags] if len(axis.items) else None
    if rows is None:
        return np.zeros(len(tags)), np.zeros(len(columns), dtype=bool)
    sums = np.asarray(rows.sum(axis=1)).ravel()
    told = (columns >= 0) & (sums > 0)
    weights = np.divide(amount, sums, out=np.zeros(len(columns)), where=told)
    return np.asarray(rows.T @ weights).ravel(), told


def _summed(ids: Ids, amount: Amounts) -> dict[int, float]:
    found, where = np.unique(ids, return_inverse=True)
    return dict(zip(found.tolist(), np.bincount(where, amount, len(found)).tolist(), strict=True))


def _largest(amounts: Iterable[tuple[str, float]], total: float) -> tuple[Share, ...]:
    largest = sorted(amounts, key=lambda pair: -pair[1])[:_BARS]
    return tuple(Share(name, amount / total) for name, amount in largest if amount > 0)
