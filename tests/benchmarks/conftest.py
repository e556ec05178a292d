"""Worlds of three sizes, built once and kept beside pytest-benchmark's own storage."""

import asyncio
from pathlib import Path

import pytest
import world

from recommender.service import MusicService

SIZES = (10_000, 100_000, 1_000_000)
WORLDS = Path(__file__).resolve().parents[2] / ".benchmarks" / "worlds"


def pytest_addoption(parser):
    parser.addoption("--largest", type=int, default=max(SIZES), help="leave out worlds of more tracks")


def pytest_generate_tests(metafunc):
    if "tracks" in metafunc.fixturenames:
        sizes = [size for size in SIZES if size <= metafunc.config.getoption("largest")]
        metafunc.parametrize("tracks", sizes, scope="session")


@pytest.fixture(scope="session")
def database(tracks):
    path = WORLDS / f"{tracks}.db"
    if not path.exists():
        WORLDS.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        world.build(part, tracks)
        part.rename(path)
    return path


@pytest.fixture(scope="session")
def loop():
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="session")
def music(database, loop):
    service = loop(MusicService.open(database, seed=0))
    yield service
    loop(service.close())
