"""Requests per second and latency of the HTTP API: python tests/benchmarks/api.py [DATABASE]

Serves a copy of a database, by default of the bundled catalogue, from a process of its own, and asks as fast
as it answers: one request after another, and eight at a time.  The processor time of the server tells what
one core does, also on a machine that others use.
"""

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from bot.adapters.web import run
from bot.adapters.web.api import gate
from bot.settings import STARTER, Settings
from recommender.service import MusicService
from recommender.service.api_access import SCOPES
from storage.records import Account

SECONDS = 4.0
PEOPLE = 8
LOVED = ("Queen", "Radiohead", "Miles Davis", "Portishead", "Daft Punk")
Ask = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


def serve(database: Path, address: str, told: Connection) -> None:
    """Serve until killed; tell the tokens once it listens."""
    for scope in gate.RATES:
        gate.RATES[scope] = 10**9

    async def served() -> None:
        async with await MusicService.open(database, starter=STARTER, seed=1) as music:
            tokens = []
            for number in range(PEOPLE):
                account = Account("discord", f"b{number}", f"Person {number}")
                listener = await music.arrive(account)
                tokens.append(await music.access.make(listener, account, "bench", SCOPES))
            await run(Settings(web=address), music, lambda: told.send(tokens))

    asyncio.run(served())


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process so far, of all its threads (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(name: str, ask: Ask, clients: list[httpx.AsyncClient], at_once: int, server: int) -> None:
    """Ask for some seconds with `at_once` connections; print the rate, the latencies, the processor time."""
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    async def one(client: httpx.AsyncClient, offset: int) -> None:
        number = offset
        while time.perf_counter() < until:
            began = time.perf_counter()
            response = await ask(client, number)
            took.append(time.perf_counter() - began)
            if response.status_code not in (200, 409):
                sys.exit(f"{name}: {response.status_code} {response.text}")
            number += at_once

    began, busy = time.perf_counter(), processor_seconds(server)
    await asyncio.gather(*(one(clients[n % len(clients)], n) for n in range(at_once)))
    rate = len(took) / (time.perf_counter() - began)
    took.sort()
    p50, p99 = 1000 * statistics.median(took), 1000 * took[int(0.99 * len(took))]
    each = 1000 * (processor_seconds(server) - busy) / len(took)
    print(
        f"{name:<16} {at_once} at once: {rate:5.0f} requests/s, p50 {p50:6.1f} ms, p99 {p99:6.1f} ms; "
        f"{each:5.2f} ms of processor time each: {1000 / each:5.0f} requests/s on one core"
    )


async def asked(url: str, tokens: list[str], server: int) -> None:
    """Run each kind of request."""
    clients = [
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        for token in tokens
    ]
    for client in clients:
        for name in LOVED:
            await client.post("/api/v1/reactions", json={"name": name, "verdict": "like"})
    kinds: dict[str, Ask] = {
        "me": lambda client, _: client.get("/api/v1/me"),
        "search": lambda client, n: client.get("/api/v1/search", params={"text": LOVED[n % 5][:4]}),
        "history": lambda client, _: client.get("/api/v1/history"),
        "recommend": lambda client, _: client.post("/api/v1/recommend", json={"n": 5}),
        "similar": lambda client, n: client.post("/api/v1/similar", json={"name": LOVED[n % 5]}),
        "react": lambda client, n: client.post(
            "/api/v1/reactions", json={"name": LOVED[n % 5], "verdict": "like" if n % 2 else "none"}
        ),
        "submit-listens": lambda client, n: client.post(
            "/1/submit-listens",
            json={
                "listen_type": "single",
                "payload": [
                    {
                        "listened_at": 1_200_000_000 + 300 * n,
                        "track_metadata": {"artist_name": LOVED[n % 5], "track_name": f"Song {n % 40}"},
                    }
                ],
            },
        ),
    }
    for name, ask in kinds.items():
        for at_once in (1, PEOPLE):
            await measured(name, ask, clients, at_once, server)
    for client in clients:
        await client.aclose()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path, nargs="?", help="a database with its models beside it")
    given = parser.parse_args().database
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        database = Path(folder) / "segue.db"
        if given is not None:
            shutil.copy(given, database)
            if (models := Path(f"{given}.models")).exists():
                shutil.copytree(models, f"{database}.models")
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        context = get_context("spawn")
        mine, told = context.Pipe()
        server = context.Process(target=serve, args=(database, address, told), daemon=True)
        server.start()
        try:
            asyncio.run(asked(f"http://{address}", mine.recv(), server.pid or 0))
        finally:
            server.terminate()
            server.join()


if __name__ == "__main__":
    main()
