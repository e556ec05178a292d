"""Names: what a text means, what may be offered of it, and the songs behind it.

Suggestions leave out what the community blocks, and what another user alone brought.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Literal, TypeVar

from recommender.audio.fingerprints import Codes
from recommender.catalog.resolve import best_known, decade_named, from_match, resolve, song_of
from recommender.errors import NotKnown
from recommender.service.recognised import recorded
from recommender.slates.place_rules import allowed
from recommender.types import Listener, Resolution, Song
from storage.records import Account, Subject
from storage.search import Search
from storage.search.offers import offered
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")
NameKind = Literal["", "artist", "song"]


class Names:
    """Verbs on names and the songs that they stand for: `music.names`."""

    def __init__(self, read: RunsWork, write: RunsWork, tags: Callable[[], Collection[str]]) -> None:
        """`read` and `write` run work on their threads; `tags` returns those that the snapshot knows."""
        self._read, self._write, self._tags = read, write, tags

    async def resolve(self, text: str, place: int | None = None, *, asker: int | None = None) -> Resolution:
        """Resolve a name, "artist - title", link or ISRC; empty if nothing is close enough.

        Suggestions exclude what the community `place` blocks and what users other than `asker` alone
        brought; an exact match is returned regardless.
        """
        return await self._read(lambda store: _meant(store, text, place, asker))

    async def named(self, text: str, place: int | None = None) -> tuple[Song, ...]:
        """Return at most 5 tracks and artists with exactly this name, best first, often none."""
        return await self._read(lambda store: _named(store, text, place))

    async def with_names(self, read: Callable[[Callable[[str], NameKind]], T]) -> T:
        """Return what `read` makes of a function that knows the names of artists and songs."""
        return await self._read(lambda store: read(_name_kinds(store)))

    async def complete(
        self,
        text: str,
        n: int = 25,
        place: int | None = None,
        *,
        asker: Account | None = None,
        user_id: int | None = None,
    ) -> list[Song]:
        """Return at most `n` tracks and artists for autocompletion.

        Those that the community `place` blocks, and those that users other than the asking one alone
        brought, are left out; `asker` or `user_id` tells who asks.
        """

        def found(store: Store) -> list[Song]:
            asking = user_id
            if asker is not None:
                asking = store.people.find(asker.platform, asker.external_id)
            return _completed(store, text, n, place, asking)

        return await self._read(found)

    async def song(self, subject: Subject, *, asker: int | None = None) -> Song:
        """Return a track or artist with its name; raise `NotKnown` if it is not in the catalogue.

        With an `asker`, who may have guessed the id, what other users alone brought is not known.
        """
        try:
            return await self._read(lambda store: _song_for(store, subject, asker))
        except KeyError as error:
            raise NotKnown("That song is no longer in the catalogue. Search for it by name.") from error

    async def songs_by(self, artist_id: int, n: int, *, asker: int | None = None) -> tuple[Song, ...]:
        """Return an artist's best-known songs, best known first; for `asker` see `song`."""
        return await self._read(lambda store: _songs_by(store, artist_id, n, asker))

    async def add(self, listener: Listener, artist: str, title: str | None) -> Song:
        """Add a track or artist to the catalogue, or return the existing one.

        It is removed again when the user is forgotten, unless other users have reacted to it.
        """
        return await self._write(
            lambda store: song_of(store, store.music.add_by_hand(listener.user_id, artist, title))
        )

    async def find_tag(self, name: str) -> str | None:
        """Return the genre, mood or decade that matches a word, None without a match."""
        if (decade := decade_named(name)) in self._tags():
            return decade
        return await self._read(lambda store: store.music.find_tag(name))

    async def recording(self, excerpt: Codes) -> Song | None:
        """Return the song of the catalogue whose recording an excerpt is from, None if there is none."""
        if not len(excerpt):
            return None
        return await self._read(lambda store: recorded(store, excerpt))


def _meant(store: Store, text: str, place: int | None, user_id: int | None) -> Resolution:
    """Resolve `text` for a user, None for a stranger.

    Suggestions exclude what the community `place` blocks and what other users alone brought; an exact match
    is returned regardless: who types a whole name knows it.
    """
    found = resolve(store, text)
    if found.corrected and found.song is not None and not _offered(store, [found.song], user_id):
        return Resolution(None)
    return replace(found, others=_offered(store, allowed(store, place, found.others), user_id))


def _named(store: Store, text: str, place: int | None) -> tuple[Song, ...]:
    """Return the tracks and artists named exactly `text`; of several, none that `place` blocks."""
    found = tuple(from_match(match) for match in Search(store).named(text))
    return found if len(found) < 2 else allowed(store, place, found)


def _name_kinds(store: Store) -> Callable[[str], NameKind]:
    """Return a function that tells whether a text is exactly the name of an artist, or else of a song."""
    search = Search(store)

    def kind(text: str) -> NameKind:
        found = search.named(text)
        if not found:
            return ""
        return "artist" if any(match.subject.track_id is None for match in found) else "song"

    return kind


def _completed(store: Store, text: str, n: int, place: int | None, user_id: int | None) -> list[Song]:
    """Return at most `n` tracks and artists for autocompletion that `place` and the user may be offered."""
    # Fetch more than `n`, since some may not be offered.
    matches = Search(store).complete(text, 2 * n)
    songs = _offered(store, [from_match(match) for match in matches], user_id)
    return list(allowed(store, place, songs)[:n])


def _song_for(store: Store, subject: Subject, user_id: int | None) -> Song:
    """Return a track or artist; raise KeyError if there is none that the user, None for any, may see."""
    song = song_of(store, subject)
    if user_id is not None and not _offered(store, [song], user_id):
        raise KeyError(subject)
    return song


def _songs_by(store: Store, artist_id: int, n: int, user_id: int | None) -> tuple[Song, ...]:
    """Return up to `n` of an artist's best-known songs that the user, None for any, may see."""
    return _offered(store, best_known(store, Subject(artist_id), n), user_id)


def _offered(store: Store, songs: Iterable[Song], user_id: int | None) -> tuple[Song, ...]:
    found = tuple(songs)
    subjects = offered(store.db, (song.subject for song in found), user_id)
    return tuple(song for song in found if song.subject in subjects)
