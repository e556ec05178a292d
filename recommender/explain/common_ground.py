"""Common ground: what makes one item a reason for another that a fan would accept.

A shared mood alone is none: two songs need a related artist, a genre of the same family, listeners in common,
or a sound that is alike in words.
"""

from collections.abc import Sequence

import numpy as np

from recommender.arrays import Ids, Ints, Mask
from recommender.explain import SMALLEST_CROWD
from recommender.explain.heard_words import LEAST_WORDS, heard_in_both
from recommender.snapshot import Axis, Snapshot
from storage.records import Subject


def have_common_ground(snapshot: Snapshot, pairs: Sequence[tuple[Subject, Subject]]) -> list[bool]:
    """Tell for each pair whether one item is a reason for the other."""
    if not pairs:
        return []
    ones, others = zip(*pairs, strict=True)
    (artists, tracks), (causes, songs) = snapshot.columns(ones), snapshot.columns(others)
    known = (artists >= 0) & (causes >= 0)
    akin = np.zeros(len(pairs), dtype=bool)
    of_ones = snapshot.families.both(artists[known], tracks[known])
    akin[known] = of_ones & snapshot.families.both(causes[known], songs[known]) != 0
    for row in np.flatnonzero(known & ~akin).tolist():
        akin[row] = (
            related_to(snapshot, artists[row : row + 1], int(causes[row]))[0]
            or len(heard_in_both(snapshot, int(tracks[row]), int(songs[row]))) >= LEAST_WORDS
            or in_common(snapshot, *pairs[row]) >= SMALLEST_CROWD
        )
    return [
        one.artist_id == other.artist_id or alike
        for (one, other), alike in zip(pairs, akin.tolist(), strict=True)
    ]


def related_to(snapshot: Snapshot, artists: Ints | Ids, other: int) -> Mask:
    """Tell of which artists (columns) it is known that their fans like another one, or the reverse."""
    relations = snapshot.artists.related
    if relations is None:
        return np.zeros(len(artists), dtype=bool)
    return np.asarray(np.isin(artists, relations.around(other)))


def in_common(snapshot: Snapshot, one: Subject, other: Subject) -> int:
    """Return the number of users of both tracks, or else of both artists."""
    of_tracks = 0
    if one.track_id is not None and other.track_id is not None:
        of_tracks = _both(snapshot.tracks, one.track_id, other.track_id)
    return of_tracks or _both(snapshot.artists, one.artist_id, other.artist_id)


def _both(axis: Axis, one: int, other: int) -> int:
    columns = axis.items.column(one), axis.items.column(other)
    known = axis.popularity
    if known is None or min(columns) < 0 or one == other:
        return 0
    starts = known.item_users.indptr
    few, many = sorted((known.item_users.indices[starts[c] : starts[c + 1]] for c in columns), key=len)
    if not len(few):
        return 0
    at = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return int(np.count_nonzero(many[at] == few))
