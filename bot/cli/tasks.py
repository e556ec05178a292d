"""Implementation of the shell commands; `bot.cli.main` declares their options."""

import asyncio
import getpass
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bot.adapters.terminal import chat as terminal
from bot.adapters.terminal.render import clean
from bot.app import open_music, start_log
from bot.cli.json_output import as_json
from bot.replies.i18n import speak
from bot.settings import STARTER, Settings, load
from recommender.audio.acoustid_names import by_acoustid
from recommender.audio.library import LibraryReader
from recommender.errors import NotKnown
from storage.catalogue.heard_songs import HeardSongs
from storage.disk import private_folder
from storage.imports import Options, open_reader
from storage.ingest.importer import fill_starter, run_import
from storage.writer import Writer

_LONGEST_NAME = 64
_FILES = 8  # files that are heard between two writes


def chat(database: Path | None, name: str | None, script: Path | None) -> None:
    """Talk with a user until the lines end."""
    lines = None if script is None else _lines_of(script)
    person = _login_name() if name is None else name
    settings = load(database)
    start_log(settings)
    asyncio.run(_chat(settings, checked(person), lines))


async def _chat(settings: Settings, name: str, lines: Sequence[str] | None) -> None:
    speak(settings.language)
    async with await open_music(settings) as music:
        music.connections.watch()
        await terminal.chat(music, name, lines)


def _lines_of(script: Path) -> list[str]:
    return script.read_text(encoding="utf-8-sig", errors="replace").splitlines()


def checked(name: str) -> str:
    """Return a name as it may be shown; raise `NotKnown` if nothing of it is left."""
    name = clean(name, _LONGEST_NAME)
    if not name:
        raise NotKnown("A name needs a letter or a digit: --as Ann.")
    return name


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a user database
        return "you"


def import_file(
    database: Path | None, form: str, path: Path, name: str | None, source: str | None, columns: str | None
) -> None:
    """Import a file; shows a bar on standard error and prints a summary on standard output."""
    if name is None and form == "auto":
        name = _login_name()  # the owner of an export most likely chats here under the login name
    account = None if name is None else terminal.account(checked(name)).external_id
    options = Options(source, tuple(columns.split(",")) if columns else (), account)
    reader = None if form == "audio" else open_reader(form, path, options)
    settings = load(database)
    private_folder(settings.database.parent)
    with Writer(settings.database) as writer, progress_bar() as bar:
        if settings.starter and form != "starter":
            fill_starter(writer, STARTER)
        task = bar.add_task("importing", total=1.0)
        report = run_import(
            writer,
            reader or _library(writer, path, settings),
            progress=lambda done: bar.update(task, completed=done),
            batch=None if reader else _FILES,
        )
    click.echo(clean(report.sentence(), 10_000))


def _library(writer: Writer, folder: Path, settings: Settings) -> LibraryReader:
    """Return the reader of a folder of music, which leaves out the files that were heard before."""
    known = writer.write(lambda store: HeardSongs(store.db).digests()).result()
    key, named = settings.acoustid_key, None
    if key is not None:
        named = by_acoustid(key.get_secret_value(), settings.acoustid_api_base)
    return LibraryReader(folder, known, os.cpu_count() or 1, named=named)


def stats(database: Path | None, out: str | None) -> None:
    """Print the stored and trained figures."""
    give(asyncio.run(_stats(existing(database))), out)


async def _stats(settings: Settings) -> dict[str, Any]:
    async with await open_music(settings, learn=False) as music:
        return await music.stats()


def rebuild_policy(database: Path | None, out: str | None) -> None:
    """Print the distance between the policy in use and the one recomputed from the log."""
    give(asyncio.run(_rebuild_policy(existing(database))), out)


async def _rebuild_policy(settings: Settings) -> dict[str, Any]:
    async with await open_music(settings, learn=False) as music:
        return await music.rebuilt()


def evaluate_policy(database: Path | None, candidate: str, out: str | None) -> None:
    """Print the estimate of a policy from the log."""
    give(asyncio.run(_evaluate_policy(existing(database), candidate)), out)


async def _evaluate_policy(settings: Settings, candidate: str) -> dict[str, Any]:
    async with await open_music(settings, learn=False) as music:
        found = await music.promotion.compare(candidate)
        figures: dict[str, Any] = {
            "running": await music.promotion.running(),
            "candidate": candidate,
            "decisions": found.decisions,
            "effective": round(found.effective, 1),
        }
        earned = {"earned": found.earned} if found.earned is not None else {}
        for name, estimate in (earned | found.estimates).items():
            figures[name] = {part: round(value, 4) for part, value in estimate._asdict().items()}
        return {**figures, "promote": found.verdict.promote, "because": found.verdict.reason}


def existing(database: Path | None) -> Settings:
    settings = load(database)
    if not settings.database.exists():
        raise NotKnown(
            f"There is no database {settings.database} yet; `segue chat` or `segue import` makes one."
        )
    start_log(settings)
    return settings


def give(figures: dict[str, Any], out: str | None) -> None:
    if as_json(figures, out):
        return
    for name, value in _flat(figures):
        click.echo(f"{name:<28} {value}")


def _flat(figures: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", f"{value:,}" if isinstance(value, int) else clean(str(value))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a progress bar on standard error; show nothing if that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield bar
