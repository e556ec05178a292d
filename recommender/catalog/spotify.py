"""Spotify look-up of songs missing from the catalogue: by name, link or ISRC.

Answers are cached for a day, the most that Spotify's terms allow; names and ids of songs that a user asked
for stay, as for any song that a user adds.  If Spotify fails, the catalogue answers alone.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from rapidfuzz import fuzz, process

from recommender.catalog.line import Line
from recommender.catalog.spotify_api import Closed, SignedOut, SpotifyApi, SpotifyTrack
from recommender.errors import NotKnown, Unavailable
from storage.catalogue.links import parse_link
from storage.naming.text import fold
from storage.records import Subject
from storage.services.outside import Outside
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")
log = logging.getLogger(__name__)

SERVICE = "spotify"
KEPT_SECONDS = 86_400
_PATIENCE = 2.5  # seconds a user waits for a look-up
_SAME = 90.0  # percent of letters in common, in any order of words, from which typed and found names match
_LONGEST = 200
_CLOSED_UNTIL = "spotify.closed_until"


class SpotifyCatalogue:
    """Verbs on Spotify's catalogue: `music.spotify`."""

    def __init__(
        self, read: RunsWork, write: RunsWork, now: Callable[[], int], api: Callable[[], SpotifyApi] | None
    ) -> None:
        """Take a factory for the client, called on first use; None without an app."""
        self._read, self._write, self._now = read, write, now
        self._make = api
        self._api: SpotifyApi | None = None
        self.line = Line("Spotify", clock=now, load=self._closed_until, save=self._close_until)

    async def teach(self, text: str) -> bool:
        """Look up a name, link or ISRC and add the song to the catalogue; return False if none was found.

        Never raises: if Spotify does not answer, nothing is found.
        """
        text = text.strip()[:_LONGEST]
        if self._make is None or not text:
            return False
        try:
            track = await self._meant(text)
        except (Unavailable, NotKnown) as error:
            log.info("Spotify was not asked: %s", error)
            return False
        if track is None:
            return False
        await self._write(lambda store: add(store, track, now=self._now()))
        return True

    @property
    def is_open(self) -> bool:
        """Whether there is an app."""
        return self._make is not None

    async def search(self, text: str) -> list[SpotifyTrack]:
        """Return tracks for a text, or for "isrc:" and an ISRC; raises the errors of `Line.ask`."""
        return await self._search(text, _PATIENCE)

    async def track(self, track_id: str) -> SpotifyTrack | None:
        """Return a track by its id, None if Spotify has none; raises the errors of `Line.ask`."""
        found = await self._asked(f"track:{track_id}", lambda api: _listed(api.track(track_id)))
        return found[0] if found else None

    async def find(self, artist: str, title: str, *, patience: float = _PATIENCE) -> SpotifyTrack | None:
        """Return a track by artist and title, None if Spotify has none; raises the errors of `Line.ask`."""
        found = await self._search(f"{artist} {title}", patience)
        return _best(found, f"{artist} {title}")

    async def close(self) -> None:
        """Close the connection."""
        if self._api is not None:
            self._api.close()

    async def _meant(self, text: str) -> SpotifyTrack | None:
        link = parse_link(text)
        if link is None:
            return _best(await self._search(text, _PATIENCE), text)
        if link.scheme == "spotify" and link.kind == "track":
            return await self.track(link.value)
        if link.scheme == "isrc":
            found = await self._search(f"isrc:{link.value}", _PATIENCE)
            return next((track for track in found if track.isrc in (None, link.value)), None)
        return None

    async def _search(self, text: str, patience: float) -> list[SpotifyTrack]:
        question = text if text.startswith("isrc:") else fold(text)
        if not question:
            return []
        return await self._asked(f"search:{question}", lambda api: api.search(text), patience)

    async def _asked(
        self, question: str, ask: Callable[[SpotifyApi], list[SpotifyTrack]], patience: float = _PATIENCE
    ) -> list[SpotifyTrack]:
        now = self._now()
        kept: list[dict[str, Any]] | None = await self._read(
            lambda store: Outside(store.db).answer(SERVICE, question, now=now)
        )
        if kept is not None:
            return [SpotifyTrack.from_json(one) for one in kept]
        found = await self.line.ask(lambda: self._fresh(ask), patience=patience)
        body = [track.to_json() for track in found]

        def keep(store: Store) -> None:
            Outside(store.db).keep_answer(SERVICE, question, body, now=now, seconds=KEPT_SECONDS)

        await self._write(keep)
        return found

    def _fresh(self, ask: Callable[[SpotifyApi], T]) -> T:
        """Ask; if a token expired early, ask once more with a new one."""
        if self._make is None:
            raise Unavailable("There is no Spotify app to ask as.")
        if self._api is None:
            self._api = self._make()
        try:
            try:
                return ask(self._api)
            except SignedOut:
                self._api.close()
                self._api = self._make()
                return ask(self._api)
        except (SignedOut, Closed) as error:  # a second try today would change nothing
            raise Unavailable(error.sentence, *error.values, retry_after=KEPT_SECONDS) from error

    async def _closed_until(self) -> float:
        kept = await self._read(lambda store: store.people.setting("app", 0, _CLOSED_UNTIL))
        return float(kept or 0.0)

    async def _close_until(self, moment: float) -> None:
        await self._write(lambda store: store.people.set_setting("app", 0, _CLOSED_UNTIL, str(moment)))


def add(store: Store, track: SpotifyTrack, *, now: int) -> Subject:
    """Add a track to the catalogue with its ids, and its cover for a day; return it."""
    known = store.music.by_external_id(SERVICE, track.id)
    if known is None or known.track_id is None:
        artist_id = store.music.ensure_artist(track.artists[0])
        track_id = store.music.ensure_track(artist_id, track.title)
        store.music.add_track_id(track_id, SERVICE, track.id)
        if track.isrc:
            store.music.add_track_id(track_id, "isrc", track.isrc)
        known = Subject(artist_id, track_id)
    store.music.list_song(*known)
    if track.cover and known.track_id is not None:
        Outside(store.db).keep_cover(known.track_id, track.cover, SERVICE, expires_at=now + KEPT_SECONDS)
    return known


def _listed(track: SpotifyTrack | None) -> list[SpotifyTrack]:
    return [] if track is None else [track]


def _best(found: list[SpotifyTrack], text: str) -> SpotifyTrack | None:
    """Return the track whose name matches the typed text, None without one."""
    wanted = fold(text).replace(" by ", " ")
    names = [fold(f"{track.artists[0]} {track.title}") for track in found]
    best = process.extractOne(wanted, names, scorer=fuzz.token_sort_ratio, score_cutoff=_SAME)
    return None if best is None else found[best[2]]
