"""`segue evaluate audio`: how well files are heard."""

from pathlib import Path
from typing import Any

import click

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from recommender.audio.ear import MISSING, can_hear
from recommender.errors import Unavailable
from recommender.evaluation.heard_files import evaluated


def run(path: Path, seed: int, out: str | None) -> None:
    """Hear all files and print the figures; shows a progress bar on standard error."""
    if not can_hear():
        raise Unavailable(MISSING)
    with progress() as shown:
        task = shown.add_task("hearing", total=1.0)
        figures = evaluated(path, lambda share: shown.update(task, completed=share), seed=seed)
    if as_json(figures, out):
        return
    for name, value in figures.items():
        for line, figure in value.items() if isinstance(value, dict) else [("", value)]:
            click.echo(f"{f'{name} {line}'.strip():<40} {_text(figure)}")


def _text(figure: Any) -> str:  # noqa: ANN401 - a figure or a sentence
    return f"{figure:.4f}" if isinstance(figure, float) else str(figure)
