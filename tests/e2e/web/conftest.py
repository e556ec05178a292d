"""A real Chromium on the web companion of a real process' service, beside the chat."""

import asyncio
import hashlib
import shutil
import socket
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import platformdirs
import pytest
import pytest_asyncio
from selenium import webdriver
from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from worlds import copied

from bot.adapters.web.run import run
from bot.commands import delivered, dispatch, press
from bot.context import Context
from bot.settings import Settings
from recommender.service import MusicService
from storage.records import Account, Community

T = TypeVar("T")
ROOM = Community("telegram", "-77", "group", "Friday")

SCREENS = Path(__file__).resolve().parents[3] / ".pytest_cache" / "web-screens"
"""Where the tests leave what they saw."""
AXE = "axe-core@4.14.1"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


class Chrome:
    """A browser of one person; its calls run on a thread, since they wait."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    async def do(self, work: Callable[[webdriver.Chrome], T]) -> T:
        return await asyncio.to_thread(work, self.driver)

    async def open(self, path: str) -> None:
        url = path if path.startswith("http") else f"{self.address}{path}"
        await self.do(lambda driver: driver.get(url))

    async def click(self, css: str) -> None:
        """Click what may be swapped by a newer card just now."""
        await self.until(lambda driver: driver.find_element(By.CSS_SELECTOR, css).click() or True)

    async def type(self, css: str, text: str) -> None:
        await self.do(lambda driver: driver.find_element(By.CSS_SELECTOR, css).send_keys(text))

    async def keys(self, *keys: str) -> None:
        for key in keys:
            await self.do(lambda driver, key=key: driver.switch_to.active_element.send_keys(key))

    async def text(self, css: str = "body") -> str:
        return await self.do(lambda driver: driver.find_element(By.CSS_SELECTOR, css).text)

    async def until(self, is_so: Callable[[webdriver.Chrome], T], seconds: float = 30) -> T:
        swapped = (
            StaleElementReferenceException,
            ElementClickInterceptedException,
        )  # by htmx, while it was looked at
        wait = WebDriverWait(self.driver, seconds, 0.05, ignored_exceptions=swapped)
        return await asyncio.to_thread(wait.until, is_so)

    async def until_text(self, text: str, css: str = "body") -> None:
        await self.until(lambda driver: text in driver.find_element(By.CSS_SELECTOR, css).text)

    async def script(self, text: str, *arguments: object) -> object:
        return await self.do(lambda driver: driver.execute_script(text, *arguments))

    async def screen(self, name: str, width: int, *, dark: bool) -> Path:
        """Take a picture of the whole page at a width, in a look."""
        look = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        await self.do(lambda driver: driver.execute_cdp_cmd("Emulation.setEmulatedMedia", look))
        await self._size(width, 800)
        height = int(str(await self.script("return document.documentElement.scrollHeight")))
        await self._size(width, min(max(height, 800), 5000))
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}-{width}-{'dark' if dark else 'light'}.png"
        await self.do(lambda driver: driver.save_screenshot(str(path)))
        return path

    async def _size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        await self.do(lambda driver: driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics))


@dataclass
class Town:
    """The service, its pages, and the chat beside them."""

    music: MusicService
    address: str
    chrome: Callable[[], "asyncio.Future[Chrome]"]
    said: int = 0

    def _context(self, name: str, community: Community | None) -> Context:
        self.said += 1
        account = Account("telegram", name.casefold(), name)
        chat = "" if community is None else community.external_id
        return Context(self.music, account, community, f"test:{self.said}", "", chat)

    async def says(self, line: str, name: str = "Ann", community: Community | None = None):
        context = self._context(name, community)
        reply = await dispatch(context, line, chatty=community is None)
        assert await delivered(context, reply) is None
        return reply

    async def presses(self, payload: str, name: str = "Ann", community: Community | None = None):
        return await press(self._context(name, community), payload)

    async def dressed(self) -> Chrome:
        """Sign in an operator with a taste and a session worth looking at."""
        for name in ("queen", "radiohead", "björk", "miles davis", "abba", "daft punk", "fela kuti"):
            await self.says(f"/like {name}", "1")
        await self.says("/dislike coldplay", "1")
        await self.says("/like queen", "Bo", ROOM)
        await self.says("/session start Friday night", "1", ROOM)
        await self.says("/session join", "Bo", ROOM)
        await self.says("/next", "1", ROOM)
        return await self.signed_in("1")

    async def signed_in(self, name: str = "Ann") -> Chrome:
        """Walk from the chat through the link into the pages."""
        link = (await self.says("/web", name)).url
        chrome = await self.chrome()
        await chrome.open(link)
        await chrome.click("button.main")
        await chrome.until_text(f"Signed in as {name}")
        return chrome


@pytest.fixture(scope="session")
def programs() -> tuple[str, str]:
    """Chromium and its driver."""
    found = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
    if None in found:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    return found[0], found[1]


@pytest.fixture
async def town(learned, tmp_path, programs) -> AsyncIterator[Town]:
    """Segue with its pages on loopback."""
    async with running(learned, tmp_path, programs) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dressed(learned, tmp_path_factory, programs) -> AsyncIterator[Chrome]:
    """One browser for tests that only look: starting one takes seconds."""
    async with running(learned, tmp_path_factory.mktemp("looks"), programs) as made:
        yield await made.dressed()


@asynccontextmanager
async def running(learned: Path, folder: Path, programs: tuple[str, str]) -> AsyncIterator[Town]:
    """Run Segue with its pages on loopback; its database and browsers live in `folder`."""
    database, drivers = copied(learned, folder), []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(database=database, web=f"127.0.0.1:{port}", telegram_owner=1)

    async def chrome() -> Chrome:
        options = webdriver.ChromeOptions()
        options.binary_location = programs[0]
        for flag in (*_FLAGS, f"--user-data-dir={folder / str(len(drivers))}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(executable_path=programs[1])
        driver = await asyncio.to_thread(webdriver.Chrome, options=options, service=service)
        drivers.append(driver)
        return Chrome(driver, settings.web_address)

    async with await MusicService.open(database, seed=3) as music:
        music.web.address = settings.web_address
        ready = asyncio.Event()
        task = asyncio.create_task(run(settings, music, ready.set))
        await asyncio.wait_for(ready.wait(), 20)
        try:
            yield Town(music, settings.web_address, chrome)
            told = [line for driver in drivers for line in driver.get_log("browser")]
            assert not [line["message"] for line in told if "Content Security Policy" in line["message"]]
        finally:
            for driver in drivers:
                await asyncio.to_thread(driver.quit)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds what is not accessible; fetched once with npm."""
    folder = platformdirs.user_cache_path("segue-tests", appauthor=False)
    kept = folder / f"{AXE.replace('@', '-')}.js"
    if not kept.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("needs axe-core, which npm brings, and there is no npm here")
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([npm, "pack", AXE], cwd=folder, capture_output=True, check=False, timeout=120)
        archive = folder / f"{AXE.replace('@', '-')}.tgz"
        if done.returncode or not archive.is_file():
            pytest.skip("needs axe-core, which npm could not fetch")
        with tarfile.open(archive) as files:
            kept.write_bytes(files.extractfile("package/axe.min.js").read())
    content = kept.read_bytes()
    assert hashlib.sha256(content).hexdigest() == AXE_SHA256
    return content.decode()
