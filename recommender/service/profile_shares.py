"""Profile shares: a user's plays by artist, genre, mood and decade, as plain counts.

Likes, one each, replace plays for users with more verdicts than plays.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Ids, Mask
from recommender.catalog.resolve import decade_named
from recommender.linalg import summed
from recommender.pipeline.user_profile import PlacedItems
from recommender.snapshot import Axis, Snapshot
from recommender.types import Share
from storage.records import Artist

_BARS = 8

Amounts = NDArray[np.float64]
NamesOf = Callable[[list[int]], dict[int, Artist]]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares from 0 to 1, largest first; `of` names the unit counted.

    Artist shares are of everything counted, the others of the part with a year.
    """

    of: Literal["plays", "likes"]
    artists: tuple[Share, ...]
    decades: tuple[Share, ...]


def shares_of(
    placed: PlacedItems,
    unwanted: frozenset[int],
    names_of: NamesOf,
    decades: Callable[[bool], dict[int, int]],
) -> Shares:
    """Return the shares of one user's items, but for those of tags.

    `unwanted` artists count but are not listed. `names_of` returns artists by id; `decades` returns the
    plays by decade, or the likes if it is called with True.
    """
    amount, of = _amount(placed)
    by_decade = {f"{decade}s": float(count) for decade, count in decades(of == "likes").items()}
    found = _largest(by_decade.items(), sum(by_decade.values()))
    return Shares(
        of,
        _by_artist(placed.items.artist, amount, unwanted, names_of),
        tuple(sorted(found, key=lambda share: share.name)),
    )


def tag_shares_of(snapshot: Snapshot, placed: PlacedItems) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Return the shares of genres, and of moods."""
    amount, _ = _amount(placed)
    feelings = np.zeros(len(snapshot.tags), dtype=bool)
    feelings[snapshot.feelings] = True
    genres = ~feelings & _no_decades(snapshot.tags)
    return _by_tag(snapshot, placed, amount, genres), _by_tag(snapshot, placed, amount, feelings)


def _amount(placed: PlacedItems) -> tuple[Amounts, Literal["plays", "likes"]]:
    """Return what counts of each item, and its unit."""
    plays, likes = placed.items.plays, placed.items.liked.astype(np.float64)
    is_heard = bool(plays.sum()) and plays.sum() >= likes.sum()
    return (plays, "plays") if is_heard else (likes, "likes")


@lru_cache(maxsize=1)
def _no_decades(tags: tuple[str, ...]) -> Mask:
    return np.array([decade_named(tag) != tag for tag in tags], dtype=bool)


def _by_artist(
    artists: Ids, amount: Amounts, unwanted: frozenset[int], names_of: NamesOf
) -> tuple[Share, ...]:
    found, where = np.unique(artists, return_inverse=True)
    amounts = np.bincount(where, amount, len(found))
    listed = np.where(np.isin(found, list(unwanted)), 0.0, amounts)
    best = np.argsort(-listed, kind="stable")[:_BARS]
    names = names_of(found[best].tolist())
    pairs = zip(found[best].tolist(), listed[best].tolist(), strict=True)
    return _largest(((names[one].name, each) for one, each in pairs), float(amount.sum()))


def _by_tag(snapshot: Snapshot, placed: PlacedItems, amount: Amounts, tags: Mask) -> tuple[Share, ...]:
    """Return the shares of the marked tags; a track without such a tag counts for its artist's."""
    by_song, told = _on_axis(snapshot.tracks, placed.tracks, amount, tags)
    by_artist, _ = _on_axis(snapshot.artists, placed.artists, np.where(told, 0.0, amount), tags)
    amounts = by_song + by_artist
    best = np.argsort(-amounts, kind="stable")[:_BARS].tolist()
    return _largest([(snapshot.tags[tag], float(amounts[tag])) for tag in best], float(amounts.sum()))


def _on_axis(axis: Axis, columns: Ids, amount: Amounts, tags: Mask) -> tuple[Amounts, Mask]:
    """Return the amount of each tag, 0 of those not marked, and a mask of the items with a marked tag."""
    if not len(axis.items):
        return np.zeros(len(tags)), np.zeros(len(columns), dtype=bool)
    rows = axis.item_tags[np.maximum(columns, 0)]
    data, lengths = rows.data * tags[rows.indices], np.diff(rows.indptr)
    owner = np.repeat(np.arange(len(columns)), lengths)
    sums = summed(owner, data, len(columns))
    told: Mask = (columns >= 0) & (sums > 0)
    weights = np.divide(amount, sums, out=np.zeros(len(columns)), where=told)
    return summed(rows.indices, data * weights[owner], len(tags)), told


def _largest(amounts: Iterable[tuple[str, float]], total: float) -> tuple[Share, ...]:
    largest = sorted(amounts, key=lambda pair: -pair[1])[:_BARS]
    return tuple(Share(name, amount / total) for name, amount in largest if amount > 0)
