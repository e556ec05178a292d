"""Options that the evaluation commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


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
