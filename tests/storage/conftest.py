"""A store in a temporary folder, with a few people and songs to talk about."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds import copied, made_once

from storage.store import Store


@pytest.fixture(scope="session")
def empty(tmp_path_factory) -> Path:
    """A database without a fact, to be copied: making the schema takes a tenth of a second."""

    def make(folder: Path) -> None:
        with Store.open(folder / "segue.db"):
            pass

    return made_once(tmp_path_factory, "empty", make) / "segue.db"


@pytest.fixture
def database(empty, tmp_path: Path) -> Path:
    return copied(empty, tmp_path)


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """An open store inside a transaction, as the writer gives it to its work."""
    with Store.open(database) as opened:
        opened.db.execute("BEGIN IMMEDIATE")
        yield opened
        opened.db.rollback()
