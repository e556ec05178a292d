"""Overlap: the number of users of both of two tracks or artists."""

import numpy as np

from recommender.linalg import entries
from recommender.snapshot import Axis, Snapshot
from storage.records import Subject


def in_common(snapshot: Snapshot, one: Subject, other: Subject) -> int:
    """Return the number of users of both tracks, or else of both artists."""
    artists = _both(snapshot.artists, one.artist_id, other.artist_id)
    if one.track_id is None or other.track_id is None:
        return artists
    return _both(snapshot.tracks, one.track_id, other.track_id) or artists


def _both(axis: Axis, one: int, other: int) -> int:
    columns = axis.items.column(one), axis.items.column(other)
    known = axis.popularity
    if known is None or min(columns) < 0 or one == other:
        return 0
    first, second = (entries(known.item_users, np.array([c], dtype=np.int32)).column for c in columns)
    return len(np.intersect1d(first, second))
