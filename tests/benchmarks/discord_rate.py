"""What Segue costs on Discord, beside a bare bot that answers a constant card of the same size, in one run.

    python tests/benchmarks/discord_rate.py DATABASE [--seconds 10] [--people 16]

Both are processes of their own against the same loopback server, which presses `/recommend` for so many
people at once.  Prints commands per second, the time to the whole answer, and processor time per command.
"""

import argparse
import asyncio
import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

BARE = """
import os, discord
from discord import app_commands, ui
discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
client = discord.AutoShardedClient(intents=discord.Intents.none() | discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)

def row(*labels):
    buttons = ui.ActionRow()
    for n, label in enumerate(labels):
        buttons.add_item(ui.Button(label=label, custom_id=f"{label}:{n}:{id(buttons)}"))
    return buttons

@tree.command(description="constant")
async def recommend(interaction: discord.Interaction):
    card, box = ui.LayoutView(timeout=None), ui.Container(accent_colour=0x1DB954)
    box.add_item(ui.TextDisplay("### For you"))
    for n in range(5):
        why = "because you like Bohemian Rhapsody by Queen: rock, 70s, classic rock"
        song = f"{n + 1}. **[Bohemian Rhapsody](https://example.org/watch?v={n})** - Queen"
        box.add_item(ui.TextDisplay(f"{song}\\n-# {why}"))
        box.add_item(row("up", "down", "More like this"))
    box.add_item(row("Another five", "Why these?"))
    card.add_item(box)
    await interaction.response.send_message(view=card)

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
                before = processor_seconds(process.pid)
                times = await ask(server, seconds, people, offset=100_000)
                spent = processor_seconds(process.pid) - before
            finally:
                process.terminate()
                await process.wait()
    ms = 1000 * np.array(times)
    return {
        "per second": len(ms) / seconds,
        "p50 ms": np.percentile(ms, 50),
        "p99 ms": np.percentile(ms, 99),
        "processor ms": 1000 * spent / len(ms),
    }


def processor_seconds(pid: int) -> float:
    """Return what a process and its threads have used so far, of Linux alone."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


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
    print("| | commands per second | p50 | p99 | processor |\n|---|---:|---:|---:|---:|")
    for name, row in rows.items():
        print(
            f"| {name} | {row['per second']:.0f} | {row['p50 ms']:.0f} ms | {row['p99 ms']:.0f} ms"
            f" | {row['processor ms']:.1f} ms |"
        )
    times = rows["Segue"]["processor ms"] / rows["bare bot"]["processor ms"]
    print(f"Segue takes {times:.1f} times the bare bot's processor time")


if __name__ == "__main__":
    asyncio.run(main())
