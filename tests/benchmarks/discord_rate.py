"""How fast Segue answers on Discord, beside a bare bot that answers a constant, in one run.

    python tests/benchmarks/discord_rate.py DATABASE [--seconds 10] [--people 16]

Both are processes of their own against the same loopback server, which presses `/recommend` for so many
people at once.  Prints commands per second and the time to the whole answer.
"""

import argparse
import asyncio
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

BARE = """
import os, discord
from discord import app_commands
discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
client = discord.AutoShardedClient(intents=discord.Intents.none() | discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)

@tree.command(description="constant")
async def recommend(interaction: discord.Interaction):
    await interaction.response.send_message("Queen - Bohemian Rhapsody")

client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
"""


def _server():
    spec = importlib.util.spec_from_file_location("loopback", ROOT / "tests/e2e/discord/conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def measure(loopback, arguments: list[str], seconds: float, people: int) -> dict:
    """Start a bot, ask it for a while, and return its figures."""
    async with loopback.Discord(None) as server:
        with tempfile.TemporaryDirectory() as folder:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                env=loopback.environment(server, Path(folder)),
                cwd=folder,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                await asyncio.wait_for(server.ready.wait(), 300)
                await ask(server, 2.0, people, offset=0)  # warm
                times = await ask(server, seconds, people, offset=100_000)
            finally:
                process.terminate()
                await process.wait()
    ms = 1000 * np.array(times)
    return {"per second": len(ms) / seconds, "p50 ms": np.percentile(ms, 50), "p99 ms": np.percentile(ms, 99)}


async def ask(server, seconds: float, people: int, offset: int) -> list[float]:
    """Let so many people ask one after the other, each as somebody new, and return how long each waited."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    number = iter(range(10_000 + offset, 10_000_000))

    async def one() -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            await server.slash("recommend", user=str(next(number)))
            times.append(time.perf_counter() - began)

    await asyncio.gather(*(one() for _ in range(people)))
    return times


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=16)
    given = parser.parse_args()
    loopback = _server()
    database = str(given.database.resolve())
    segue = ["-c", "from bot.cli.main import main; main()", "--database", database, "run", "discord"]
    rows = {
        "bare bot": await measure(loopback, ["-c", BARE], given.seconds, given.people),
        "Segue": await measure(loopback, segue, given.seconds, given.people),
    }
    print("| | commands per second | p50 | p99 |\n|---|---:|---:|---:|")
    for name, row in rows.items():
        print(f"| {name} | {row['per second']:.0f} | {row['p50 ms']:.0f} ms | {row['p99 ms']:.0f} ms |")
    share = rows["Segue"]["per second"] / rows["bare bot"]["per second"]
    print(f"Segue answers {share:.0%} of the bare bot's rate")


if __name__ == "__main__":
    asyncio.run(main())
