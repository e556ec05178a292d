"""Similar artists and their songs from ListenBrainz, in the background.

For artists that users here like or play, newest first: similar artists join the bundled related artists,
under a source of their own, and their most played songs join the catalogue.  The queue is in the database, so
that a restart resumes it and two processes share the work and the daily budget.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from recommender.catalog.background import keep_asking
from recommender.catalog.listenbrainz_data import ListenBrainzData, SimilarArtist, TopSong
from recommender.catalog.musicbrainz import MusicBrainz
from recommender.catalog.web import Missing, Refused
from recommender.errors import Unavailable
from storage.catalogue.related import LISTENBRAINZ as SOURCE
from storage.catalogue.related import MOST_FAMOUS, RelatedArtists
from storage.naming.placeholders import names_nobody
from storage.naming.text import fold
from storage.records import Subject
from storage.services.artist_errands import ArtistErrand, ArtistErrands
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")
log = logging.getLogger(__name__)

_LEASE = 600  # seconds until the next try for an artist without an answer
_ENOUGH_SONGS = 3  # per artist
_TITLES = 3  # songs to find an artist by
_REFRESHED = 120 * 86_400
_UNKNOWN = 30 * 86_400  # seconds until the next try for an artist that was not found
_REFUSED = 86_400
_PATIENCE = 20.0  # seconds from the first new data to a training
# Listeners of the best-known song at ListenBrainz (some 600,000 users) for the top class; each class below
# has a third of that.
_HOUSEHOLD_NAME, _NEXT_CLASS = 100_000, 3


class _Asked(NamedTuple):
    """The artist of an errand, with its known ids and name."""

    errand: ArtistErrand
    name: str
    mbid: str | None
    titles: tuple[str, ...]


class SimilarArtists:
    """The background task, from `start` to `close`."""

    def __init__(
        self,
        write: RunsWork,
        now: Callable[[], int],
        learn: Callable[[], bool],
        data: ListenBrainzData | None,
        brainz: MusicBrainz | None,
        *,
        daily: int,
        first_after: float = 10.0,
        rest: float = 30.0,
    ) -> None:
        """Take a client, None to ask nothing; `brainz` finds artist ids that `data` lacks.

        `learn` asks for a training and returns whether that is considered now; `daily` is the number of
        requests to ListenBrainz per day.
        """
        self._write, self._now, self._learn = write, now, learn
        self._data, self._brainz, self._daily = data, brainz, daily
        self._first_after, self._rest = first_after, rest
        self._warned = False
        self._news_at: float | None = None  # time of the oldest data not trained on yet
        self._patience = _PATIENCE
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start asking."""
        if self._data is not None and self._task is None:
            self._task = asyncio.create_task(self._serve(), name="similar artists")

    async def close(self) -> None:
        """Stop; unanswered questions stay in the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._data is not None:
            await asyncio.to_thread(self._data.close)

    async def _serve(self) -> None:
        await asyncio.sleep(self._first_after)
        await keep_asking(SOURCE, self.once, rest=self._rest)

    async def once(self) -> bool:
        """Ask about the next artist; return False if the queue is empty or the day's budget is spent."""
        data = self._data
        asked = None if data is None else await self._write(self._claimed)
        self._learn_news(idle=asked is None)
        if data is None or asked is None:
            return False
        before = data.requests
        try:
            keep, again = await asyncio.to_thread(self._answered, data, asked)
        except Unavailable:
            await self._done(asked.errand, data.requests - before, after=_LEASE)
            raise
        await self._done(asked.errand, data.requests - before, after=again, keep=keep)
        return True

    async def _done(
        self,
        errand: ArtistErrand,
        requests: int,
        *,
        after: int,
        keep: Callable[[Store], bool] | None = None,
    ) -> None:
        def done(store: Store) -> bool:
            errands, now = ArtistErrands(store.db), self._now()
            errands.spend(SOURCE, requests, now=now)
            if errand.artist_id not in store.music.artists([errand.artist_id]):
                return False  # deleted a moment ago
            errands.put_off(errand, until=now + after)
            return keep is not None and keep(store)

        if await self._write(done) and self._news_at is None:
            self._news_at = time.monotonic()

    def _learn_news(self, *, idle: bool) -> None:
        """Ask for trainings on the new data: soon after the first answer, then ever more rarely."""
        if self._news_at is None or not (idle or time.monotonic() - self._news_at >= self._patience):
            return
        if self._learn():
            self._news_at = None
            self._patience = _PATIENCE if idle else 2 * self._patience

    def _claimed(self, store: Store) -> _Asked | None:
        errands, now = ArtistErrands(store.db), self._now()
        if errands.spent(SOURCE, now=now) >= self._daily:
            return None
        errand = errands.claim(now=now, until=now + _LEASE)
        if errand is None:
            return None
        subject = Subject(errand.artist_id)
        return _Asked(
            errand,
            store.music.artist(errand.artist_id).name,
            Places(store.db).links([subject]).get(subject, {}).get("mbid"),
            tuple(track.title for track in store.music.tracks_of(errand.artist_id, _TITLES)),
        )

    def _answered(self, data: ListenBrainzData, asked: _Asked) -> tuple[Callable[[Store], bool], int]:
        """Return the part of the answer to store, and the seconds until the next question; blocks."""
        mbid = asked.mbid or self._found(data, asked)
        if mbid is None:
            return _nothing, _UNKNOWN
        artist_id = asked.errand.artist_id
        try:
            if asked.errand.task == "songs":
                songs = data.songs(mbid)
                return (lambda store: _keep_songs(store, artist_id, songs)), _REFRESHED
            similar = data.similar(mbid)
        except Missing:
            return _nothing, _UNKNOWN
        except Refused as refusal:
            level = logging.DEBUG if self._warned else logging.WARNING
            log.log(level, "ListenBrainz refuses a question (%d): see docs/services.md", refusal.status)
            self._warned = True
            return _nothing, _REFUSED
        return (lambda store: self._keep_similar(store, asked.errand, mbid, similar)), _REFRESHED

    def _found(self, data: ListenBrainzData, asked: _Asked) -> str | None:
        for title in asked.titles:
            if mbid := data.artist_mbid(asked.name, title):
                return mbid
        for title in asked.titles if self._brainz is not None else ():
            recording = self._brainz.recording(asked.name, title) if self._brainz else None
            if recording is not None:
                return recording.artist_mbid
        return None

    def _keep_similar(
        self, store: Store, errand: ArtistErrand, mbid: str, similar: list[SimilarArtist]
    ) -> bool:
        store.music.add_artist_id(errand.artist_id, "mbid", mbid)
        found = [artist for one in similar if (artist := _artist(store, one)) is not None]
        related = list(dict.fromkeys(artist for artist in found if artist != errand.artist_id))
        ArtistErrands(store.db).want_songs(
            related, rank=errand.rank, fewer_than=_ENOUGH_SONGS, now=self._now()
        )
        return RelatedArtists(store.db).relate(errand.artist_id, SOURCE, related)


def _nothing(store: Store) -> bool:
    del store
    return False


def _artist(store: Store, one: SimilarArtist) -> int | None:
    """Return the artist by id, else by name; None for a placeholder or a namesake of a known artist."""
    music, key = store.music, fold(one.name)
    known = music.by_external_id("mbid", one.mbid)
    if known is not None or names_nobody(key):
        return None if known is None or known.track_id is not None else known.artist_id
    artist_id = music.ensure_artist(one.name)
    if fold(music.artist(artist_id).name) != key:
        return artist_id  # another name, under which a band member may have a different id
    subject = Subject(artist_id)
    if "mbid" in Places(store.db).links([subject]).get(subject, {}):
        return None
    music.add_artist_id(artist_id, "mbid", one.mbid)
    return artist_id


def _keep_songs(store: Store, artist_id: int, songs: list[TopSong]) -> bool:
    music = store.music
    for song in songs:
        track_id = music.ensure_track(
            artist_id, song.title, album=song.album, year=song.year, duration_ms=song.length_ms
        )
        music.add_track_id(track_id, "mbid", song.mbid)
        for tag, weight in song.tags:
            music.tag_track(track_id, music.ensure_tag(tag, "genre"), SOURCE, weight)
    for tag, weight in songs[0].artist_tags if songs else ():
        music.tag_artist(artist_id, music.ensure_tag(tag, "genre"), SOURCE, weight)
    if songs:
        most = max(song.listeners for song in songs)
        RelatedArtists(store.db).set_fame(artist_id, SOURCE, fame_class(most))
    return bool(songs)


def fame_class(listeners: int) -> int:
    """Return an artist's class of fame, 1 to 5, from the number of people who play its best-known song.

    >>> [fame_class(listeners) for listeners in (129_454, 40_000, 12_000, 5_000, 70)]
    [5, 4, 3, 2, 1]
    """
    fame, least = MOST_FAMOUS, _HOUSEHOLD_NAME
    while fame > 1 and listeners < least:
        fame, least = fame - 1, least // _NEXT_CLASS
    return fame
