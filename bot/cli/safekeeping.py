"""Implementation of `segue backup`, `restore` and `check`; `bot.cli.keeping` declares their options."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.backups import back_up, cipher_of
from bot.cli.checks import Check, report
from bot.cli.keeping import say
from bot.heartbeat import LATE_SECONDS, seconds_since_beat
from bot.settings import Settings, load
from recommender.errors import DamagedSnapshot, NotKnown, NotReady
from storage import integrity, restoring
from storage.backups import Cipher, Manifest
from storage.store import Store


def backup(database: Path | None, file: Path, out: str | None, *, encrypt: bool) -> None:
    """Make a backup and print what it holds."""
    settings = _existing(database)
    key = cipher_of(settings) if encrypt or settings.backups_encrypted else None
    made = back_up(settings.database, file, now=int(time.time()), key=key)
    size = file.stat().st_size
    say([f"{file}: {_told(made)}; {size / 1e6:,.1f} MB."], {**made.figures(), "file_size": size}, out)


def restore(database: Path | None, file: Path, out: str | None, *, replace: bool, only_verify: bool) -> None:
    """Verify a backup, put it in place unless `only_verify`, and print what happened."""
    settings = load(database)
    key = _key(settings)
    if only_verify:
        found = restoring.verify(file, key)
        say([f"{file} is intact: {_told(found)}."], found.figures(), out)
        return
    done = restoring.restore(file, settings.database, cipher=key, replace=replace)
    lines = [f"{settings.database}: {_told(done.manifest)}."]
    if done.erased:
        lines.append(f"{done.erased} users who were erased after the backup are erased again.")
    if done.ended:
        lines.append(
            f"{done.ended} signed-in browsers and API tokens of the backup do not work: they were ended "
            "since, or nothing tells that they were not. /web in the chat makes new ones."
        )
    if not done.has_list:
        lines.append(
            f"There is no list of erased users beside {file}: whoever was erased after "
            f"{_moment(done.manifest.created_at)} is back. Erase them again with /forget, or tell them."
        )
    if done.replaced:
        lines.append(f"The database that was there is now {done.replaced}.")
    figures = {
        **done.manifest.figures(),
        "erased_again": done.erased,
        "ended": done.ended,
        "has_erased_list": done.has_list,
    }
    say(lines, figures, out)


def check(database: Path | None, out: str | None) -> None:
    """Print every finding; raise `MusicError` if something is wrong."""
    report(_findings(_existing(database).database), out)


def _findings(database: Path) -> Iterator[Check]:
    with Store.open(database, readonly=True) as store:
        broken = False
        for name, problems in integrity.findings(store):
            broken = broken or bool(problems)
            advice = "" if not problems else "Restore a backup: segue restore FILE --replace"
            yield Check(name, not problems, "; ".join(problems) or "in order", advice)
        if not broken:
            yield from _learned(store, database.with_name(f"{database.name}.models"))


def _learned(store: Store, models: Path) -> Iterator[Check]:
    from recommender.training import audit, usable  # noqa: PLC0415 - heavy

    try:
        snapshot = usable.examine(store, models)
    except DamagedSnapshot as damage:
        advice = "The next start sets it aside and learns a new one."
        yield Check("snapshot", fine=False, found=str(damage).rstrip("."), advice=advice)
        return
    except NotReady:
        yield Check("snapshot", fine=True, found="none for this database yet; the next start learns one")
        return
    yield Check("snapshot", fine=True, found=f"{snapshot.version} was learned from this database")
    users, differing = audit.unlike_log(store, snapshot)
    found = f"{users:,} users compared with the log, {differing:,} differ"
    yield Check("profiles", not differing, found, "" if not differing else "Learn again: segue train")


def health(database: Path | None) -> None:
    """Say how long ago the event loop gave a sign; raise `MusicError` if that is too long."""
    since = seconds_since_beat(load(database).database)
    if since is None:
        raise NotReady("Segue does not run on this database; start it: segue run")
    if since > LATE_SECONDS:
        raise NotReady(f"Segue has given no sign of life for {since:,.0f} s; start it again.")
    click.echo(f"Segue runs; its last sign of life was {since:.0f} s ago.")


def _existing(database: Path | None) -> Settings:
    settings = load(database)
    if not settings.database.exists():
        raise NotKnown(f"There is no database {settings.database}; --database FILE names another.")
    return settings


def _key(settings: Settings) -> Cipher | None:
    return None if settings.token_key is None else cipher_of(settings)


def _told(made: Manifest) -> str:
    counts = ", ".join(f"{made.counts.get(name, 0):,} {name}" for name in ("users", "events", "tracks"))
    return f"{counts} of {_moment(made.created_at)}, by {made.made_by}" + (
        ", encrypted" if made.encrypted else ""
    )


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
