"""Scrobbles: plays that a player submits as they end, stored by the importer like those of a file."""

import asyncio
from collections.abc import Generator, Sequence

from recommender.errors import NotKnown
from recommender.types import Listener
from storage.errors import ErasedError
from storage.imports import ListenRow, Row
from storage.imports.cells import CellError
from storage.imports.json_file import Entry
from storage.imports.listenbrainz import listen
from storage.imports.times import EARLIEST
from storage.ingest.importer import run_import
from storage.records import Account
from storage.writer import Writer

SOURCE = "scrobbler"
"""The source of these events; it is no chat, so /undo never takes back a play."""


class Scrobbles:
    """Verbs on submitted plays: `music.scrobbles`."""

    def __init__(self, writer: Writer) -> None:
        """Take the service's own `writer`: many plays go in slices, so that chat goes on in between."""
        self._writer = writer

    async def submit(self, listener: Listener, account: Account, listens: Sequence[Entry]) -> int:
        """Store plays in ListenBrainz' form, each once by user, time and song; return how many were new.

        All are durable when this returns. Raises `NotKnown` if the user is erased meanwhile, and
        ValueError for a play without artist, title or a time that can be.
        """
        rows = [_row(number, account, one) for number, one in enumerate(listens)]
        submitted = _Submitted(account.platform, rows)
        storing = asyncio.ensure_future(
            asyncio.to_thread(run_import, self._writer, submitted, user_id=listener.user_id)
        )
        try:
            report = await asyncio.shield(storing)
        except asyncio.CancelledError:
            await asyncio.wait([storing])  # a thread cannot be stopped, and the writer must outlive it
            raise
        except ErasedError as error:
            raise NotKnown("Your data is deleted, so I kept none of these plays.") from error
        return report.new["listens"]


def check(entry: Entry) -> None:
    """Raise ValueError, with the reason, for what `submit` could not store."""
    try:
        found = listen(entry)
    except (CellError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error) or "not a play") from error
    if found.at is None or found.at < EARLIEST:
        raise ValueError("a time before anybody could tell")


def _row(number: int, account: Account, entry: Entry) -> ListenRow:
    check(entry)
    heard = listen(entry)
    return ListenRow(
        number,
        account.external_id,
        heard.artist,
        heard.title,
        heard.at,
        1,
        heard.ms_played,
        heard.album if isinstance(heard.album, str) else None,
        track_ids=heard.track_ids,
    )


class _Submitted:
    """Plays of one account, as the importer reads them."""

    source = SOURCE

    def __init__(self, platform: str, rows: Sequence[Row]) -> None:
        self.platform, self._rows = platform, rows

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows."""
        yield from self._rows

    def progress(self) -> float:
        """Return 1: everything is already read."""
        return 1.0

    def digest(self) -> str:
        """Return the name of the source, since plays have no file."""
        return self.source
