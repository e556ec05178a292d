"""Newcomers of a data set of ratings, who are shown only what they truly rated.

A rating from a threshold on is a like and a lower one a dislike, of known users as of new ones. Nobody has to
guess what users would say of items that they never met, which popularity answers too well.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Mask
from recommender.errors import EvaluationError
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.listeners import Met, Newcomers, drawn
from recommender.models.rates import shrunk_rates

LIKE_FROM = {"movielens": 4.0}
"""Default thresholds; elsewhere every rating above 0 is a like."""

_LEAST_RATED = 20  # items of a newcomer
_LEAST_RATERS = 5  # known users of an item


def split_rated(
    data: Interactions, *, like_from: float | None, seed: int, people: int | None = None
) -> Newcomers:
    """Draw the new users, with their rated items as candidates; `like_from` None: above 0 is a like."""
    verdicts = _verdicts(data, like_from)
    new, known = drawn(verdicts.shape[0], seed)
    raters = np.diff(verdicts[known].tocsc().indptr)
    items = np.flatnonzero(raters >= _LEAST_RATERS)
    theirs = verdicts[new][:, items].toarray()
    enough = np.flatnonzero((theirs != 0).sum(axis=1) >= _LEAST_RATED)[:people]
    if not len(enough):
        raise EvaluationError(f"Nobody new rated {_LEAST_RATED} items that {_LEAST_RATERS} others rated.")
    theirs = theirs[enough]
    friends = data.friends[new[enough]][:, known]
    return Newcomers(verdicts[known][:, items], theirs > 0, friends, theirs != 0)


def _verdicts(data: Interactions, like_from: float | None) -> csr_matrix:
    """Return U x I: 1 for a like, -1 for a dislike, by the last rating of each user and item."""
    log, n_items = data.log, len(data.items)
    cells = log.users.astype(np.int64) * n_items + log.items
    cells, last = np.unique(cells[::-1], return_index=True)
    ratings = log.weights[::-1][last]
    likes = ratings > 0 if like_from is None else ratings >= like_from
    values = np.where(likes, 1, -1).astype(np.float32)
    return csr_matrix((values, (cells // n_items, cells % n_items)), shape=(len(data.users), n_items))


def baselines(newcomers: list[Newcomers], met: list[Met], rounds: int) -> dict[str, Any]:
    """Return what simple orders of the same items reach over `rounds`, with standard errors over users.

    `ahead`: how far the recommender is above the most liked by rate, user by user.
    """
    found: dict[str, list[Doubles]] = {name: [] for name in ("most liked by rate", "random", "best possible")}
    for each in newcomers:
        if each.rated is None:
            raise ValueError("newcomers without rated items have no such order")
        likes = np.asarray((each.known > 0).sum(axis=0)).ravel()
        rates = shrunk_rates(likes, np.bincount(each.known.indices, minlength=each.known.shape[1]))
        ordered = [_ordered(rates, *row) for row in zip(each.truth, each.rated, strict=True)]
        found["most liked by rate"].append(np.array([row[:rounds].sum() / rounds for row in ordered]))
        found["random"].append(np.array([row.mean() * min(len(row), rounds) / rounds for row in ordered]))
        found["best possible"].append(np.array([min(row.sum(), rounds) / rounds for row in ordered]))
    joined = {name: np.concatenate(parts) for name, parts in found.items()}
    own = np.concatenate([each.liked.mean(axis=1) for each in met])
    figures = {name: _figure(values) for name, values in joined.items()}
    return figures | {"ahead": _figure(own - joined["most liked by rate"])}


def _ordered(rates: Doubles, truth: Mask, rated: Mask) -> Mask:
    """Return whether the user likes each rated item, by falling rate."""
    items = np.flatnonzero(rated)
    return np.asarray(truth[items[np.argsort(-rates[items], kind="stable")]])


def _figure(values: Doubles) -> dict[str, float]:
    return {
        "rate": round(float(values.mean()), 4),
        "se": round(float(values.std(ddof=1) / len(values) ** 0.5), 4),
    }
