"""The live session: what happens in the chat is on every screen, and only on those of its members."""

import asyncio
import re
import socket
from contextlib import suppress

import httpx
import pytest

from bot.adapters.web.binding import binding
from bot.adapters.web.live import LiveRooms
from bot.adapters.web.run import run
from bot.adapters.web.server import HEADER_SECONDS
from bot.settings import Settings
from recommender.errors import MusicError
from storage.records import Account, Community, Kind

pytestmark = pytest.mark.asyncio
ROOM = Community("telegram", "-77", "group", "Friday")


@pytest.fixture
async def served(site, database):
    """The companion on a real socket; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ready = asyncio.Event()
    settings = Settings(database=database, web=f"127.0.0.1:{port}")
    task = asyncio.create_task(run(settings, site.music, ready.set))
    await asyncio.wait_for(ready.wait(), 10)
    yield f"http://127.0.0.1:{port}"
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def began(site) -> int:
    reply = await site.says("/session start", "Ann", ROOM)
    await site.says("/like queen", "Bo", ROOM)
    await site.says("/next", "Ann", ROOM)
    return reply.session.id


class Stream:
    """The events of a session, as a browser gets them."""

    def __init__(self, lines):
        self._lines = lines

    async def card(self) -> str:
        async with asyncio.timeout(5):
            text = []
            async for line in self._lines:
                if line.startswith("data: "):
                    text.append(line[6:])
                elif not line and text:
                    return "\n".join(text)
        raise AssertionError("the stream ended")


async def client(served, browser):
    return httpx.AsyncClient(base_url=served, cookies=browser.http.cookies, timeout=10)


async def test_a_vote_in_the_chat_is_on_the_screen_at_once(site, served):
    session = await began(site)
    browser = await site.signed_in("Bo")
    async with (
        await client(served, browser) as http,
        http.stream("GET", f"/session/{session}/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer.aiter_lines())
        first = await stream.card()
        assert "▶" in first
        song = re.search(r"ss:(\d+):like", first)[1]
        await site.presses(f"ss:{song}:like", "Ann", ROOM)
        assert "Like: 1" in await stream.card()
        await site.says("/next", "Ann", ROOM)
        assert f"ss:{song}:" not in await stream.card()


async def test_a_vote_from_the_page_counts_in_the_chat(site):
    session = await began(site)
    browser = await site.signed_in("Bo")
    await browser.open("/session")
    assert browser.answer.url.path == f"/session/{session}"
    assert browser.page.xpath('//*[contains(@class, "qr")]//*[local-name()="svg"]')
    (like,) = browser.page.xpath('//button[contains(@value, ":like")]/@value')
    await browser.send(f"/session/{session}", {"do": f"se:{session}:join"})
    assert "Bo" in browser.text
    await browser.send(f"/session/{session}", {"do": like})
    live = await site.music.sessions.look(session)
    assert live.now.votes == {Kind.LIKE: 1}


async def test_who_is_no_member_sees_nothing_and_becomes_none(site):
    session = await began(site)
    stranger = await site.signed_in("Eve")
    await stranger.open("/session")
    assert "Nobody listens together" in stranger.text
    for path in (f"/session/{session}", f"/session/{session}/events"):
        assert (await stranger.open(path)).status_code == 404
    token = (await stranger.open("/")) and stranger.forms("/press")[0].fields["token"]
    answer = await stranger.http.post(
        f"/session/{session}", data={"token": token, "do": f"se:{session}:join"}
    )
    assert answer.status_code == 404
    eve = await site.music.arrive(Account("telegram", "eve", "Eve"))
    assert await site.music.sessions.open_to(eve) == []


async def test_who_signs_out_is_told_no_more(site, served):
    session = await began(site)
    browser = await site.signed_in("Bo")
    async with (
        await client(served, browser) as http,
        http.stream("GET", f"/session/{session}/events") as answer,
    ):
        lines = answer.aiter_lines()
        await Stream(lines).card()
        await site.says("/web off", "Bo")
        await site.says("/next", "Ann", ROOM)
        async with asyncio.timeout(5):
            rest = [line async for line in lines]
    assert "event: over" in rest
    assert not [line for line in rest if "▶" in line]


async def test_watchers_that_leave_at_once_end_without_an_error(site):
    """A server cancels again and again until a stream has ended."""
    session, rooms = await began(site), LiveRooms(site.music, lambda live: live.name)
    room = rooms.enter(session, 1)
    seen = await rooms.next(room, 0, 10)
    tasks = [asyncio.create_task(rooms.next(room, seen, 10)) for _ in range(20)]
    await asyncio.sleep(0.1)  # all of them wait
    for _ in range(5):
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in ended} == {asyncio.CancelledError}
    rooms.leave(session, 1)


async def test_one_user_has_a_bounded_number_of_streams(site, served):
    session = await began(site)
    browser = await site.signed_in("Bo")
    async with await client(served, browser) as http:
        open_ = []
        for _ in range(8):
            request = http.build_request("GET", f"/session/{session}/events")
            open_.append(await http.send(request, stream=True))
        assert {answer.status_code for answer in open_} == {200}
        assert (await http.get(f"/session/{session}/events")).status_code == 503
        for answer in open_:
            await answer.aclose()


async def test_a_connection_that_sends_no_request_is_closed(served, monkeypatch):
    monkeypatch.setattr("bot.adapters.web.server.HEADER_SECONDS", 0.2)
    assert HEADER_SECONDS == 10.0
    host, port = served.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    async with asyncio.timeout(3):
        assert await reader.read() == b""
    writer.close()


async def test_an_address_that_is_taken_is_told(site, database):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(database=database, web=f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(MusicError, match=r"cannot listen on 127\.0\.0\.1"):
            await run(settings, site.music, lambda: None)


@pytest.mark.parametrize("given", ["0.0.0.0:8080", "192.0.2.1:80", "[::]:8080"])
async def test_other_machines_reach_the_pages_only_where_that_is_said(given):
    with pytest.raises(MusicError, match="open to other machines"):
        binding(Settings(web=given))
    bound = binding(Settings(web=given, web_url="https://music.example"))
    assert bound.is_secure
    assert "music.example" in bound.names


@pytest.mark.parametrize("given", ["here", "127.0.0.1:", "127.0.0.1:99999", ":x"])
async def test_an_address_that_is_none_is_named(given):
    with pytest.raises(MusicError, match="SEGUE_WEB is an address and a port"):
        binding(Settings(web=given))
