"""A chat starts with what it needs: what only training, files or other platforms need is imported there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NEVER = (
    "aiohttp",
    "cryptography",
    "discord",
    "httpx",
    "httpx2",
    "implicit",
    "lxml",
    "matplotlib",
    "openpyxl",
    "pylast",
    "redis",
    "requests",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.stats",
    "sklearn",
    "spotipy",
    "telegram",
)
MOST_MODULES = 1_390
CHAT = """
import json, sys
from pathlib import Path
from bot.cli import main
(Path.cwd() / "script.txt").write_text("/like Queen\\n/recommend\\n")
status = main.run(["--database", sys.argv[1], "chat", "--as", "Ann", "--script", "script.txt"])
names = sorted(sys.modules)
Path("names.json").write_text(json.dumps([status, names]))
"""


@pytest.fixture
def imported(database):
    """The names of all modules that a chat over a trained database has imported after its first list."""
    # Measuring coverage would import some fifty modules more.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", CHAT, str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "Queen" in done.stdout
    status, names = json.loads(Path("names.json").read_text(encoding="utf-8"))
    assert status == 0
    return names


def test_a_chat_imports_nothing_that_only_others_need(imported):
    loaded = {name for name in NEVER if name in imported}
    assert loaded == set()
    # sqlite-utils imports pandas where it is installed, and with it more that Segue does not need.
    others = ("pandas", "pyarrow", "pytz", "dateutil")
    ours = [name for name in imported if not name.startswith(others)]
    assert len(ours) <= MOST_MODULES
