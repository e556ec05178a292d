"""`segue doctor` on the command line: every check in a line, and what to do about those that failed."""

from dataclasses import asdict
from pathlib import Path

import click

from bot.cli import file_rights
from bot.cli.doctor import Check, examine
from bot.cli.json_output import STDOUT, as_json
from bot.settings import load
from recommender.errors import MusicError


def run(database: Path | None, out: str | None, *, mend: bool = False) -> None:
    """Print the checks; MusicError if one failed.  `mend` first closes Segue's files to others."""
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
