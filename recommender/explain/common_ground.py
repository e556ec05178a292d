"""Common ground: what makes one item a reason for another that a fan would accept.

A shared mood alone is none: two songs need a related artist, a genre of the same family, or listeners in
common.
"""

import numpy as np

from recommender.arrays import Ints, Mask
from recommender.explain import SMALLEST_CROWD
from recommender.explain.overlap import in_common
from recommender.snapshot import Snapshot
from storage.records import Subject


def has_common_ground(snapshot: Snapshot, one: Subject, other: Subject) -> bool:
    """Tell whether one item is a reason for another."""
    if one.artist_id == other.artist_id:
        return True
    first, second = _columns(snapshot, one), _columns(snapshot, other)
    if first[0] < 0 or second[0] < 0:
        return False
    if related_to(snapshot, np.array(second[:1], dtype=np.int32), first[0]).any():
        return True
    of_genre = snapshot.families.of_one(*first) & snapshot.families.of_one(*second)
    return bool(of_genre) or in_common(snapshot, one, other) >= SMALLEST_CROWD


def related_to(snapshot: Snapshot, artists: Ints, other: int) -> Mask:
    """Tell of which artists (columns) it is known that their fans like another one, or the reverse."""
    relations = snapshot.artists.related
    return (
        np.zeros(len(artists), dtype=bool) if relations is None else np.isin(artists, relations.around(other))
    )


def _columns(snapshot: Snapshot, subject: Subject) -> tuple[int, int]:
    """Return the columns of an artist and of the track, -1 for none."""
    track = -1 if subject.track_id is None else snapshot.tracks.items.column(subject.track_id)
    return snapshot.artists.items.column(subject.artist_id), track
