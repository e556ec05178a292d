"""A made-up world of any size: names out of syllables, and popularity as skewed as in real listening logs."""

from itertools import islice, product
from pathlib import Path

import numpy as np

from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

USERS = 10_000
PLAYS_PER_USER = 100
TRACKS_PER_ARTIST = 10
TAGS = 200
NOW = 1_700_000_000
_SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
_SLICE = 5_000


def build(path: Path, tracks: int, *, users: int = USERS) -> None:
    """Make a database of `tracks` tracks, a tenth as many artists, and `users` people with 100 plays each."""
    rng = np.random.default_rng(tracks)
    vocabulary = _vocabulary(min(300_000, tracks))
    n_artists = max(tracks // TRACKS_PER_ARTIST, 1)
    with Writer(path) as writer:
        tags = writer.write(_tags).result()
        for first in range(0, n_artists, _SLICE // TRACKS_PER_ARTIST):
            names = range(first, min(first + _SLICE // TRACKS_PER_ARTIST, n_artists))
            writer.write(lambda store, names=names: _artists(store, names, vocabulary, tags, rng)).result()
        for first in range(0, users, 100):
            fans = range(first, min(first + 100, users))
            writer.write(lambda store, fans=fans: _fans(store, fans, tracks, rng)).result()


def _tags(store: Store) -> list[int]:
    return [store.music.ensure_tag(f"genre {n}", "genre") for n in range(TAGS)]


def _vocabulary(n: int) -> list[str]:
    return ["".join(parts) for parts in islice(product(_SYLLABLES, repeat=3), 0, None, 9)][:n]


def _zipf(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Return `size` ranks below `n`, rank r with a probability near 1 / (r + 10): a head and a long tail."""
    return np.minimum(10.0 * (n / 10.0 + 1.0) ** rng.random(size) - 10.0, n - 1).astype(np.int64)


def _artists(
    store: Store, numbers: range, vocabulary: list[str], tags: list[int], rng: np.random.Generator
) -> None:
    words = _zipf(rng, len(vocabulary), len(numbers) * TRACKS_PER_ARTIST * 3).reshape(-1, 3)
    for row, number in enumerate(numbers):
        name = f"{vocabulary[number % len(vocabulary)]} {vocabulary[number * 7919 % len(vocabulary)]}"
        artist = store.music.ensure_artist(f"{name} {number}")
        genre = int(_zipf(rng, TAGS, 1)[0])
        store.music.tag_artist(artist, tags[genre], "bench", 10.0)
        for song in range(TRACKS_PER_ARTIST):
            title = " ".join(vocabulary[word] for word in words[row * TRACKS_PER_ARTIST + song])
            track = store.music.ensure_track(artist, f"{title} {song}", year=1950 + number % 75)
            store.music.tag_track(track, tags[genre], "bench", 1.0)
            store.music.tag_track(track, tags[int(rng.integers(TAGS))], "bench", 1.0)


def _fans(store: Store, numbers: range, tracks: int, rng: np.random.Generator) -> None:
    for number in numbers:
        user = store.people.ensure(Account("bench", str(number), f"fan {number}"), now=NOW)
        # Three in four plays are from one's own corner of the catalogue.
        corner = int(rng.integers(tracks))
        anywhere = _zipf(rng, tracks, PLAYS_PER_USER)
        near = (corner + _zipf(rng, max(tracks // 20, 1), PLAYS_PER_USER)) % tracks
        chosen = np.unique(np.where(rng.random(PLAYS_PER_USER) < 0.75, near, anywhere)) + 1
        for track in chosen.tolist():
            artist = (track - 1) // TRACKS_PER_ARTIST + 1  # ids count up as they are made
            plays = int(rng.integers(1, 100))
            event = Event(f"b{number}-{track}", user, Subject(artist, track), Kind.PLAY, "bench", NOW, plays)
            store.log.append(event, now=NOW)
