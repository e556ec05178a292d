"""Trainings from the command line, here or on Spark, and what Spark and replicas read of them."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bot.app import open_music
from bot.cli.tasks import existing, give, progress_bar
from bot.settings import Settings
from recommender.training import published
from recommender.training.on_spark import SparkEngine, check_installed
from recommender.training.stored_facts import SOUND
from storage.replica import log_slices
from storage.store import Store
from storage.writer import Writer


class OnSpark(NamedTuple):
    """How to train on Spark."""

    master: str  # "" is this machine
    slices: Path | None  # None: beside the database
    sample: int  # users


def train(
    database: Path | None, out: str | None, sound: str | None, spark: OnSpark | None, publish: str | None
) -> None:
    """Train on everything stored and print the result; later trainings reuse `sound`."""
    settings = existing(database)
    if sound is not None:
        with Writer(settings.database) as writer:
            writer.write(lambda store: store.people.set_setting("app", 0, SOUND, sound)).result()
    figures = asyncio.run(_train(settings, spark))
    if publish is not None:
        folder = settings.database.with_name(settings.database.name + ".models")
        figures["published"] = published.publish(settings.database, folder, publish)
    give(figures, out)


async def _train(settings: Settings, spark: OnSpark | None) -> dict[str, Any]:
    with progress_bar() as bar:
        task = bar.add_task("learning", total=1.0)

        def tell(what: str, share: float) -> None:
            bar.update(task, description=what, completed=share)

        engine = None if spark is None else _engine(settings, spark, tell)
        async with await open_music(settings, learn=False) as music:
            return await music.train(tell, engine)


def _engine(settings: Settings, spark: OnSpark, tell: Callable[[str, float], None]) -> SparkEngine:
    check_installed()
    folder = spark.slices
    if folder is None:
        folder = settings.database.with_name(settings.database.name + ".slices")
        _export(settings, folder, partial(tell, "slices of the log"))
    return SparkEngine(folder.resolve(), spark.master, spark.sample)


def export(database: Path | None, folder: Path, out: str | None) -> None:
    """Bring the slices below `folder` up to date and print what was written."""
    log_slices.check_installed()
    settings = existing(database)
    with progress_bar() as bar:
        task = bar.add_task("slices of the log", total=1.0)
        done = _export(settings, folder, lambda share: bar.update(task, completed=share))
    give(done._asdict(), out)


def _export(settings: Settings, folder: Path, tell: Callable[[float], None]) -> log_slices.Exported:
    with Writer(settings.database) as writer:
        key = writer.write(log_slices.make_key).result()
    with Store.open(settings.database, readonly=True) as store:
        return log_slices.write(store, folder, key, tell)
