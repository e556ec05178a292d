"""`segue doctor`: checks everything that Segue needs, one line each, with advice for failures."""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import click
from dotenv import dotenv_values

from bot.cli import file_rights
from bot.cli.checks import Check, report
from bot.cli.file_rights import open_to_others
from bot.pictures import fonts
from bot.pictures.painter import Painter, PaintError, can_paint
from bot.settings import STARTER, Settings, load, variable
from recommender.audio.ear import can_hear
from recommender.audio.fingerprints import can_fingerprint
from recommender.errors import DamagedSnapshot, MusicError, NotReady
from recommender.training import on_spark
from storage import health
from storage.disk import LEAST_FREE
from storage.errors import StorageError
from storage.store import Store
from storage.writer import Writer

_OLDEST_PYTHON = (3, 11)
_IMPORT_SECONDS = 60
# Annoy is compiled for one processor and crashes on another: another process tries it first.
_TRY_ANNOY = """
from annoy import AnnoyIndex
index = AnnoyIndex(2, "angular")
index.add_item(0, [1.0, 0.0])
index.build(1)
assert index.get_nns_by_item(0, 1) == [0]
"""


_WEB = ("fastapi", "itsdangerous", "jinja2", "multipart", "segno", "uvicorn")
_TRY_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">a</text></svg>'


def run(database: Path | None, out: str | None, *, mend: bool = False) -> None:
    """Print every check, or write them as JSON to `out`; raise `MusicError` if one failed.

    `mend` first makes Segue's files readable by their owner only, and profiles anew that are not as the log.
    """
    settings = load(database)
    if mend:
        changed = len(file_rights.mend(settings))
        click.echo(f"{changed} files and folders are now readable by their owner alone.", err=True)
        _mend_profiles(settings.database)
    report(examine(settings), out)


def examine(settings: Settings) -> Iterator[Check]:
    """Yield every check in turn."""
    yield _python()
    yield _sqlite()
    compiled = [_annoy(), _compiled("implicit", "import implicit.als")]
    yield from compiled
    yield _hearing()
    yield _spark()
    yield _kafka(settings)
    yield _settings()
    yield _starter()
    yield _writable("database folder", settings.database.parent, "SEGUE_DATABASE")
    yield _writable("log folder", settings.log.parent, "SEGUE_LOG")
    yield _free("disk space", settings.database.parent)
    yield _database(settings.database)
    yield _rights(settings)
    yield _pictures()
    yield _pages(settings)
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


def _annoy() -> Check:
    if find_spec("annoy") is None:
        found = (
            "not installed, which changes no answer; similar songs by sound take 5 ms longer among 200,000 "
            "songs, 10 ms among a million. With a C++ compiler: pip install 'segue[index]'"
        )
        return Check("annoy", fine=True, found=found)
    return _compiled("annoy", _TRY_ANNOY)


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


def _spark() -> Check:
    """Tell whether training can run on Spark; that is an extra, so that nothing fails without it."""
    try:
        on_spark.check_installed()
    except (MusicError, StorageError) as reason:
        return Check("training on Spark", fine=True, found=f"off. {reason}")
    return Check("training on Spark", fine=True, found="possible")


def _kafka(settings: Settings) -> Check:
    """Tell whether Kafka can be spoken, and whether the brokers of SEGUE_EVENTS answer."""
    if find_spec("confluent_kafka") is None:
        fine = settings.events is None
        advice = "" if fine else "SEGUE_EVENTS needs it: pip install 'segue[kafka]'"
        return Check("Kafka", fine, "the extra segue[kafka] is not installed", advice)
    if settings.events is None:
        return Check("Kafka", fine=True, found="installed; SEGUE_EVENTS names no brokers")
    from bot.adapters.kafka import client  # noqa: PLC0415 - of an extra

    try:
        found = client.ping(settings, client.brokers_of(settings))
    except MusicError as error:
        advice = "The chat goes on, and facts wait. Start the broker, or correct SEGUE_EVENTS."
        return Check("Kafka", fine=False, found=str(error).rstrip("."), advice=advice)
    return Check("Kafka", fine=True, found=found)


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
    advice = "Make room there: a like that cannot be written is lost." if free < LEAST_FREE else ""
    return Check(name, not advice, f"{free / 1e6:,.0f} MB free in {folder}", advice)


def _rights(settings: Settings) -> Check:
    found = open_to_others(settings)
    if not found:
        return Check("file rights", fine=True, found="only their owner can read Segue's files")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    said = f"others on this machine can read {found[0]}{more}"
    return Check("file rights", fine=False, found=said, advice="Mend that: segue doctor --mend")


def _pictures() -> Check:
    if not can_paint():
        found = "not installed, so that cards are text; the extra segue[pictures] draws them"
        return Check("pictures", fine=True, found=found)
    began, drawer = time.perf_counter(), Painter()
    try:
        drawer.picture(_TRY_PICTURE)
    except (OSError, PaintError) as error:
        advice = "Install it again: pip install --force-reinstall 'segue[pictures]'"
        return Check("pictures", fine=False, found=str(error), advice=advice)
    finally:
        drawer.close()
    found = f"drawn in {time.perf_counter() - began:.1f} s with {len(fonts.files())} fonts of their own"
    return Check("pictures", fine=True, found=f"{found}; rarer scripts need a font of the system")


def _pages(settings: Settings) -> Check:
    """Tell whether the web pages can be served; they are an extra."""
    missing = [name for name in _WEB if find_spec(name) is None]
    if missing:
        found = f"not installed ({', '.join(missing)}); the extra segue[web] brings them"
        return Check("web pages", fine=not settings.web, found=found, advice="pip install 'segue[web]'")
    return Check("web pages", fine=True, found=settings.web_address or "off; SEGUE_WEB turns them on")


def _database(path: Path) -> Check:
    if not path.exists():
        return Check("database", fine=True, found=f"{path} will be made at the first start")
    try:
        counts = health.examine(path)
        different = health.profile_differences(path)
    except StorageError as error:
        return Check("database", fine=False, found=str(error).rstrip("."))  # the error says what to do
    if different:
        found = f"{different:,} rows of profiles are not what its log of events says"
        return Check("database", fine=False, found=found, advice="Make them anew: segue doctor --mend")
    size = f"{path.stat().st_size / 1e6:,.1f} MB"
    found = f"{counts['artists']:,} artists, {counts['tracks']:,} tracks, {size}"
    return Check("database", fine=True, found=f"{path}: {found}, intact")


def _mend_profiles(path: Path) -> None:
    if not path.exists() or not health.profile_differences(path):
        return
    with Writer(path) as writer:
        writer.write(lambda store: store.profiles.rebuild()).result()
    click.echo("Profiles are made anew from the log of events.", err=True)


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
