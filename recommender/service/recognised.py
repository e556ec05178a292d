"""Recordings: which song of the catalogue an excerpt is from, by fingerprint."""

import numpy as np

from recommender.audio.fingerprints import Codes, find
from recommender.catalog.resolve import song_of
from recommender.types import Song
from storage.catalogue.heard_songs import HeardSongs
from storage.records import Subject
from storage.store import Store


def recorded(store: Store, excerpt: Codes) -> Song | None:
    """Return the song whose recording an excerpt is from, None if it is from none that was heard."""
    rows = list(HeardSongs(store.db).fingerprints())
    match = find(excerpt, [np.frombuffer(codes, dtype="<u4") for _, _, codes in rows])
    return None if match is None else song_of(store, Subject(*rows[match.row][:2]))
