"""`segue doctor` on the command line: every check in a line, and what to do about those that failed."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from bot.doctor import Check, examine
from bot.settings import load
from recommender.errors import MusicError


def run(database: Path | None, out: str | None) -> None:
    """Print the checks; MusicError if one failed."""
    checks = []
    for check in examine(load(database)):
        checks.append(check)
        if out != "-":
            click.echo(_line(check))
    text = json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2) + "\n"
    if out == "-":
        click.echo(text, nl=False)
    elif out is not None:
        Path(out).write_text(text, encoding="utf-8")
    if failed := [check.name for check in checks if not check.fine]:
        raise MusicError(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")


def _line(check: Check) -> str:
    advice = "" if check.fine or not check.advice else f" {check.advice}"
    return f"{'ok    ' if check.fine else 'FAILED'} {check.name}: {check.found}.{advice}"
