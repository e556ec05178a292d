"""The web companion in figures: pages, requests per second beside a chat, and watchers of a session.

    python tests/benchmarks/web.py [--tracks 100000]

Another process asks for the pages a second; this one for single pages and as the watchers, whose time and
memory are in the figures.
"""

import argparse
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent))
import world

from bot.adapters.web.run import run
from bot.commands import delivered, dispatch
from bot.context import Context
from bot.settings import Settings
from recommender.service import MusicService
from storage.records import Account, Community

ROOM = Community("telegram", "-1", "group", "Room")
ANN = Account("telegram", "ann", "Ann")
PAGES = ("/", "/taste", "/history", "/data", "/session", "/healthz")
PORT = 18_099


def memory() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def says(music, line, n, community=None):
    chat = "" if community is None else community.external_id
    context = Context(music, ANN, community, f"bench:{n}", "", chat)
    reply = await dispatch(context, line, chatty=community is None)
    await delivered(context, reply)
    return reply


async def signed_in(music, address):
    """Return a browser of Ann."""
    link = (await says(music, "/web", time.monotonic())).url
    http = httpx.AsyncClient(base_url=address, timeout=30, follow_redirects=True)
    token = re.search(r'name="token" value="([^"]+)"', (await http.get(link)).text)[1]
    await http.post(link, data={"token": token})
    return http


async def pages(http, times):
    for path in PAGES:
        took, used = [], time.process_time()
        for _ in range(times):
            began = time.perf_counter()
            answer = await http.get(path)
            took.append(1000 * (time.perf_counter() - began))
            answer.raise_for_status()
        took.sort()
        cpu, size = 1000 * (time.process_time() - used) / times, len(answer.content) / 1000
        middle, late = statistics.median(took), took[int(0.95 * times)]
        print(f"{path:10} p50 {middle:6.1f} ms  p95 {late:6.1f} ms  processor {cpu:5.1f} ms  {size:6.1f} KB")


async def beside(music, http, address, seconds, wanted):
    """Let another process ask for pages at a rate while a chat goes on; print what both took."""
    cookie = http.cookies["segue"]

    async def chat(until, took):
        while time.perf_counter() < until:
            began = time.perf_counter()
            await says(music, "/recommend", f"chat {began}")
            took.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(0.25)

    alone, together = [], []
    await chat(time.perf_counter() + seconds, alone)
    asking = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--ask",
        address,
        cookie,
        str(wanted),
        str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )
    began = time.process_time()
    await chat(time.perf_counter() + seconds, together)
    used = time.process_time() - began
    print((await asking.communicate())[0].decode().strip())
    print(f"this process used {100 * used / seconds:.0f} % of a core")
    print(
        f"chat alone p50 {statistics.median(alone):.1f} ms, beside them {statistics.median(together):.1f} ms"
    )


async def ask(address, cookie, wanted, seconds):
    """Ask for /history `wanted` times a second over a few connections; print how many came, and how fast."""
    host, port = address.removeprefix("http://").split(":")
    head = f"GET /history HTTP/1.1\r\nHost: {host}\r\nCookie: segue={cookie}\r\n\r\n".encode()
    took, began, many = [], time.perf_counter(), 8

    async def asker(n):
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        due = began + n / wanted
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            writer.write(head)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", answer)[1]))
            took.append(1000 * (time.perf_counter() - at))
            due += many / wanted
        writer.close()

    await asyncio.gather(*(asker(n) for n in range(many)))
    lasted = time.perf_counter() - began
    took.sort()
    middle, late = took[len(took) // 2], took[len(took) * 95 // 100]
    print(f"{len(took) / lasted:.0f} pages a second: p50 {middle:.1f} ms, p95 {late:.1f} ms")


async def watchers(music, address, many):
    """Open many live views, change the session, and print how long all took to be told."""
    session = (await says(music, "/session start", "s", ROOM)).session.id
    for n, name in enumerate(("a", "b")):
        await says(music, f"/session {('style crowd-pleaser', 'style fair')[n]}", name, ROOM)
    before, told, clients = memory(), [], []
    changed = [0.0]
    opened = asyncio.Event()
    count = [0]

    async def watch(http):
        async with http.stream("GET", f"/session/{session}/events") as answer:
            cards = 0
            async for line in answer.aiter_lines():
                if line == "event: card":
                    cards += 1
                    if cards == 1:
                        count[0] += 1
                        if count[0] == many:
                            opened.set()
                    else:
                        told.append(time.perf_counter() - changed[0])
                        return

    tasks = []
    for n in range(many):
        if n % 8 == 0:  # as many as one user may have
            account = Account("telegram", f"w{n}", f"W{n}")
            await music.arrive(account, ROOM)
            http = httpx.AsyncClient(base_url=address, timeout=60)
            token = await music.web.begin(account, "en", "bench")
            http.cookies.set("segue", signer(await music.web.key()).sign(token).decode())
            clients.append(http)
        tasks.append(asyncio.create_task(watch(clients[-1])))
    await asyncio.wait_for(opened.wait(), 60)
    used = memory() - before
    changed[0] = time.perf_counter()
    await says(music, "/next", "go", ROOM)
    await asyncio.gather(*tasks)
    print(f"{many} watchers: {used:.1f} MB (with their clients), the last told after {max(told):.2f} s")
    for http in clients:
        await http.aclose()


def signer(key):
    from itsdangerous import Signer  # noqa: PLC0415

    return Signer(key, salt="session")


def given_users(tracks: int) -> int:
    """Return how many people listen in a world: a page costs the same whoever else there is."""
    return max(200, tracks // 50)


async def main(tracks: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segue.db"
        world.build(path, tracks, users=given_users(tracks))
        settings = Settings(database=path, web=f"127.0.0.1:{PORT}")
        async with await MusicService.open(path, seed=1) as music:
            music.web.address = settings.web_address
            ready = asyncio.Event()
            serving = asyncio.create_task(run(settings, music, ready.set))
            await ready.wait()
            http = await signed_in(music, settings.web_address)
            for n in range(5):
                reply = await says(music, "/recommend", f"warm {n}")
                await says(music, "+1 +2 -3", f"thumb {n}")
            assert reply.slate.picks
            print(f"{tracks:,} songs, {memory():.0f} MB")
            await pages(http, 40)
            await beside(music, http, settings.web_address, seconds, 200)
            await watchers(music, settings.web_address, 200)
            await http.aclose()
            serving.cancel()
            await asyncio.wait([serving])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--ask", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        address, cookie, wanted, seconds = given.ask
        asyncio.run(ask(address, cookie, int(wanted), float(seconds)))
    else:
        asyncio.run(main(given.tracks, given.seconds))
