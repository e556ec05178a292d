"""Implementation of `segue evaluate listeners`; `bot.cli.evaluate.commands` declares its options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from bot.settings import STARTER
from recommender.bandit.policy import POLICIES, Policy
from recommender.errors import EvaluationError
from recommender.evaluation import small_servers
from recommender.evaluation.cold_places import backwards, by_arrival, split_cold
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.listeners import Behaviour, Met, Newcomers, meet, report, split
from recommender.evaluation.plots import check_plotting, plot_listeners
from recommender.evaluation.rated import LIKE_FROM, baselines, split_rated
from recommender.evaluation.readers import read

Watch = Callable[[str], None]


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
        task = bar.add_task("splitting", total=splits * (1 + wanted.cold_place) * (wanted.rounds + 1))

        def watch(what: str) -> None:
            bar.update(task, description=what, advance=1)

        if wanted.small_server:
            met, compared = _small_servers(data, POLICIES[policy], wanted, splits, watch)
        else:
            met, compared = _splits(data, form, POLICIES[policy], wanted, splits, watch)
    figures = report(met, policy, wanted) | compared
    if plot is not None:
        plot_listeners(figures, plot)
    if not as_json(figures, out):
        click.echo(f"{policy}, {figures['listeners']} newcomers, {splits} splits: " + _told(figures))


def _splits(
    data: Interactions, form: str, policy: Policy, wanted: Behaviour, splits: int, watch: Watch
) -> tuple[list[Met], dict[str, Any]]:
    """Return what each split met, and what stands beside it."""
    newcomers = [_newcomers(data, form, seed, wanted) for seed in range(splits)]
    met = [meet(each, policy, wanted, seed=seed, watch=watch) for seed, each in enumerate(newcomers)]
    if wanted.candidates == "rated":
        return met, {"baselines": baselines(newcomers, met, wanted.rounds)}
    if not wanted.cold_place:
        return met, {}
    back = [
        meet(backwards(each), policy, wanted, seed=seed, watch=watch) for seed, each in enumerate(newcomers)
    ]
    return [*met, *back], {"by_arrival": by_arrival(newcomers, list(zip(met, back, strict=True)))}


def _small_servers(
    data: Interactions, policy: Policy, wanted: Behaviour, splits: int, watch: Watch
) -> tuple[list[Met], dict[str, Any]]:
    """Return what newcomers of each server met, and what stands beside it."""
    servers = [
        small_servers.meet(data, STARTER, policy, wanted, seed=seed, watch=watch) for seed in range(splits)
    ]
    return [each.met for each in servers], {"servers": small_servers.compared(servers)}


def _check(wanted: Behaviour) -> None:
    rated = wanted.candidates == "rated"
    if wanted.like_from is not None and not rated:
        raise EvaluationError("--like-from judges ratings; give --candidates rated with it.")
    if wanted.cold_place and (rated or wanted.late or wanted.community != "friends"):
        raise EvaluationError("--cold-place takes friends who answer at once and may be shown everything.")
    if wanted.small_server and (rated or wanted.cold_place or wanted.community != "friends"):
        raise EvaluationError("--small-server has its own place, where everything may be shown.")


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
    if "servers" in figures:
        *rates, (_, ahead) = figures["servers"].items()
        told += "\n" + ", ".join(f"{name} {row['rate']:.3f} ± {row['se']:.3f}" for name, row in rates)
        told += f": {ahead['rate']:+.3f} ± {ahead['se']:.3f} above the better"
    if "by_arrival" in figures:
        *quarters, gain = figures["by_arrival"].values()
        told += "\nby quarter of arrival: " + ", ".join(
            f"{rate:.3f} ± {error:.3f}" for rate, error in zip(*quarters, strict=True)
        )
        told += "; the same people in the last and in the first {:+.3f} ± {:.3f}".format(*gain)
    return told
