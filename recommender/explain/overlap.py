"""Overlap: the number of users of both of two tracks or artists."""

import numpy as np

from recommender.snapshot import Axis, Snapshot
from storage.records import Subject


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
