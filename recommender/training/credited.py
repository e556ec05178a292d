"""Artist credits on other artists' music: "Drake & Future", "Umbrella (feat. JAY-Z)".

A name counts if it is an artist of the catalogue and no part of a longer artist name: blocking Earth does not
block "Earth, Wind & Fire".
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np

from recommender.arrays import Ints
from recommender.feedback.matrix import IdIndex
from storage.catalogue.music import Music
from storage.naming.credit_names import SAME_PEOPLE, is_band, names_in, parts
from storage.naming.text import fold


def credited(music: Music, artists: IdIndex, tracks: IdIndex) -> tuple[Ints, Ints]:
    """Return two K x 2 arrays of columns.

    (artist, artist crediting them) and (artist, track crediting them).
    """
    return _pairs(_on_artists(music), artists, artists), _pairs(_on_tracks(music), artists, tracks)


def _pairs(pairs: Iterable[tuple[int, int]], artists: IdIndex, others: IdIndex) -> Ints:
    found = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)
    columns = np.column_stack([artists.columns(found[:, 0]), others.columns(found[:, 1])])
    return columns[(columns >= 0).all(axis=1)].astype(np.int32)


def _on_artists(music: Music) -> Iterator[tuple[int, int]]:
    """Yield (artist id, id of an artist whose name credits them among several)."""
    joint = [
        (artist_id, _named(name, is_described)) for artist_id, name, is_described in music.joint_credits()
    ]
    known = music.artists_by_key({key for _, keys in joint for key in keys})
    for artist_id, keys in joint:
        for key in _whole(key for key in keys if key in known and known[key] != artist_id):
            yield known[key], artist_id


def _named(credit: str, is_described: bool) -> tuple[str, ...]:
    """Return the name keys in a credit; of an artist with a band (`is_described`) only the artist."""
    if not is_described:
        return tuple(key for key in names_in(credit) if not key.startswith(SAME_PEOPLE))
    first, second, *_ = parts(credit)
    return (fold(first.name),) if is_band(second) else ()


def _on_tracks(music: Music) -> Iterator[tuple[int, int]]:
    """Yield (artist id, id of a track that credits them besides its own artist)."""
    for track_id, rows in groupby(music.credited(), key=lambda row: row[0]):
        named = {key: artist_id for _, artist_id, key, owner in rows if key not in names_in(owner)}
        for key in _whole(named):
            yield named[key], track_id


def _whole(keys: Iterable[str]) -> list[str]:
    """Return the keys that are no part of another one."""
    found = list(keys)
    return [key for key in found if not any(f" {key} " in f" {other} " for other in found if other != key)]
