"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets that lie beside the project; several may not be passed on with it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the public data sets in {SHARED_DATA}, which are not part of the project")
    return SHARED_DATA
