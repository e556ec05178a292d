"""A store in a temporary folder, with a few people and songs to talk about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "segue.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """An open store inside a transaction, as the writer gives it to its work."""
    with Store.open(database) as opened:
        opened.db.execute("BEGIN IMMEDIATE")
        yield opened
        opened.db.rollback()
