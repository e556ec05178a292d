"""Onboarding: well-known artists, genres, moods and decades for new users."""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from recommender.catalog.household import household_names
from recommender.catalog.resolve import song_of
from recommender.slates.place_rules import allowed
from recommender.snapshot import Snapshot
from recommender.types import Song
from storage.catalogue.openers import enough_listen, well_known
from storage.naming.text import fold
from storage.records import Subject
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

log = logging.getLogger(__name__)

OFFERED = 9
_FRESH_SECONDS = 3600.0
_DECADE = re.compile(r"[0-9]{4}s")

Tags = list[tuple[str, str]]


class Welcome:
    """Verbs for new users: `music.welcome`."""

    def __init__(self, read: RunsWork, snapshot: Callable[[], Snapshot]) -> None:
        """`read` runs work on the service's reader threads; `snapshot` returns the newest snapshot."""
        self._read = read
        self._snapshot = snapshot
        self._artists: dict[str, tuple[Song, ...]] = {}  # by language
        self._asked_at = float("-inf")
        self._tags: Tags = []
        self._version = ""  # of the snapshot the tags were counted in
        self._counting: asyncio.Task[None] | None = None

    async def artists(self, place: int | None = None, language: str = "") -> tuple[Song, ...]:
        """Return `OFFERED` artists whom nearly everybody knows, in `language` and in general.

        Once enough people listen here, it is those they like best.  Artists that the community `place`
        blocks are left out.
        """
        if time.monotonic() - self._asked_at > _FRESH_SECONDS:
            self._artists, self._asked_at = {}, time.monotonic()
        if not self._artists.get(language):
            self._artists[language] = await self._read(lambda store: _openers(store, language))
        return await self._read(lambda store: allowed(store, place, self._artists[language]))

    async def tags(self, text: str, n: int) -> list[str]:
        """Return at most `n` genres, moods and decades for autocompletion, most used first.

        Names that begin with `text` come before names with a later word that does.
        """
        if self._snapshot().version != self._version and self._counting is None:
            self._counting = asyncio.create_task(self._count(self._snapshot()))
        if not self._tags and self._counting is not None:
            await self._counting  # only the first time; later calls use the old tags meanwhile
        start = fold(text)
        first = [name for name, key in self._tags if key.startswith(start)]
        later = [name for name, key in self._tags if f" {start}" in key and not key.startswith(start)]
        return [*first, *later][:n]

    async def _count(self, snapshot: Snapshot) -> None:
        try:
            self._tags = await asyncio.to_thread(_by_use, snapshot)
            self._version = snapshot.version
        except Exception:
            log.exception("the tags of snapshot %s could not be counted", snapshot.version)
        finally:
            self._counting = None


def _openers(store: Store, language: str) -> tuple[Song, ...]:
    best = well_known(store.db, OFFERED)
    named = [] if enough_listen(store.db) else household_names(store, language)
    ids = list(dict.fromkeys([*named, *(artist_id for artist_id, _ in best)]))[:OFFERED]
    return tuple(song_of(store, Subject(artist_id)) for artist_id in ids)


def _by_use(snapshot: Snapshot) -> Tags:
    """Return (name, search key) of every tag that an artist has, most used first."""
    uses = np.bincount(snapshot.artists.item_tags.indices, minlength=len(snapshot.tags))
    names = [snapshot.tags[column] for column in np.argsort(-uses, kind="stable") if uses[column]]
    return [(name, _key(name)) for name in names]


def _key(name: str) -> str:
    # Match decades as "90s" as well as "1990s".
    return f"{name} {name[2:]}" if _DECADE.fullmatch(name) else fold(name)
