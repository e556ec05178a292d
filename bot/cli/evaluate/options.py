"""Options that the evaluation commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class ModelChoice:
    """Options of every kind of evaluation."""

    form: str
    path: Path
    models: str | None  # names separated by commas
    seeds: int
    axis: str
    least: float | None
    threads: int
    out: str | None  # "-" is standard output
    plot: Path | None

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """Return the options as parsed by click."""
        return cls(**options)
