"""Name search: suggestions leave out what the community blocks, and what another user alone brought."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from recommender.catalog.resolve import best_known, from_match, resolve, song_of
from recommender.slates.place_rules import allowed
from recommender.types import Resolution, Song
from storage.records import Subject
from storage.search import Search
from storage.search.offers import offered
from storage.store import Store


def meant(store: Store, text: str, place: int | None, user_id: int | None) -> Resolution:
    """Resolve `text` for a user, None for a stranger.

    Suggestions exclude what the community `place` blocks and what other users alone brought; an exact match
    is returned regardless: who types a whole name knows it.
    """
    found = resolve(store, text)
    if found.corrected and found.song is not None and not _offered(store, [found.song], user_id):
        return Resolution(None)
    return replace(found, others=_offered(store, allowed(store, place, found.others), user_id))


def named(store: Store, text: str, place: int | None) -> tuple[Song, ...]:
    """Return the tracks and artists named exactly `text`; of several, none that `place` blocks."""
    found = tuple(from_match(match) for match in Search(store).named(text))
    return found if len(found) < 2 else allowed(store, place, found)


NameKind = Literal["", "artist", "song"]


def name_kinds(store: Store) -> Callable[[str], NameKind]:
    """Return a function that tells whether a text is exactly the name of an artist, or else of a song."""
    search = Search(store)

    def kind(text: str) -> NameKind:
        found = search.named(text)
        if not found:
            return ""
        return "artist" if any(match.subject.track_id is None for match in found) else "song"

    return kind


def completed(store: Store, text: str, n: int, place: int | None, user_id: int | None) -> list[Song]:
    """Return at most `n` tracks and artists for autocompletion that `place` and the user may be offered."""
    # Fetch more than `n`, since some may not be offered.
    matches = Search(store).complete(text, 2 * n)
    songs = _offered(store, [from_match(match) for match in matches], user_id)
    return list(allowed(store, place, songs)[:n])


def song_for(store: Store, subject: Subject, user_id: int | None) -> Song:
    """Return a track or artist; raise KeyError if there is none that the user, None for any, may see."""
    song = song_of(store, subject)
    if user_id is not None and not _offered(store, [song], user_id):
        raise KeyError(subject)
    return song


def songs_by(store: Store, artist_id: int, n: int, user_id: int | None) -> tuple[Song, ...]:
    """Return up to `n` of an artist's best-known songs that the user, None for any, may see."""
    return _offered(store, best_known(store, Subject(artist_id), n), user_id)


def _offered(store: Store, songs: Iterable[Song], user_id: int | None) -> tuple[Song, ...]:
    found = tuple(songs)
    subjects = offered(store.db, (song.subject for song in found), user_id)
    return tuple(song for song in found if song.subject in subjects)
