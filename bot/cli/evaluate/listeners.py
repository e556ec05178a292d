"""Implementation of `segue evaluate listeners`; `bot.cli.evaluate.commands` declares its options."""

from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation.cold_places import by_arrival, split_cold
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.listeners import Behaviour, Newcomers, meet, report, split
from recommender.evaluation.plots import check_plotting, plot_listeners
from recommender.evaluation.rated import LIKE_FROM, baselines, split_rated
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
    rated = wanted.candidates == "rated"
    _check(wanted)
    with progress() as bar, threadpool_limits(limits=1):
        data = read(form, path, rated=rated)
        task = bar.add_task("splitting", total=splits * (wanted.rounds + 1))
        newcomers = [_newcomers(data, form, seed, wanted) for seed in range(splits)]
        met = [
            meet(
                each,
                POLICIES[policy],
                wanted,
                seed=seed,
                watch=lambda what: bar.update(task, description=what, advance=1),
            )
            for seed, each in enumerate(newcomers)
        ]
    figures = report(met, policy, wanted)
    if rated:
        figures["baselines"] = baselines(newcomers, met, wanted.rounds)
    if wanted.cold_place:
        figures["by_arrival"] = by_arrival(newcomers, met)
    if plot is not None:
        plot_listeners(figures, plot)
    if not as_json(figures, out):
        click.echo(f"{policy}, {figures['listeners']} newcomers, {splits} splits: " + _told(figures))


def _check(wanted: Behaviour) -> None:
    rated = wanted.candidates == "rated"
    if wanted.like_from is not None and not rated:
        raise EvaluationError("--like-from judges ratings; give --candidates rated with it.")
    if wanted.cold_place and (rated or wanted.late or wanted.community != "friends"):
        raise EvaluationError("--cold-place takes friends who answer at once and may be shown everything.")


def _newcomers(data: Interactions, form: str, seed: int, wanted: Behaviour) -> Newcomers:
    if wanted.cold_place:
        return split_cold(data, seed=seed, people=wanted.people)
    if wanted.candidates == "all":
        return split(data, seed=seed, people=wanted.people)
    threshold = LIKE_FROM.get(form) if wanted.like_from is None else wanted.like_from
    return split_rated(data, like_from=threshold, seed=seed, people=wanted.people)


def _compared(found: dict[str, dict[str, float]], rounds: int) -> str:
    *orders, ahead = found.items()
    rates = [f"{name} {row['rate']:.3f} ± {row['se']:.3f}" for name, row in orders]
    gain = f"{ahead[1]['rate']:+.3f} ± {ahead[1]['se']:.3f} above the most liked"
    return f"the same items over {rounds}: " + ", ".join([*rates, gain])


def _told(figures: dict[str, Any]) -> str:
    rates = [f"{name} {figures[name]:.3f} ± {error:.3f}" for name, error in figures["se"].items()]
    told = ", ".join([*rates, f"first like at {figures['first_like']:.1f}"])
    if "baselines" in figures:
        told += "\n" + _compared(figures["baselines"], figures["behaviour"]["rounds"])
    if "by_arrival" in figures:
        quarters = zip(*figures["by_arrival"].values(), strict=True)
        told += "\nby quarter of arrival: " + ", ".join(
            f"{rate:.3f} ± {error:.3f}" for rate, error in quarters
        )
    return told
