"""The web companion on the real service, read as a browser without JavaScript would."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import pytest
from lxml import html

from bot.adapters.web.app import create_app
from bot.commands import delivered, dispatch, press
from bot.context import Context
from bot.settings import Settings
from recommender.service import MusicService
from storage.records import Account, Community

ADDRESS = "http://127.0.0.1:8080"
ROOM = Community("telegram", "-77", "group", "Friday")


@dataclass
class Browser:
    """Somebody's browser: it follows links and sends forms."""

    http: httpx.AsyncClient
    page: html.HtmlElement | None = None
    answer: httpx.Response | None = None

    async def open(self, path: str, **options) -> httpx.Response:
        return self._read(await self.http.get(path, **options))

    def _read(self, answer: httpx.Response) -> httpx.Response:
        self.answer = answer
        if answer.headers.get("content-type", "").startswith("text/html") and answer.content:
            self.page = html.fromstring(answer.text)
        return answer

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def forms(self, action: str) -> list[html.FormElement]:
        return [form for form in self.page.forms if form.get("action") == action]

    async def send(self, action: str, values: dict[str, str] | None = None, *, n: int = 0, **options):
        """Send the nth form with this action, with its hidden fields and `values`."""
        form = self.forms(action)[n]
        fields = dict(form.form_values()) | (values or {})
        return self._read(await self.http.post(action, data=fields, **options))

    async def press(self, payload: str, **options):
        """Press the button with this payload."""
        (button, *_) = self.page.xpath(f'//button[@value="{payload}"]')
        form = next(button.iterancestors("form"))
        fields = dict(form.form_values()) | {"do": payload}
        return self._read(await self.http.post(form.get("action"), data=fields, **options))

    def thumbs(self, verb: str) -> list[str]:
        return self.page.xpath(f'//button[contains(@class, "thumb {verb}")]/@value')


@dataclass
class Site:
    """The companion, its service, and the chats beside it."""

    music: MusicService
    app: object
    stack: AsyncExitStack
    now: list[float]
    said: int = 0
    browsers: list[Browser] = field(default_factory=list)

    async def says(self, line: str, name: str = "Ann", community: Community | None = None):
        """Say a line in a chat of Telegram."""
        self.said += 1
        account = Account("telegram", name.casefold(), name)
        chat = "" if community is None else community.external_id
        context = Context(self.music, account, community, f"test:{self.said}", "", chat)
        reply = await dispatch(context, line, chatty=community is None)
        assert await delivered(context, reply) is None
        return reply

    async def presses(self, payload: str, name: str = "Ann", community: Community | None = None):
        """Press a button in a chat of Telegram."""
        self.said += 1
        account = Account("telegram", name.casefold(), name)
        chat = "" if community is None else community.external_id
        return await press(Context(self.music, account, community, f"test:{self.said}", "", chat), payload)

    async def browser(self, **options) -> Browser:
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 5000))
        http = httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True, **options)
        return Browser(await self.stack.enter_async_context(http))

    async def signed_in(self, name: str = "Ann") -> Browser:
        """Sign somebody in by the link from their chat."""
        link = (await self.says("/web", name)).url.removeprefix(ADDRESS)
        browser = await self.browser()
        await browser.open(link)
        await browser.send(link)
        assert browser.answer.status_code == 200, browser.text
        return browser


@pytest.fixture
async def site(database) -> AsyncIterator[Site]:
    """The companion at ADDRESS; `site.now` is the service's clock."""
    now = [1_800_000_000.0]
    async with AsyncExitStack() as stack:
        music = await stack.enter_async_context(
            await MusicService.open(database, seed=3, clock=lambda: now[0])
        )
        settings = Settings(database=database, web="127.0.0.1:8080", telegram_owner=1)
        music.web.address = settings.web_address
        app = create_app(music, settings)
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Site(music, app, stack, now)


@pytest.fixture
def payloads():
    """Read the payloads of a page's buttons."""
    return lambda page: re.findall(r'name="do" value="([^"]+)"', page)
