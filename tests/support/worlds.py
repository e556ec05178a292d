"""Databases of tests: filled and learned once for all processes of a run, copied by each test."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import STARTER
from recommender.service import MusicService


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name`, which `make` fills for the first of all processes that ask for it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in there
    folder, unfinished = root / name, root / f"{name}.unfinished"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def bundled(factory: pytest.TempPathFactory) -> Path:
    """Return a database with the bundled catalogue and its snapshot, to be copied."""

    async def learn(folder: Path) -> None:
        async with await MusicService.open(folder / "segue.db", starter=STARTER, seed=1):
            pass

    return made_once(factory, "bundled", lambda folder: asyncio.run(learn(folder))) / "segue.db"


def copied(database: Path, folder: Path) -> Path:
    """Copy a closed database, with its snapshot if it has one, into a folder; return the copy."""
    folder.mkdir(exist_ok=True)
    copy = folder / database.name
    shutil.copy(database, copy)
    if (models := Path(f"{database}.models")).is_dir():
        shutil.copytree(models, f"{copy}.models")
    return copy
