"""Reports: a run's results as JSON."""

import math
from typing import Any

from recommender.evaluation.outcomes import Estimate, EvaluationRun

_COMPARED = ("ndcg@100", "ndcg@10", "recall@20", "recall@50")


def ranking_report(run: EvaluationRun, *, default: str, protocol: str, data: str) -> dict[str, Any]:
    """Return the report of `ranking`; a metric that does not apply is null.

    `default`: the product's model. `data`: the data set in a line. Per model: means, costs, standard
    errors under `se`, and under `better_than` the paired difference to each other model with its standard
    error.
    """
    return {
        "default": default,
        "protocol": protocol,
        "data": data,
        "seeds": list(run.seeds),
        "people": _people(run),
        "models": {name: _ranking(run, name) for name in run.outcomes},
        "left_out": dict(run.left_out),
    }


def _ranking(run: EvaluationRun, model: str) -> dict[str, Any]:
    first = run.outcomes[model][0]
    estimates = {metric: run.estimate(model, metric) for metric in first.people}
    return {
        **_means(estimates),
        **{name: number(run.figure(model, name)) for name in first.lists},
        **{name: number(run.cost(model, name)) for name in first.costs},
        "se": _errors(estimates),
        "better_than": {metric: _differences(run, model, metric) for metric in _COMPARED},
        "tuned": _tuned(run, model),
    }


def few_items_report(run: EvaluationRun, *, default: str, data: str) -> dict[str, Any]:
    """Return the report of `few-items`: model -> metric -> number of known items -> mean; `se` likewise.

    The run's metrics are named by metric and number of known items.
    """
    return {
        "default": default,
        "data": data,
        "seeds": list(run.seeds),
        "people": _people(run),
        "models": {name: _few(run, name) for name in run.outcomes},
        "left_out": dict(run.left_out),
    }


def _few(run: EvaluationRun, model: str) -> dict[str, Any]:
    first = run.outcomes[model][0]
    by_metric: dict[str, dict[str, Estimate]] = {}
    for name in first.people:
        metric, length = name.split(" of ")
        by_metric.setdefault(metric, {})[length] = run.estimate(model, name)
    return {
        **{metric: _means(by_length) for metric, by_length in by_metric.items()},
        **{name: number(run.cost(model, name)) for name in first.costs},
        "se": {metric: _errors(by_length) for metric, by_length in by_metric.items()},
        "tuned": _tuned(run, model),
    }


def cold_items_report(
    everybody: EvaluationRun,
    others: EvaluationRun,
    untagged: EvaluationRun | None = None,
    *,
    default: str,
    data: str,
) -> dict[str, Any]:
    """Return the report of `cold-items`: with everybody's tags, and under `others` with others' tags.

    `untagged`: the run in which the hidden items lose their tags too.
    """
    both = [name for name in everybody.outcomes if name in others.outcomes]
    return {
        "default": default,
        "data": data,
        "seeds": list(everybody.seeds),
        "people": _people(everybody),
        "models": {
            name: {
                **_cold(everybody, name),
                "others": _cold(others, name),
                **({"untagged": _cold(untagged, name)} if untagged and name in untagged.outcomes else {}),
            }
            for name in both
        },
        "left_out": {**others.left_out, **everybody.left_out},
    }


def _cold(run: EvaluationRun, model: str) -> dict[str, Any]:
    first = run.outcomes[model][0]
    estimates = {metric: run.estimate(model, metric) for metric in first.people}
    return {
        **_means(estimates),
        **{name: number(run.cost(model, name)) for name in first.costs},
        "se": _errors(estimates),
        "tuned": _tuned(run, model),
    }


def number(value: float | None) -> float | None:
    """Return the number for JSON, to six digits; None for NaN."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def _people(run: EvaluationRun) -> list[int]:
    outcomes = next(iter(run.outcomes.values()), ())
    return [len(next(iter(outcome.people.values()))) for outcome in outcomes]


def _means(estimates: dict[str, Estimate]) -> dict[str, float | None]:
    return {name: number(found.mean) for name, found in estimates.items()}


def _errors(estimates: dict[str, Estimate]) -> dict[str, float | None]:
    return {name: number(found.error) for name, found in estimates.items()}


def _differences(run: EvaluationRun, model: str, metric: str) -> dict[str, dict[str, float | None]]:
    found = {other: run.difference(model, other, metric) for other in run.outcomes if other != model}
    return {other: {"mean": number(d.mean), "se": number(d.error)} for other, d in found.items()}


def _tuned(run: EvaluationRun, model: str) -> list[dict[str, object]]:
    return [dict(outcome.tuned) for outcome in run.outcomes[model]]
