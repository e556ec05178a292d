"""Opinions: loved and hated tracks of other services, as likes and dislikes in the log."""

from collections.abc import Iterable

from recommender.connections.source import MarkedSong
from storage.imports.names import clean
from storage.naming.text import fold
from storage.records import Event, Subject
from storage.services.connections import Connection, Connections
from storage.store import Store


def keep_opinions(connection: Connection, opinions: Iterable[MarkedSong], now: int, store: Store) -> None:
    """Store each as the user's like or dislike, once; `now` is in seconds since 1970."""
    for opinion in opinions:
        key = _key(connection, opinion)
        if not key or store.log.has(key):
            continue
        subject = _subject(store, opinion)
        # A verdict that stands, such as one given in chat, outweighs the service's.
        if store.log.verdict(connection.user_id, subject) is None:
            event = Event(key, connection.user_id, subject, opinion.kind, connection.source, at=opinion.at)
            store.log.append(event, now=now)


def take_back_others(connection: Connection, opinions: Iterable[MarkedSong], now: int, store: Store) -> None:
    """Take back verdicts from this connection that no longer exist at the service."""
    standing = {key for opinion in opinions if (key := _key(connection, opinion))}
    for key, event_id in Connections(store.db).opinions(connection).items():
        if key not in standing:
            store.log.undo(
                event_id, key=f"{key}:undo", user_id=connection.user_id, source=connection.source, now=now
            )


def _key(connection: Connection, opinion: MarkedSong) -> str:
    """Return a stable key of an opinion; "" without usable names."""
    artist, title = fold(clean(opinion.artist).text), fold(clean(opinion.title).text)
    if not artist or not title:
        return ""
    whose = f"{connection.source}:{connection.platform}:{connection.external_id}"
    return f"{whose}:{opinion.kind}:{opinion.at or 0}:{artist}:{title}"


def _subject(store: Store, opinion: MarkedSong) -> Subject:
    for scheme, value in opinion.track_ids:
        if scheme == "spotify" and (known := store.music.by_external_id(scheme, value)):
            return known
    artist_id = store.music.ensure_artist(clean(opinion.artist).text, listed=False)
    track_id = store.music.ensure_track(artist_id, clean(opinion.title).text, listed=False)
    for scheme, value in opinion.track_ids:
        store.music.add_track_id(track_id, scheme, value)
    return Subject(artist_id, track_id)
