"""Now playing: plays that a platform reports as they happen, with the user's consent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from recommender.types import Listener
from storage.listening.listens import Listen
from storage.naming.credit_names import guests_in
from storage.records import Kind, Subject
from storage.search.matching import Matcher
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

SOURCE = "spotify-presence"
"""Source of these events; it is no chat, so /undo never takes back a play."""


@dataclass(frozen=True, slots=True)
class StatusSong:
    """A track in a user's status."""

    track_id: str  # Spotify's id
    title: str
    artists: tuple[str, ...]
    album: str
    began_at: int  # seconds since 1970
    ms_played: int  # at least: the time passed when it was recorded


class Plays:
    """Verbs on live plays: `music.plays`."""

    def __init__(self, write: RunsWork, now: Callable[[], int]) -> None:
        """`write` runs work on the writer's thread; `now` returns seconds since 1970."""
        self._write = write
        self._now = now

    async def heard(self, listener: Listener, heard: StatusSong, *, key: str) -> bool:
        """Record a play, adding an unknown track to the catalogue; False if the play is already stored."""

        def recorded(store: Store) -> bool:
            listen = Listen(
                key,
                listener.user_id,
                *_subject(store, heard),
                Kind.PLAY,
                heard.began_at,
                1,
                heard.ms_played,
                SOURCE,
            )
            return store.listens.add([listen], now=self._now()) > 0

        return await self._write(recorded)


def _subject(store: Store, heard: StatusSong) -> Subject:
    ids = (("spotify", heard.track_id),)
    found = Matcher(store).track("; ".join(heard.artists), heard.title, ids)
    if found is None:
        artist_id = store.music.ensure_artist(heard.artists[0], listed=False)
        track_id = store.music.ensure_track(artist_id, heard.title, album=heard.album or None, listed=False)
        store.music.add_track_id(track_id, "spotify", heard.track_id)
        found = Subject(artist_id, track_id)
    store.music.credit(found.track_id or 0, guests_in(heard.artists[1:]))
    return found
