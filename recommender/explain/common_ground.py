"""Common ground: what makes one item a reason for another that a fan would accept.

A shared mood alone is none: two songs need a related artist, a genre of the same family, listeners in common,
or a sound that is alike in words.
"""

import numpy as np

from recommender.explain import SMALLEST_CROWD
from recommender.explain.heard_words import LEAST_WORDS, heard_in_both
from recommender.explain.overlap import in_common
from recommender.explain.shared_traits import SongColumns, same_family
from recommender.snapshot import Snapshot
from storage.records import Subject


def has_common_ground(snapshot: Snapshot, one: Subject, other: Subject) -> bool:
    """Tell whether one item is a reason for another."""
    if one.artist_id == other.artist_id:
        return True
    first, second = _columns(snapshot, one), _columns(snapshot, other)
    if first.artists[0] < 0 or second.artists[0] < 0:
        return False
    if relates(snapshot, int(first.artists[0]), int(second.artists[0])):
        return True
    if len(heard_in_both(snapshot, int(first.tracks[0]), int(second.tracks[0]))) >= LEAST_WORDS:
        return True
    return (
        bool(same_family(snapshot, first, second)[0, 0]) or in_common(snapshot, one, other) >= SMALLEST_CROWD
    )


def relates(snapshot: Snapshot, one: int, other: int) -> bool:
    """Tell whether it is known that fans of one artist (columns) like the other."""
    relations = snapshot.artists.related
    return relations is not None and (relations.relates(one, other) or relations.relates(other, one))


def _columns(snapshot: Snapshot, subject: Subject) -> SongColumns:
    track = -1 if subject.track_id is None else snapshot.tracks.items.column(subject.track_id)
    artist = snapshot.artists.items.column(subject.artist_id)
    return SongColumns(np.array([track], dtype=np.int32), np.array([artist], dtype=np.int32))
