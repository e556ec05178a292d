"""Checks as lines or JSON, for `segue doctor` and `segue check`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import click

from bot.cli.json_output import STDOUT, as_json
from recommender.errors import MusicError


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `advice` says what to do if it is not `fine`."""

    name: str
    fine: bool
    found: str
    advice: str = ""


def report(checks: Iterable[Check], out: str | None) -> None:
    """Print every check as it comes, or write all as JSON to `out`; raise `MusicError` if one failed."""
    done = []
    for check in checks:
        done.append(check)
        if out != STDOUT:
            click.echo(_line(check))
    as_json([asdict(check) for check in done], out)
    if failed := [check.name for check in done if not check.fine]:
        raise MusicError(f"{len(failed)} of {len(done)} checks failed: {', '.join(failed)}.")


def _line(check: Check) -> str:
    advice = "" if check.fine or not check.advice else f" {check.advice}"
    return f"{'ok    ' if check.fine else 'FAILED'} {check.name}: {check.found}.{advice}"
