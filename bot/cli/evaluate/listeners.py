"""Implementation of `segue evaluate listeners`; `bot.cli.evaluate.commands` declares its options."""

from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation.listeners import Behaviour, meet, report, split
from recommender.evaluation.plots import check_plotting, plot_listeners
from recommender.evaluation.readers import read


def run(
    *,
    form: str,
    path: Path,
    policy: str,
    splits: int,
    seed_likes: int,
    out: str | None,
    plot: Path | None,
    **behaviour: Any,  # noqa: ANN401 - the fields of `Behaviour`
) -> None:
    """Simulate new users on every split and print the figures."""
    if policy not in POLICIES:
        raise EvaluationError(f"There is no policy {policy}; choose one of {', '.join(POLICIES)}.")
    if plot is not None:
        check_plotting()
    wanted = Behaviour(seeds=seed_likes, **behaviour)
    with progress() as bar, threadpool_limits(limits=1):
        data = read(form, path)
        task = bar.add_task("splitting", total=splits * (wanted.rounds + 1))
        met = [
            meet(
                split(data, seed=seed, people=wanted.people),
                POLICIES[policy],
                wanted,
                seed=seed,
                watch=lambda what: bar.update(task, description=what, advance=1),
            )
            for seed in range(splits)
        ]
    figures = report(met, policy, wanted)
    if plot is not None:
        plot_listeners(figures, plot)
    if not as_json(figures, out):
        click.echo(f"{policy}, {figures['listeners']} newcomers, {splits} splits: " + _told(figures))


def _told(figures: dict[str, Any]) -> str:
    rates = [f"{name} {figures[name]:.3f} ± {error:.3f}" for name, error in figures["se"].items()]
    return ", ".join([*rates, f"first like at {figures['first_like']:.1f}"])
