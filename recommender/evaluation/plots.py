"""Plots of a report as PNG. matplotlib is imported only to draw one."""

from __future__ import annotations

import importlib.util
import math
from typing import TYPE_CHECKING, Any

from recommender.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

_METRIC = "ndcg@100"
_INCHES = (11.0, 4.5)


def check_plotting() -> None:
    """Raise EvaluationError if no plot can be drawn, before hours are spent on the results."""
    if importlib.util.find_spec("matplotlib") is None:
        raise EvaluationError("A plot needs matplotlib: pip install 'segue[plot]'.")


def plot_ranking(report: Mapping[str, Any], path: Path) -> None:
    """Plot each model's NDCG@100 with its standard error, and against the response time."""
    models = sorted(report["models"].items(), key=lambda item: item[1][_METRIC] or 0)
    names = [name for name, _ in models]
    reached = [_drawn(figures[_METRIC]) for _, figures in models]
    with _Picture(path, 2) as (left, right):
        left.barh(
            names, reached, xerr=[_drawn(f["se"][_METRIC]) for _, f in models], color="tab:blue", alpha=0.8
        )
        left.set_xlabel("NDCG@100, mean and standard error")
        right.scatter([f["ms_per_user"] for _, f in models], reached, color="tab:blue")
        for name, figures in models:
            right.annotate(name, (figures["ms_per_user"], _drawn(figures[_METRIC])), fontsize="small")
        right.set_xscale("log")
        right.set_xlabel("milliseconds per person, training apart")
        right.set_ylabel("NDCG@100")


def plot_few_items(report: Mapping[str, Any], path: Path) -> None:
    """Plot each model's NDCG@100 over the number of known items."""
    with _Picture(path, 1) as (axes,):
        for name, figures in report["models"].items():
            lengths = list(figures[_METRIC])
            errors = [_drawn(figures["se"][_METRIC][length]) for length in lengths]
            reached = [_drawn(figures[_METRIC][length]) for length in lengths]
            axes.errorbar(lengths, reached, yerr=errors, label=name, marker="o", capsize=2)
        axes.set_xlabel("known items")
        axes.set_ylabel("NDCG@100, mean and standard error")
        axes.legend()


def plot_cold_items(report: Mapping[str, Any], path: Path) -> None:
    """Plot each model's Recall@20, with everybody's tags and with others' tags."""
    models = report["models"]
    with _Picture(path, 1) as (axes,):
        for variant, offset in (("everybody", -0.2), ("others", 0.2)):
            found = [figures if variant == "everybody" else figures["others"] for figures in models.values()]
            axes.barh(
                [place + offset for place in range(len(models))],
                [_drawn(figures["recall@20"]) for figures in found],
                xerr=[_drawn(figures["se"]["recall@20"]) for figures in found],
                height=0.4,
                label=f"tags by {variant}",
            )
        axes.set_yticks(range(len(models)), list(models))
        axes.set_xlabel("Recall@20 over the hidden items")
        axes.legend()


def plot_listeners(report: Mapping[str, Any], path: Path) -> None:
    """Plot the policy's cumulative regret in likes, by round."""
    with _Picture(path, 1) as (axes,):
        axes.plot(range(1, len(report["regret"]) + 1), report["regret"], color="tab:blue")
        axes.set_xlabel("items shown")
        axes.set_ylabel("regret: likes missed, mean over listeners")
        axes.set_title(f"{report['policy']}, community: {report['behaviour']['community']}")


def _drawn(value: float | None) -> float:
    return math.nan if value is None else value


class _Picture:
    """Axes side by side, saved when the block succeeds; no window, no global state."""

    def __init__(self, path: Path, columns: int) -> None:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional library

        self._figure = Figure(figsize=_INCHES, layout="constrained")
        self._path = path
        self._columns = columns

    def __enter__(self) -> list[Axes]:
        return list(self._figure.subplots(1, self._columns, squeeze=False)[0])

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self._figure.savefig(self._path, format="png", dpi=120)
