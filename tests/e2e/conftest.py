"""The database that the product starts with in all tests here."""

from pathlib import Path

import pytest
from worlds import bundled


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """A database with the bundled catalogue and its snapshot, to be copied."""
    return bundled(tmp_path_factory)
