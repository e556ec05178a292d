"""Look-up of songs missing from the catalogue: external services, asked in order, within two seconds.

If a service has not answered after half a second, the next one is asked as well ("happy eyeballs", RFC 8305).
The first exact match wins; without one, the best results of all services are offered.  Late answers are
cached for the next look-up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from recommender.catalog.lookup.found import (
    MOST_FOUND,
    PATIENCE,
    FoundSong,
    Searched,
    Wanted,
    exact_artist,
    exact_song,
    likeness,
)
from recommender.catalog.lookup.keeping import add_ids, keep_artist, keep_one
from recommender.catalog.lookup.lookup_service import OnStore
from recommender.catalog.lookup.pages import LinkedPages
from recommender.errors import NotKnown, Unavailable
from recommender.types import Song
from storage.catalogue.links import parse_link
from storage.records import Link

log = logging.getLogger(__name__)

_HEAD_START = 0.5  # seconds before the next service is asked too
_LONGEST, _MOST_WORDS = 120, 12  # characters; a longer text is conversation, not a name
_OPEN_DATA = ("lb", "mb")
_STORES = {"deezer": "dz", "apple": "it"}  # stores with 30-second previews
_TITLES = {"youtube": "YouTube", "soundcloud": "SoundCloud", "isrc": "Deezer"}
# The services whose ids a link carries.
_OPENERS = {"deezer": ("dz",), "apple": ("it",), "spotify": ("sp",), "isrc": ("dz", "mb", "sp")}


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Result of a look-up.

    `song`: the exact match, already in the catalogue.  Without one, `others` are at most five candidates.
    """

    song: Song | None = None
    others: tuple[FoundSong, ...] = ()
    at: str = ""  # the service that found it, as displayed
    asked: tuple[str, ...] = ()  # services that answered
    silent: tuple[str, ...] = ()  # services that did not


NOT_ASKED = LookedUp()


class Lookup:
    """Verbs on look-ups: `music.connections.lookup`."""

    def __init__(
        self,
        sources: Sequence[Searched],
        pages: LinkedPages | None,
        write: OnStore,
        now: Callable[[], int],
        *,
        patience: float = PATIENCE,
        head_start: float = _HEAD_START,
    ) -> None:
        """Ask `sources` in this order, and `pages` for the names behind links (None: ask no page).

        `patience`: seconds for all of them.  `head_start`: seconds before the next one is asked too.
        """
        self._sources = {source.code: source for source in sources}
        self._pages, self._write, self._now = pages, write, now
        self._patience, self._head_start = patience, head_start
        self._running: set[asyncio.Task[list[FoundSong]]] = set()

    async def look(self, text: str) -> LookedUp:
        """Look up a name, link or ISRC; never raises, and takes at most `patience` seconds."""
        text, until = text.strip(), _clock() + self._patience
        link = parse_link(text)
        if link is not None:
            return await self._behind(link, until)
        if len(text) > _LONGEST or len(text.split()) > _MOST_WORDS:
            return NOT_ASKED
        return await self._named(Wanted.read(text), until)

    async def take(self, code: str, song_id: str) -> tuple[Song, str]:
        """Add an offered song to the catalogue; return it with the service that has it.

        Raises `NotKnown` if the service no longer has it or is switched off, `Unavailable` if it does not
        answer.
        """
        source = self._sources.get(code)
        found = None if source is None else await source.song(song_id)
        if source is None or found is None:
            raise NotKnown("I can no longer find that song. Type its name again: artist - title.")
        return await self._kept(found), source.title

    async def sample(self, song: Song, ids: Mapping[str, str]) -> FoundSong | None:
        """Return the song at a store with a 30-second preview of it, None without one; never raises.

        `ids`: the song's ids by scheme.  A store without one is searched by name, and the id is stored.
        """
        stores = {scheme: self._sources[code] for scheme, code in _STORES.items() if code in self._sources}
        known = {scheme: ids[scheme] for scheme in stores if scheme in ids}
        try:
            async with asyncio.timeout(self._patience):
                asks = [partial(_audible, stores[scheme], song_id) for scheme, song_id in known.items()]
                asks += [
                    partial(self._fresh, song, stores[scheme]) for scheme in stores if scheme not in known
                ]
                return await _first(asks)
        except (TimeoutError, Unavailable, NotKnown) as error:
            log.info("no 30 seconds of a song: %s", error)
        return None

    async def _fresh(self, song: Song, store: Searched) -> FoundSong | None:
        wanted, track_id = Wanted(song.label, song.artist, song.title or ""), song.subject.track_id
        found = exact_song(await store.search(wanted), wanted)
        if found is None or track_id is None:
            return None
        await self._write(lambda kept: add_ids(kept, track_id, found.ids))
        return await _audible(store, found.id)  # a preview found by a search may have expired

    async def close(self) -> None:
        """Stop waiting for answers."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for source in self._sources.values():
            await source.close()
        if self._pages is not None:
            await asyncio.to_thread(self._pages.close)

    # --- links ------------------------------------------------------------------------------------------

    async def _behind(self, link: Link, until: float) -> LookedUp:
        try:
            async with asyncio.timeout_at(until):
                opened = await self._opened(link)
                if isinstance(opened, FoundSong):
                    song = await self._kept(opened, _id_of(link))
                    return LookedUp(song, at=self._sources[opened.source].title)
                name = await self._page_name(link)
                if isinstance(name, Link) and name.scheme == link.scheme and name != link:
                    return await self._behind(name, until)
        except (TimeoutError, Unavailable, NotKnown) as error:
            log.info("a link of %s was not resolved: %s", link.scheme, error)
            title = _TITLES.get(link.scheme, link.scheme.title())
            return LookedUp(asked=(title,)) if isinstance(error, NotKnown) else LookedUp(silent=(title,))
        return await self._named(name, until, _id_of(link)) if isinstance(name, Wanted) else NOT_ASKED

    async def _opened(self, link: Link) -> FoundSong | None:
        """Return the song of a link, from the service whose ids it carries."""
        if link.kind != "track":
            return None
        song_id = f"isrc:{link.value}" if link.scheme == "isrc" else link.value
        codes = _OPENERS.get(link.scheme, ())
        known = [self._sources[code] for code in codes if code in self._sources]
        return await _first([partial(source.song, song_id) for source in known])

    async def _page_name(self, link: Link) -> Wanted | Link | None:
        if link.words:
            return Wanted.read(link.words)
        return None if self._pages is None else await asyncio.to_thread(self._pages.name, link)

    # --- names ------------------------------------------------------------------------------------------

    async def _named(self, wanted: Wanted, until: float, ids: Sequence[tuple[str, str]] = ()) -> LookedUp:
        answers = await self._answers(wanted, until)
        titles = {code: self._sources[code].title for code in answers}
        asked = tuple(titles[code] for code, found in answers.items() if found is not None)
        silent = tuple(titles[code] for code, found in answers.items() if found is None)
        said = {code: found for code, found in answers.items() if found}
        for code, found in said.items():
            if (song := exact_song(found, wanted)) is not None:
                kept = await self._kept(await self._whole(song, until), ids)
                return LookedUp(kept, at=titles[code], asked=asked, silent=silent)
            if theirs := exact_artist(found, wanted):
                return LookedUp(await self._kept_artist(theirs), at=titles[code], asked=asked, silent=silent)
        if not said:
            return LookedUp(asked=asked, silent=silent)
        # Stores list first what most people mean.
        code = max(said, key=lambda code: (_best(said[code], wanted), code not in _OPEN_DATA))
        return LookedUp(others=tuple(said[code][:MOST_FOUND]), at=titles[code], asked=asked, silent=silent)

    async def _answers(self, wanted: Wanted, until: float) -> dict[str, list[FoundSong] | None]:
        """Return each service's results in order, None for one that did not answer in time."""
        waiting = deque(source for source in self._sources.values() if source.suits(wanted))
        answers: dict[str, list[FoundSong] | None] = dict.fromkeys(source.code for source in waiting)
        running: dict[asyncio.Task[list[FoundSong]], str] = {}
        while (waiting or running) and (left := until - _clock()) > 0:
            if waiting:
                source = waiting.popleft()
                running[self._begun(source, wanted)] = source.code
            timeout = min(self._head_start, left) if waiting else left
            done, _ = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                code = running.pop(task)
                answers[code] = _result(task)
            if any(_is_it(answers[code], wanted) for code in answers):
                break
        begun = answers.keys() - {source.code for source in waiting}
        return {code: found for code, found in answers.items() if code in begun}

    def _begun(self, source: Searched, wanted: Wanted) -> asyncio.Task[list[FoundSong]]:
        """Return a search that continues, and is cached, even if no user waits for it any more."""
        task = asyncio.create_task(source.search(wanted), name=f"lookup-{source.code}")
        self._running.add(task)
        task.add_done_callback(partial(self._ended, source.code))
        return task

    def _ended(self, code: str, task: asyncio.Task[list[FoundSong]]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Unavailable | NotKnown):
            log.info("%s did not look a name up: %s", code, error)
        elif error is not None:
            log.error("%s could not look a name up", code, exc_info=error)

    async def _whole(self, found: FoundSong, until: float) -> FoundSong:
        """Return a song with its ISRC, which Deezer's search omits, if there is time to ask."""
        if found.source != _STORES["deezer"] or "isrc" in dict(found.ids):
            return found
        try:
            async with asyncio.timeout_at(until):
                return await self._sources[found.source].song(found.id) or found
        except (TimeoutError, Unavailable):
            return found

    async def _kept(self, found: FoundSong, ids: Sequence[tuple[str, str]] = ()) -> Song:
        now = self._now()
        return await self._write(lambda store: keep_one(store, found, ids, now=now))

    async def _kept_artist(self, found: Sequence[FoundSong]) -> Song:
        now = self._now()
        return await self._write(lambda store: keep_artist(store, found, now=now))


def _clock() -> float:
    return asyncio.get_running_loop().time()


async def _first(asks: Iterable[Callable[[], Awaitable[FoundSong | None]]]) -> FoundSong | None:
    """Return the first song found; raise `Unavailable` if none is and a service did not answer."""
    problem: Unavailable | None = None
    for ask in asks:
        try:
            if (found := await ask()) is not None:
                return found
        except Unavailable as error:
            problem = error
    if problem is not None:
        raise problem
    return None


async def _audible(store: Searched, song_id: str) -> FoundSong | None:
    found = await store.song(song_id)
    return found if found is not None and found.preview else None


def _result(task: asyncio.Task[list[FoundSong]]) -> list[FoundSong] | None:
    """Return a service's results, None if it did not answer."""
    return task.result() if task.exception() is None else None


def _is_it(found: list[FoundSong] | None, wanted: Wanted) -> bool:
    return found is not None and bool(exact_song(found, wanted) or exact_artist(found, wanted))


def _best(found: Iterable[FoundSong], wanted: Wanted) -> float:
    return max(likeness(wanted, song.artist, song.title) for song in found)


def _id_of(link: Link) -> tuple[tuple[str, str], ...]:
    return ((link.scheme, link.value),) if link.kind == "track" else ()
