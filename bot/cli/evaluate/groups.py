"""Implementation of `segue evaluate groups`; `bot.cli.evaluate.commands` declares its options."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bot.cli.json_output import as_json
from recommender.errors import EvaluationError
from recommender.evaluation.group_people import KINDS, Kind
from recommender.evaluation.group_rounds import ServedGroup, rounds
from recommender.evaluation.group_sessions import Evening, sessions
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.readers import read, summary

_WIDEST = 160
_MOST = 50  # users in a group


def groups(
    form: str, path: Path, size: str, kind: str, *, n: int, seeds: int, sessions: int, out: str | None
) -> None:
    """Evaluate groups of these sizes and kinds and simulate sessions; print a table or JSON."""
    sizes, kinds = _sizes(size), _kinds(kind)
    if out not in (None, "-") and not Path(out or "").resolve().parent.is_dir():
        raise EvaluationError(f"There is no folder for {out}; make it first.")
    data = read(form, path, axis="artist", least=None, advance=lambda _: None)
    with threadpool_limits(limits=1):
        report = _report(data, sizes, kinds, n=n, seeds=seeds, held=sessions)
    if as_json(report, out):
        return
    click.echo(report["data"])
    console = Console(width=_WIDEST)
    console.print(_table("ten songs", report["strategies"], ("mean", "worst", "nothing", "evenness")))
    if report["sessions"]:
        console.print(_table("live sessions", report["sessions"], ("mean", "worst", "nothing")))


def _report(
    data: Interactions, sizes: tuple[int, ...], kinds: tuple[Kind, ...], *, n: int, seeds: int, held: int
) -> dict[str, Any]:
    served: dict[tuple[str, str, int], list[ServedGroup]] = {}
    evenings: dict[str, list[Evening]] = {}
    for seed in range(seeds):
        for key, some in rounds(data, seed=seed, sizes=sizes, kinds=kinds, n=n).items():
            served.setdefault(key, []).extend(some)
        if held:
            for name, these in sessions(data, seed=seed, n=held).items():
                evenings.setdefault(name, []).extend(these)
    cells: dict[str, dict[str, dict[str, float]]] = {}
    for (name, kind, size), these_served in served.items():
        cells.setdefault(name, {})[f"{kind} {size}"] = _mean(these_served)
    return {
        "data": summary(data),
        "groups": n * seeds,
        "strategies": {name: {**_over(by_cell), "cells": by_cell} for name, by_cell in cells.items()},
        "sessions": {name: _mean(these) for name, these in evenings.items()},
    }


def _mean(figures: Sequence[ServedGroup] | Sequence[Evening]) -> dict[str, float]:
    rows = [asdict(figure) for figure in figures]
    return {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]}


def _over(cells: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the mean over all cells, equally weighted."""
    names = next(iter(cells.values())).keys()
    return {name: float(np.mean([cell[name] for cell in cells.values()])) for name in names}


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise EvaluationError(f"{text} are no sizes: --size 2,4,8.") from error
    if not all(2 <= size <= _MOST for size in sizes):
        raise EvaluationError(f"A group has from 2 to {_MOST} people: --size 2,4,8.")
    return sizes


def _kinds(text: str) -> tuple[Kind, ...]:
    kinds = tuple(part.strip() for part in text.split(","))
    if unknown := set(kinds) - set(KINDS):
        raise EvaluationError(
            f"There are no groups of kind {', '.join(sorted(unknown))}: {', '.join(KINDS)}."
        )
    return cast("tuple[Kind, ...]", kinds)


def _table(first: str, rows: dict[str, dict[str, Any]], names: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for label, figures in rows.items():
        table.add_row(label, *(f"{figures[name]:.3f}" for name in names))
    return table
