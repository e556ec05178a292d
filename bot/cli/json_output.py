"""`--json [OUT]`: figures as JSON, on standard output or in a file."""

import json
from pathlib import Path
from typing import Any

import click

STDOUT = "-"
json_option = click.option(
    "--json",
    "out",
    metavar="[OUT]",
    is_flag=False,
    flag_value=STDOUT,
    help="Give the figures as JSON: on standard output, or in the file OUT.",
)


def as_json(figures: Any, out: str | None) -> bool:  # noqa: ANN401 - whatever JSON can hold
    """Write the figures to `out` ("-" is standard output); return whether they went to standard output.

    None for `out` writes nothing.  Raises OSError if the file cannot be written.
    """
    text = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
    if out == STDOUT:
        click.echo(text, nl=False)
    elif out is not None:
        Path(out).write_text(text, encoding="utf-8")
    return out == STDOUT
