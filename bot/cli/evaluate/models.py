"""Implementation of the model comparisons; `bot.cli.evaluate.commands` declares their options."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.options import ModelChoice
from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from recommender.arrays import Floats
from recommender.errors import EvaluationError
from recommender.evaluation.accuracy import ranking_outcome
from recommender.evaluation.cold_items import cold_items_outcome, cold_split
from recommender.evaluation.few_items import LENGTHS, few_items_outcome
from recommender.evaluation.fitting import named
from recommender.evaluation.heard_items import heard_items
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.models import (
    BY_SOUND,
    BY_TAGS,
    COLD,
    DEFAULT,
    DEFAULT_COLD,
    HEARD,
    MODELS,
    Trainable,
)
from recommender.evaluation.outcomes import EvaluationRun, Outcome, run
from recommender.evaluation.plots import check_plotting, plot_cold_items, plot_few_items, plot_ranking
from recommender.evaluation.readers import read, summary
from recommender.evaluation.report import cold_items_report, few_items_report, number, ranking_report
from recommender.evaluation.served import TOGETHER
from recommender.evaluation.splits import Split, strong_generalisation
from recommender.evaluation.time_split import time_split

S = TypeVar("S")

_WIDEST = 180  # characters of a table
_SURE = 2.0  # standard errors
_SOUND = (
    "{items:,} items were heard. With tags hidden too, sound places new items better than tags: {helps}"
    " ({difference:+.4f} ± {se:.4f} NDCG@100)."
)
_SPLITS = {"strong": strong_generalisation, "time": time_split}
# Column title, name of the figure, number format.
_RANKING = (
    ("NDCG@100", "ndcg@100", ".4f"),
    ("R@20", "recall@20", ".4f"),
    ("R@50", "recall@50", ".4f"),
    ("NDCG@10", "ndcg@10", ".4f"),
    ("MRR", "mrr@100", ".4f"),
    ("items", "distinct@10", ",.0f"),
    ("covers", "coverage@10", ".1%"),
    ("novelty", "novelty@10", ".2f"),
    ("diversity", "diversity@10", ".3f"),
    ("pop.lift", "popularity_lift@10", "+.2f"),
    ("fit s", "fit_s", ".2f"),
    ("ms/user", "ms_per_user", ".2f"),
    ("peak MB", "peak_mb", ",.0f"),
)


def ranking(wish: ModelChoice, kind: str, *, without_tags: bool) -> None:
    """Compare the models on held-out users, or on the future of known ones."""

    def split(data: Interactions, *, seed: int) -> Split:
        made = _SPLITS[kind](data, seed=seed)
        return made.without_tags() if without_tags else made

    with _session(wish, MODELS) as session:
        done = session.run(split, ranking_outcome)
        report = ranking_report(done, default=DEFAULT, protocol=kind, data=summary(session.data))
    _give(wish, report, plot_ranking, _ranking_table(done))


def few_items(wish: ModelChoice) -> None:
    """Compare the models with few known items per user."""
    with _session(wish, MODELS) as session:
        done = session.run(strong_generalisation, few_items_outcome)
        report = few_items_report(done, default=DEFAULT, data=summary(session.data))
    _give(wish, report, plot_few_items, _few_table(report["models"]))


def cold_items(wish: ModelChoice, audio: Path | None) -> None:
    """Compare how the models rank items that no user has yet, by tags and, with `audio`, by sound."""
    models = (*COLD, TOGETHER, *(() if audio is None else HEARD))
    with _session(wish, models, rounds=2 if audio is None else 3) as session:
        heard = None if audio is None else heard_items(audio, session.data.items, lambda _share: None)
        split = partial(cold_split, heard=heard)
        by_all = session.run(split, cold_items_outcome)
        by_others = session.run(partial(split, others=True), cold_items_outcome)
        untagged = None
        if heard is not None:
            untagged = session.run(partial(split, untagged=True), cold_items_outcome)
        report = cold_items_report(
            by_all, by_others, untagged, default=DEFAULT_COLD, data=summary(session.data)
        )
    if untagged is not None and heard is not None:
        report["sound"] = _verdict(untagged, heard)
    _give(wish, report, plot_cold_items, _cold_table(report["models"]))
    if "sound" in report and wish.out is None:
        click.echo(_SOUND.format(**report["sound"]))


def _verdict(untagged: EvaluationRun, heard: Floats) -> dict[str, Any]:
    """Return by how much sound beats content by tags where the tags of hidden items are hidden too."""
    found = {"items": int(np.count_nonzero(~np.isnan(heard).any(axis=1)))}
    if not {BY_SOUND, BY_TAGS} <= untagged.outcomes.keys():
        return {**found, "difference": math.nan, "se": math.nan, "helps": "unknown"}
    ahead = untagged.difference(BY_SOUND, BY_TAGS, "ndcg@100")
    helps = "yes" if ahead.mean > _SURE * ahead.error else "no"
    return {**found, "difference": number(ahead.mean), "se": number(ahead.error), "helps": helps}


@dataclass(frozen=True)
class _Session:
    data: Interactions
    models: Mapping[str, Trainable]
    seeds: int
    watch: Callable[[str], None]

    def run(self, split: Callable[..., S], test: Callable[[Trainable, S, int], Outcome]) -> EvaluationRun:
        """Evaluate each model on every split and return all outcomes."""
        splits = ((seed, split(self.data, seed=seed)) for seed in range(self.seeds))
        return run(self.models, splits, test, self.watch)


@contextmanager
def _session(wish: ModelChoice, otherwise: Iterable[str], rounds: int = 1) -> Iterator[_Session]:
    """Check the options, read the data and show a bar on standard error while the block computes."""
    models = named(otherwise if wish.models is None else wish.models.replace(" ", "").split(","))
    _check_outputs(wish)
    with progress() as bar:
        task = bar.add_task("reading", total=1.0)
        data = read(
            wish.form,
            wish.path,
            axis=wish.axis,
            least=wish.least,
            advance=lambda share: bar.update(task, completed=share),
        )
        bar.reset(task, total=rounds * wish.seeds * len(models), completed=-1)

        def watch(what: str) -> None:
            bar.update(task, description=what, advance=1)

        with threadpool_limits(limits=wish.threads):
            yield _Session(data, models, wish.seeds, watch)


def _check_outputs(wish: ModelChoice) -> None:
    """Refuse outputs that cannot be written, before the work starts."""
    for path in (wish.plot, None if wish.out in (None, "-") else Path(wish.out)):
        if path is not None and not path.resolve().parent.is_dir():
            raise EvaluationError(f"There is no folder for {path}; make it first.")
    if wish.plot is not None:
        check_plotting()


def _give(
    wish: ModelChoice, report: dict[str, Any], plot: Callable[[Mapping[str, Any], Path], None], table: Table
) -> None:
    if wish.plot is not None:
        plot(report, wish.plot)
    if as_json(report, wish.out):
        return
    click.echo(report["data"])
    # A narrow terminal wraps the lines, which is better than figures cut short.
    Console(width=_WIDEST).print(table)
    for name, reason in report["left_out"].items():
        click.echo(f"{name} was left out: {reason}", err=True)


def _ranking_table(done: EvaluationRun) -> Table:
    """Return one line per model, best first; the default adds each model's distance to the best."""
    ordered = sorted(done.outcomes, key=lambda name: -done.estimate(name, "ndcg@100").mean)
    best = DEFAULT if DEFAULT in done.outcomes else ordered[0]
    table = _table("model", [title for title, _, _ in _RANKING], f"to {best}")
    for name in ordered:
        cells = [_figure(done, name, figure, form) for _, figure, form in _RANKING]
        behind = done.difference(name, best, "ndcg@100")
        table.add_row(name, *cells, "" if name == best else f"{behind.mean:+.4f} ± {behind.error:.4f}")
    return table


def _figure(done: EvaluationRun, model: str, figure: str, form: str) -> str:
    first = done.outcomes[model][0]
    if figure in first.people:
        found = done.estimate(model, figure)
        error = f" ± {found.error:{form}}" if figure == "ndcg@100" else ""
        return _cell(found.mean, form) + error
    if figure in first.lists:
        return _cell(done.figure(model, figure), form)
    return _cell(done.cost(model, figure), form)


def _few_table(models: Mapping[str, Any]) -> Table:
    table = _table("NDCG@100 with known:", [str(length) for length in LENGTHS])
    for name, figures in models.items():
        table.add_row(name, *(_cell(figures["ndcg@100"][str(length)], ".4f") for length in LENGTHS))
    return table


def _cold_table(models: Mapping[str, Any]) -> Table:
    heard = ["R@20, tags hidden", "±"] if any("untagged" in found for found in models.values()) else []
    table = _table("model", ["R@20", "±", "R@20, tags by others", "±", *heard, "fit s"])
    for name, found in models.items():
        none = {"recall@20": None, "se": {"recall@20": None}}
        parts = (found, found["others"], *([found.get("untagged", none)] if heard else []))
        both = [figure for f in parts for figure in (f["recall@20"], f["se"]["recall@20"])]
        table.add_row(name, *(_cell(number, ".4f") for number in both), _cell(found["fit_s"], ".2f"))
    return table


def _table(first: str, titles: Sequence[str], *more: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for title in (*titles, *more):
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None or math.isnan(value) else format(value, form)
