"""Pictures of records for drawings: downloaded from the Cover Art Archive, and kept in memory alone.

Stores let their covers be shown by address, which chats fetch; those of the archive may be drawn.
"""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Collection
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from recommender.catalog.addresses import COVER_ART
from recommender.catalog.web import AGENT

if TYPE_CHECKING:  # loaded for the first cover
    import httpx

MOST_BYTES = 400_000
"""The largest picture that is taken."""
PATIENCE = 1.5
"""Seconds that a drawing waits for pictures; those that come later are there for the next drawing."""

_KEPT_BYTES = 24_000_000
_AGAIN_SECONDS = 3600.0  # until a picture that could not be had is asked for again
_AT_ONCE = 5
_HOPS = 4  # from the archive's address to the machine that has the file
_MIRRORS = (".archive.org", ".coverartarchive.org")
_PICTURE = re.compile(rf"{re.escape(COVER_ART)}(/release(?:-group)?/[0-9a-f-]{{36}}/[\w.-]{{1,40}})")

log = logging.getLogger(__name__)


class CoverImages:
    """Verbs on pictures of records: `music.covers`."""

    def __init__(self, base: str) -> None:
        """Take where the archive answers; "" asks nobody."""
        self._base = base
        self._kept: OrderedDict[str, bytes] = OrderedDict()  # by path; the latest used last
        self._failed: dict[str, float] = {}  # path -> when
        self._running: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._opening: asyncio.Task[httpx.AsyncClient] | None = None

    async def get(self, urls: Collection[str]) -> dict[str, bytes]:
        """Return the content of those addresses that are covers of the archive and here in `PATIENCE`.

        The content is unchecked: whoever draws it bounds what decoding takes.
        """
        paths = {url: found[1] for url in urls if self._base and (found := _PICTURE.fullmatch(url))}
        if missing := [self._asked(path) for path in {*paths.values()} if self._is_missing(path)]:
            await asyncio.wait(missing, timeout=PATIENCE)
        for path in paths.values():
            if path in self._kept:
                self._kept.move_to_end(path)
        return {url: self._kept[path] for url, path in paths.items() if path in self._kept}

    def _is_missing(self, path: str) -> bool:
        is_tired = time.monotonic() - self._failed.get(path, -_AGAIN_SECONDS) < _AGAIN_SECONDS
        return path not in self._kept and not is_tired

    def _asked(self, path: str) -> asyncio.Task[None]:
        if path not in self._running:
            task = self._running[path] = asyncio.create_task(self._fetch(path), name="cover")
            task.add_done_callback(lambda _: self._running.pop(path))
        return self._running[path]

    async def _fetch(self, path: str) -> None:
        import httpx  # noqa: PLC0415 - heavy

        async with self._slots:
            try:
                content = await self._content(f"{self._base}{path}")
            except httpx.HTTPError as error:
                log.info("a cover could not be had: %s", type(error).__name__)
                content = b""
        if not content:
            self._failed[path] = time.monotonic()
            return
        self._failed.pop(path, None)
        self._kept[path] = content
        while sum(map(len, self._kept.values())) > _KEPT_BYTES:
            self._kept.popitem(last=False)

    async def _content(self, url: str) -> bytes:
        """Return what is at an address of the archive, b"" if that is too large or somewhere else."""
        if self._opening is None:  # reading the certificates takes a while
            self._opening = asyncio.create_task(asyncio.to_thread(_client))
        client = await asyncio.shield(self._opening)
        for _ in range(_HOPS):
            async with client.stream("GET", url) as answer:
                if answer.next_request is None:
                    return await _bounded(answer)
                url = str(answer.next_request.url)
                if not self._is_archive(url):
                    return b""
        return b""

    def _is_archive(self, url: str) -> bool:
        """Tell whether a redirect stays with the archive."""
        to, own = urlsplit(url), urlsplit(self._base)
        if (to.scheme, to.netloc) == (own.scheme, own.netloc):
            return True
        return to.scheme == "https" and f".{to.hostname}".endswith(_MIRRORS)

    async def close(self) -> None:
        """Stop, and let go of the connections."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._opening is not None:
            await (await self._opening).aclose()


def _client() -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 - heavy

    # As it is: what is compressed might be of any size once it is not.
    headers = {"User-Agent": AGENT, "Accept": "image/jpeg, image/png", "Accept-Encoding": "identity"}
    return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(10.0, connect=5.0))


async def _bounded(answer: "httpx.Response") -> bytes:
    if answer.status_code != HTTPStatus.OK:
        return b""
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > MOST_BYTES:
            return b""
    return bytes(content)
