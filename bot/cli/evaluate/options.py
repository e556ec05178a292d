"""Options that the evaluation commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


@dataclass(frozen=True)
class Wish:
    """What every kind of evaluation is told."""

    form: str
    path: Path
    models: str | None  # names with commas between them
    seeds: int
    axis: str
    least: float | None
    threads: int
    out: str | None  # "-": standard output
    plot: Path | None

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """Return the wish that click has parsed."""
        return cls(**options)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a bar on standard error, and nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield bar
