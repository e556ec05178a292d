"""The version of Segue and the commit it was built from."""

import shutil
import subprocess
from importlib.metadata import version as installed
from pathlib import Path

_BUILT_FROM = Path(__file__).parent / "data" / "commit.txt"  # written into the wheel by hatch_build.py
_CLONE = Path(__file__).parents[1]


def version() -> str:
    """Return the version and the commit, such as "0.1.0 (1a2b3c4)"."""
    return f"{installed('segue')} ({_commit() or 'unknown commit'})"


def _commit() -> str:
    if _BUILT_FROM.is_file():
        return _BUILT_FROM.read_text(encoding="ascii").strip()
    git = shutil.which("git")
    if git is None or not (_CLONE / ".git").exists():
        return ""
    command = [git, "-C", str(_CLONE), "rev-parse", "--short=7", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - git, found above
    return done.stdout.strip() if done.returncode == 0 else ""
