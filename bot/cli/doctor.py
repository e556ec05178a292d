"""`segue doctor`: checks everything that Segue needs, one line each, with advice for failures."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from dotenv import dotenv_values

from bot.cli import file_rights
from bot.cli.file_rights import open_to_others
from bot.cli.json_output import STDOUT, as_json
from bot.settings import STARTER, Settings, load, variable
from recommender.audio.ear import can_hear
from recommender.audio.fingerprints import can_fingerprint
from recommender.errors import DamagedSnapshot, MusicError, NotReady
from storage import health
from storage.errors import StorageError
from storage.store import Store

_OLDEST_PYTHON = (3, 11)
_IMPORT_SECONDS = 60
_LEAST_FREE = 200_000_000  # bytes: room for a snapshot of a large catalogue and the write-ahead log
# Annoy is compiled for one processor and crashes on another: another process tries it first.
_TRY_ANNOY = """
from annoy import AnnoyIndex
index = AnnoyIndex(2, "angular")
index.add_item(0, [1.0, 0.0])
index.build(1)
assert index.get_nns_by_item(0, 1) == [0]
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `advice` says what to do if it is not `fine`."""

    name: str
    fine: bool
    found: str
    advice: str = ""


def run(database: Path | None, out: str | None, *, mend: bool = False) -> None:
    """Print every check, or write them as JSON to `out`; raise `MusicError` if one failed.

    `mend` first makes Segue's files readable by their owner only.
    """
    settings = load(database)
    if mend:
        changed = len(file_rights.mend(settings))
        click.echo(f"{changed} files and folders are now readable by their owner alone.", err=True)
    checks = []
    for check in examine(settings):
        checks.append(check)
        if out != STDOUT:
            click.echo(_line(check))
    as_json([asdict(check) for check in checks], out)
    if failed := [check.name for check in checks if not check.fine]:
        raise MusicError(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")


def _line(check: Check) -> str:
    advice = "" if check.fine or not check.advice else f" {check.advice}"
    return f"{'ok    ' if check.fine else 'FAILED'} {check.name}: {check.found}.{advice}"


def examine(settings: Settings) -> Iterator[Check]:
    """Yield every check in turn."""
    yield _python()
    yield _sqlite()
    compiled = [_compiled("annoy", _TRY_ANNOY), _compiled("implicit", "import implicit.als")]
    yield from compiled
    yield _hearing()
    yield _settings()
    yield _starter()
    yield _writable("database folder", settings.database.parent, "SEGUE_DATABASE")
    yield _writable("log folder", settings.log.parent, "SEGUE_LOG")
    yield _free("disk space", settings.database.parent)
    yield _database(settings.database)
    yield _rights(settings)
    if all(check.fine for check in compiled):
        yield _snapshot(settings.database)


def _python() -> Check:
    found = platform.python_version()
    return Check("Python", sys.version_info >= _OLDEST_PYTHON, found, "Install Python 3.11 or newer.")


def _sqlite() -> Check:
    advice = "Use a Python whose sqlite3 has FTS5, such as Debian's."
    if not health.has_full_text_search():
        return Check("SQLite", fine=False, found=f"{health.sqlite_version()} without FTS5", advice=advice)
    return Check("SQLite", fine=True, found=f"{health.sqlite_version()} with FTS5")


def _compiled(name: str, code: str) -> Check:
    advice = (
        "Compile it again: "
        f"{Path(sys.executable).name} -m pip install --force-reinstall --no-cache-dir --no-deps {name}"
    )
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=_IMPORT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Check(name, fine=False, found=f"no answer in {_IMPORT_SECONDS} s", advice=advice)
    if done.returncode < 0:
        found = f"dies of signal {-done.returncode}: compiled for another processor"
        return Check(name, fine=False, found=found, advice=advice)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it cannot be loaded"])[-1]
        return Check(name, fine=False, found=last, advice=advice)
    return Check(name, fine=True, found="loads and works")


def _hearing() -> Check:
    """Tell what can be heard; hearing is an extra, so that nothing fails without it."""
    if not can_hear():
        return Check("hearing", fine=True, found="off; python -m pip install 'segue[audio]' turns it on")
    if not can_fingerprint():
        advice = "off; Debian's libchromaprint-tools turns it on"
        return Check("hearing", fine=True, found=f"on; recognising recordings is {advice}")
    return Check("hearing", fine=True, found="on, with recognition of recordings")


def _settings() -> Check:
    known = {variable(name).upper() for name in Settings.model_fields}
    path = Path(".env")
    said = {**os.environ, **(dotenv_values(path) if path.is_file() else {})}
    unknown = sorted(name for name in said if name.upper().startswith("SEGUE_") and name.upper() not in known)
    where = ".env and the environment" if path.is_file() else "the environment; no .env here"
    advice = f"There is no setting {', '.join(unknown)}: see .env.example for those there are."
    return Check("settings", not unknown, where, advice if unknown else "")


def _starter() -> Check:
    fine = STARTER.is_file()
    found = f"{STARTER.stat().st_size:,} bytes" if fine else f"{STARTER} is missing"
    return Check("starter catalogue", fine, found, "" if fine else "Install Segue again.")


def _writable(name: str, folder: Path, setting: str) -> Check:
    nearest = _nearest(folder)
    fine = nearest.is_dir() and os.access(nearest, os.W_OK)
    found = str(folder) if fine else f"{nearest} cannot be written"
    return Check(name, fine, found, "" if fine else f"Choose another with {setting}.")


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _free(name: str, folder: Path) -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    advice = "Make room there: a like that cannot be written is lost." if free < _LEAST_FREE else ""
    return Check(name, not advice, f"{free / 1e6:,.0f} MB free in {folder}", advice)


def _rights(settings: Settings) -> Check:
    found = open_to_others(settings)
    if not found:
        return Check("file rights", fine=True, found="only their owner can read Segue's files")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    said = f"others on this machine can read {found[0]}{more}"
    return Check("file rights", fine=False, found=said, advice="Mend that: segue doctor --mend")


def _database(path: Path) -> Check:
    if not path.exists():
        return Check("database", fine=True, found=f"{path} will be made at the first start")
    try:
        counts = health.examine(path)
    except StorageError as error:
        return Check("database", fine=False, found=str(error).rstrip("."))  # the error says what to do
    size = f"{path.stat().st_size / 1e6:,.1f} MB"
    found = f"{counts['artists']:,} artists, {counts['tracks']:,} tracks, {size}"
    return Check("database", fine=True, found=f"{path}: {found}, intact")


def _snapshot(database: Path, clock: Callable[[], float] = time.time) -> Check:
    from recommender.scorers.content import Content  # noqa: PLC0415 - after its libraries are known to load
    from recommender.training import usable  # noqa: PLC0415

    try:
        with Store.open(database, readonly=True) as store:
            found = usable.examine(store, database.with_name(f"{database.name}.models"))
    except DamagedSnapshot as damage:
        advice = "The next start sets it aside and learns a new one."
        return Check("snapshot", fine=False, found=str(damage).rstrip("."), advice=advice)
    except (NotReady, StorageError):
        return Check("snapshot", fine=True, found="none yet; the next start learns one")
    if any(isinstance(scorer, Content) and scorer.lacks_index for scorer in found.tracks.scorers):
        return Check(
            "snapshot",
            fine=False,
            found="its index of sounds is missing or damaged",
            advice="Learn it again: segue train",
        )
    hours = max(0.0, clock() - found.created_at) / 3600
    age = f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
    return Check("snapshot", fine=True, found=f"{age} old")
