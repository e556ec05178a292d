"""How late the event loop gets while Segue trains and imports.

    python tests/benchmarks/loop_lag.py DATABASE

The aim is below 50 ms.  DATABASE is copied first; what is imported is made up.
"""

import asyncio
import gc
import shutil
import sys
import tempfile
from pathlib import Path

from bot.adapters.loop_lag import Lag
from recommender.service import MusicService
from recommender.types import Query
from storage.imports import Options, open_reader
from storage.ingest.importer import run_import
from storage.records import Account
from storage.writer import Writer

ROWS = 20_000


def prepare(database: Path, folder: Path) -> tuple[Path, Path]:
    """Return a copy of the database, and a file to import."""
    copy = folder / database.name
    shutil.copy(database, copy)
    models = Path(f"{database}.models")
    if models.exists():
        shutil.copytree(models, f"{copy}.models")
    plays = folder / "plays.csv"
    lines = (f"Artist {n % 900},Song {n},{n % 50 + 1}\n" for n in range(ROWS))
    plays.write_text("artist,track,plays\n" + "".join(lines), encoding="utf-8")
    return copy, plays


async def main(copy: Path, plays: Path) -> None:
    async with await MusicService.open(copy, seed=1) as music:
        gc.freeze()  # as `bot.cli.run` does
        for what, work in (
            ("answering", asyncio.sleep(5)),
            ("training", music.train()),
            ("importing", asyncio.to_thread(bring, copy, plays)),
        ):
            print(f"{what:<10} {await lag_during(music, work)}")


def bring(database: Path, plays: Path) -> None:
    with Writer(database) as writer:
        run_import(writer, open_reader("plays", plays, Options(None, (), "bench")))


async def lag_during(music: MusicService, work) -> str:
    """Measure the loop while `work` goes on and two people ask for lists without a break."""
    lag = Lag()
    tasks = [asyncio.create_task(lag.watch()), *(asyncio.create_task(ask(music, n)) for n in range(2))]
    await work
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return f"p99 {lag.usual * 1000:.0f} ms, worst {lag.worst * 1000:.0f} ms"


async def ask(music: MusicService, number: int) -> None:
    listener = await music.arrive(Account("discord", str(number), "bench"))
    while True:
        await music.recommend(Query(listener.user_id))
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(main(*prepare(Path(sys.argv[1]), Path(home))))
