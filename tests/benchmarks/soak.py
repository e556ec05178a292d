"""A day of a busy server in simulated time, and what is left at its end.

    python tests/benchmarks/soak.py [--commands 20000] [--people 200] [--seed 0]

People like, ask for lists and judge them, eight at a time; messages come twice, answers get lost and their
messages come again, files are imported, models are trained, backups are made, and the service is opened anew
several times.  Exit status 1 if an event is lost or doubled, if a check of the database fails, or if memory,
threads, open files or the write-ahead log grow beyond the bounds below.  The platforms' own faults (429, lost
lines) are tested where they happen, in tests/bot/discord and tests/e2e.
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np

from bot.backups import BackupSchedule
from bot.commands import delivered, dispatch, perform
from bot.context import Context
from bot.handlers.importing import bring
from bot.replies import Problem, SlateReply
from bot.settings import STARTER, Settings
from recommender.service import MusicService
from storage.integrity import findings
from storage.records import Account, Community
from storage.restoring import verify
from storage.store import Store

DAY = 86_400.0
START = 1_700_000_000.0
AT_ONCE = 8
LOST = 0.03  # share of answers that never arrive: the message is delivered again, with its key
TWICE = 0.02  # share of messages that are delivered twice at once
PARTS = 4  # between them the process starts anew
FILES_PER_PART, ROWS = 3, 1_500
MIX = {
    "like": 0.3,
    "dislike": 0.05,
    "recommend": 0.3,
    "similar": 0.15,
    "why": 0.1,
    "profile": 0.05,
    "name": 0.05,
}
BOUNDS = {"memory MB": 120.0, "threads": 2.0, "open files": 8.0, "WAL MB": 64.0}
"""How much more there may be after the last part than after the second, the first that maps a snapshot from
disk; of the write-ahead log: how much at all.
"""


class Soak:
    """One simulated day."""

    def __init__(self, folder: Path, commands: int, people: int, seed: int) -> None:
        self.database, self.backups = folder / "segue.db", folder / "backups"
        self.commands, self.people = commands, people
        self.rng = np.random.default_rng(seed)
        self.number = 0
        self.seconds: dict[str, list[float]] = {}
        self.problems: Counter[str] = Counter()
        self.expected: set[str] = set()  # updates that must have left one event
        self.liked = [0] * people
        self.songs: list[str] = []

    def now(self) -> float:
        """The time of the simulated day."""
        return START + DAY * self.number / self.commands

    async def part(self, last: int) -> dict[str, float]:
        """Open the service and serve until the command `last`; return what that takes."""
        async with await MusicService.open(self.database, starter=STARTER, seed=1, clock=self.now) as music:
            if not self.songs:
                await self._look_up()
                gc.freeze()  # as `bot.cli.run` does, once
            files = [asyncio.create_task(self._import(music, n)) for n in range(FILES_PER_PART)]
            await asyncio.gather(*(self._worker(music, last) for _ in range(AT_ONCE)))
            await asyncio.gather(*files)
            await music.train()
            schedule = BackupSchedule(Settings(database=self.database, backups=self.backups), self.now)
            await asyncio.to_thread(schedule.look)
            return used(self.database)

    async def _look_up(self) -> None:
        with Store.open(self.database, readonly=True) as store:
            names = "SELECT artists.name, title FROM tracks JOIN artists ON artists.id = artist_id"
            rows = store.db.execute(f"{names} ORDER BY tracks.id")
            self.songs = [f"{artist} - {title}" for artist, title in rows if " - " not in artist + title]

    async def _worker(self, music: MusicService, last: int) -> None:
        while self.number < last:
            self.number += 1
            await self._command(music, self.number)

    async def _command(self, music: MusicService, number: int) -> None:
        person = int(self.rng.integers(self.people))
        verb = str(self.rng.choice(list(MIX), p=list(MIX.values())))
        update = f"soak-{number}"
        line, times = self._line(verb, person), 1 + int(self.rng.random() < TWICE)
        context = self._context(music, person, update)
        began = time.perf_counter()
        replies = await asyncio.gather(*(dispatch(context, line) for _ in range(times)))
        self.seconds.setdefault(verb, []).append(time.perf_counter() - began)
        if self.rng.random() < LOST:
            replies = [await dispatch(context, line)]
        elif isinstance(replies[0], SlateReply):
            await delivered(context, replies[0])
        for reply in replies:
            if isinstance(reply, Problem):
                self.problems[reply.sentence.partition(":")[0][:60]] += 1
            elif verb in ("like", "dislike"):
                self.expected.add(update)

    def _line(self, verb: str, person: int) -> str:
        match verb:
            case "like" | "dislike":
                # A song that this person has said nothing about.
                self.liked[person] += 1
                return f"/{verb} {self.songs[(person * 37 + self.liked[person] * 11) % len(self.songs)]}"
            case "recommend":
                return f"/recommend {self.rng.integers(1, 11)}"
            case "similar":
                return f"/similar {self.songs[int(self.rng.integers(len(self.songs)))]}"
            case "name":
                return self.songs[int(self.rng.integers(len(self.songs)))].lower()
        return f"/{verb}"

    def _context(self, music: MusicService, person: int, update: str) -> Context:
        room = Community("discord", f"server {person % 3}", "server", f"server {person % 3}")
        return Context(music, Account("discord", str(person), f"person {person}"), room, update, chat="c")

    async def _import(self, music: MusicService, n: int) -> None:
        person = int(self.rng.integers(self.people))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plays.csv"
            rows = [self.songs[int(i)] for i in self.rng.integers(len(self.songs), size=ROWS)]
            lines = [
                f'"{artist}","{title}",{n + 1}\n'
                for artist, _, title in (row.partition(" - ") for row in rows)
            ]
            path.write_text("artist,track,plays\n" + "".join(lines), encoding="utf-8")
            context = self._context(music, person, f"file-{self.number}-{n}")
            reply = await perform(context, partial(_bring, path=path))
        if isinstance(reply, Problem):
            self.problems[f"import: {reply.sentence[:50]}"] += 1

    def wrong(self) -> list[str]:
        """Compare the database with what was acknowledged; return what is wrong."""
        said: Counter[str] = Counter()
        with Store.open(self.database, readonly=True) as store:
            for (key,) in store.db.execute("SELECT key FROM events WHERE key LIKE 'soak-%'"):
                said[key.partition(":")[0]] += 1
            found = [f"{one.name}: {problem}" for one in findings(store) for problem in one.problems]
        lost = sum(update not in said for update in self.expected)
        doubled = sum(said[update] > 1 for update in self.expected)
        if lost or doubled:
            found.append(f"{lost} events lost, {doubled} doubled, of {len(self.expected)}")
        for backup in self.backups.glob("*.zip"):
            verify(backup)
        return found


async def _bring(ask, path):
    return await bring(ask, path)


def used(database: Path) -> dict[str, float]:
    """Return what this process and its write-ahead log take now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    wal = Path(f"{database}-wal")
    return {
        "memory MB": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "threads": float(threading.active_count()),
        "open files": float(len(list(Path("/proc/self/fd").iterdir()))),
        "WAL MB": wal.stat().st_size / 1e6 if wal.exists() else 0.0,
    }


def main() -> int:
    """Run the day and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began, marks = time.monotonic(), []
    with tempfile.TemporaryDirectory() as home:
        soak = Soak(Path(home), asked.commands, asked.people, asked.seed)
        for part in range(1, PARTS + 1):
            marks.append(asyncio.run(soak.part(asked.commands * part // PARTS)))
            print(
                f"part {part}: " + ", ".join(f"{name} {value:.0f}" for name, value in marks[-1].items()),
                flush=True,
            )
        wrong = soak.wrong()
    print("\n| command | times | p50 | p99 |\n|---|---:|---:|---:|")
    for verb, seconds in sorted(soak.seconds.items()):
        p50, p99 = (1000 * np.quantile(seconds, share) for share in (0.5, 0.99))
        print(f"| {verb} | {len(seconds):,} | {p50:.0f} ms | {p99:.0f} ms |")
    for name, bound in BOUNDS.items():
        more = marks[-1][name] - (0.0 if name == "WAL MB" else marks[1][name])
        if more > bound:
            wrong.append(f"{name} grew by {more:.0f}, the bound is {bound:.0f}")
    print(f"\n{len(soak.expected):,} reactions acknowledged; other answers: {dict(soak.problems)}")
    verdict = "; ".join(wrong) or "Nothing lost, nothing doubled, all within bounds."
    print(f"{time.monotonic() - began:.0f} s, {time.process_time():.0f} s of them computing. {verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
