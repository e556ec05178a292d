"""What every test may ask for."""

import os
from pathlib import Path

import pytest

_OURS = (
    "DISCORD_", "LASTFM_", "LISTENBRAINZ_", "MUSICBRAINZ_", "SEGUE_", "SPOTIFY_", "TELEGRAM_",
)  # fmt: skip

# Whoever runs a bot on this machine has settings in the environment; the tests are to have their own.
for name in [name for name in os.environ if name.startswith(_OURS)]:
    del os.environ[name]

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets that lie beside the project; several may not be passed on with it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the public data sets in {SHARED_DATA}, which are not part of the project")
    return SHARED_DATA
