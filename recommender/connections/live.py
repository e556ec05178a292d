"""Reading of one connection: the history backwards, then new listens, again and again.

The importer stores everything in slices, so that chat goes on in between, and skips listens already stored.
Progress is saved after each page, so that an interrupted reading resumes there.
"""

import asyncio
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

from recommender.connections.opinions import keep_opinions, take_back_others
from recommender.connections.source import MOST_AT_ONCE, PlayedSong, Source
from storage.errors import ErasedError
from storage.imports import ListenRow, Row, TaggingRow
from storage.imports.names import clean
from storage.imports.times import EARLIEST
from storage.ingest.importer import run_import
from storage.services.connections import Connection, Connections
from storage.store import Store
from storage.writer import Writer

T = TypeVar("T")

LEASE = 600
"""Seconds for which a process holds a connection exclusively."""
_OVERLAP = 86_400
"""Seconds before the newest listen that are read again: players submit offline listens late."""
_CLOSELY = 86_400
"""Seconds between two readings of rarely changing data."""
_FULL = MOST_AT_ONCE - 1  # the track playing now takes a place on a page
_SLICE = 500  # opinions stored per transaction


class Disconnected(Exception):
    """The user disconnected the service during a reading."""


class Reading:
    """One reading of a connection, by one process."""

    def __init__(self, writer: Writer, source: Source, connection: Connection) -> None:
        """Take the `connection` as claimed."""
        self._writer = writer
        self._source = source
        self._at = connection

    async def run(self, *, now: int, every: int) -> int:
        """Read everything new; return the number of new listens.

        `now` and `every` are seconds: the next reading is due at `now` + `every`. Raises the source's
        errors, and `Disconnected`.
        """
        kept = 0
        if self._at.oldest_at is None:
            kept += await self._news(now)
        while self._at.oldest_at is not None:
            kept += await self._older(now, self._at.oldest_at)
        if now - self._at.looked_closely_at >= _CLOSELY:
            await self._closely(now)
        await self._write(lambda store: Connections(store.db).look_again(self._at, at=now + every))
        return kept

    async def _older(self, now: int, oldest: int) -> int:
        """Read one page of the history and store the progress."""
        # Read the oldest listen's second again: several listens may share it.
        page = await self._page(before=oldest + 1)
        if len(page) >= _FULL and all(listen.at == oldest for listen in page):
            page = await self._page(before=oldest)
        older = [listen.at for listen in page if listen.at < oldest]
        kept = await self._keep(page)
        newest = max((listen.at for listen in page), default=0)
        await self._advance(newest, min(older, default=None), kept, now)
        return kept

    async def _news(self, now: int) -> int:
        """Read new listens; a long gap takes several pages, newest first."""
        after, newest, kept = max(0, self._at.newest_at - _OVERLAP), 0, 0
        before: int | None = None
        while page := await self._page(before=before, after=after):
            kept += await self._keep(page)
            newest, before = max(newest, page[0].at), page[-1].at
            if len(page) < _FULL:
                break
        await self._advance(newest, None, kept, now)
        return kept

    async def _page(self, *, before: int | None = None, after: int | None = None) -> list[PlayedSong]:
        found = await asyncio.to_thread(self._source.listens, self._at.name, before=before, after=after)
        return sorted(found, key=lambda listen: -listen.at)

    async def _keep(self, listens: Sequence[PlayedSong]) -> int:
        # Oldest first, as in the log.
        rows = [row for listen in reversed(listens) if (row := self._row(listen))]
        return await self._import(rows)

    def _row(self, listen: PlayedSong) -> ListenRow | None:
        artist, title = clean(listen.artist).text, clean(listen.title).text
        if not artist or not title or listen.at < EARLIEST:
            return None
        album = clean(listen.album or "").text or None
        return ListenRow(
            0,
            self._at.external_id,
            artist,
            title,
            listen.at,
            1,
            listen.ms_played,
            album,
            listen.artist_ids,
            listen.track_ids,
        )

    async def _import(self, rows: Sequence[Row]) -> int:
        page = _Page(self._source.name, self._at.platform, rows)
        work = partial(run_import, self._writer, page, user_id=self._at.user_id)
        storing = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            report = await asyncio.shield(storing)
        except asyncio.CancelledError:
            # A thread cannot be stopped: erasures wait until it is done.
            await asyncio.wait([storing])
            raise
        except ErasedError as error:
            raise Disconnected from error
        return report.new["listens"]

    async def _advance(self, newest: int, oldest: int | None, kept: int, now: int) -> None:
        def advanced(store: Store) -> Connection | None:
            known = Connections(store.db)
            if known.advance(self._at, newest=newest, oldest=oldest, listens=kept, next_at=now + LEASE):
                return known.find(self._at.user_id, self._at.source)
            known.remove_late(self._at)
            return None

        found = await self._write(advanced)
        if found is None:
            raise Disconnected
        self._at = found

    async def _closely(self, now: int) -> None:
        """Read loved tracks and tags; a track no longer loved there is no longer liked here."""
        opinions = await asyncio.to_thread(self._source.opinions, self._at.name)
        for start in range(0, len(opinions), _SLICE):
            some = opinions[start : start + _SLICE]
            await self._write(partial(keep_opinions, self._at, some, now))
        await self._write(partial(take_back_others, self._at, opinions, now))
        tags = await asyncio.to_thread(lambda: list(self._source.tags(self._at.name)))
        await self._import([row for artist, tag in tags if (row := self._tagging(artist, tag))])
        await self._write(lambda store: Connections(store.db).looked_closely(self._at, now=now))

    def _tagging(self, artist: str, tag: str) -> TaggingRow | None:
        names = clean(artist).text, clean(tag).text
        return TaggingRow(0, self._at.external_id, *names) if all(names) else None

    async def _write(self, work: Callable[[Store], T]) -> T:
        return await asyncio.wrap_future(self._writer.write(work))


class _Page:
    """Rows of one user, as the importer reads them."""

    def __init__(self, source: str, platform: str, rows: Sequence[Row]) -> None:
        self.source, self.platform, self._rows = source, platform, rows

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows."""
        yield from self._rows

    def progress(self) -> float:
        """Return 1: the page is already read."""
        return 1.0

    def digest(self) -> str:
        """Return the name of the source, since a page has no file."""
        return self.source
