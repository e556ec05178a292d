"""Files as they come, written by the test that reads them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.imports import ListenRow, Noted, Options, Row, Skipped, open_reader

Read = Callable[..., list[Row]]


@pytest.fixture
def write(tmp_path):
    def write(content, name="file.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def read(write):
    """Return all rows of a file with this content, read in this format."""

    def read(form, content, name="file.csv", **options):
        path = content if isinstance(content, Path) else write(content, name)
        return list(open_reader(form, path, Options(**options)).rows())

    return read


@pytest.fixture
def listens():
    """Return the listens among rows as (user, artist, title, at, plays)."""

    def listens(rows):
        found = [row for row in rows if isinstance(row, ListenRow)]
        return [(row.user, row.artist, row.title, row.at, row.plays) for row in found]

    return listens


@pytest.fixture
def reasons():
    """Return (line, reason) of what was skipped, or (line, what) of what was noted."""

    def reasons(rows, kind=Skipped):
        return [
            (row.line, row.what if isinstance(row, Noted) else row.reason)
            for row in rows
            if isinstance(row, kind)
        ]

    return reasons


@pytest.fixture
def kinds():
    return lambda rows: Counter(type(row).__name__ for row in rows)
