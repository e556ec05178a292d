"""Temporal global split: train on the past, test on the future, with one cut for all users.

Source: Meng, McCreadie, Macdonald and Ounis, "Exploring data splitting strategies for the evaluation of
recommendation models", RecSys 2020 (temporal global split); why per-user cuts leak: Ji, Sun, Zhang and Li, "A
critical study on data leakage in recommender system offline evaluation", TOIS 41(3), 2023.
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.interactions import NO_TIME, Interactions
from recommender.evaluation.splits import Fold, Split, divided

if TYPE_CHECKING:
    from recommender.arrays import Ints

_PAST = 0.8  # share of the dated interactions for training
_PRESENT = 0.9  # up to here for validation, the rest for testing


def time_split(data: Interactions, *, seed: int) -> Split:
    """Return a split by two moments for all users: training before the first, testing from the second.

    A test user shows the items from before the second moment; held out are the items first taken after
    it, among those any user had before the first. Rows without a time, and users without known items by
    then, are left out; `segue evaluate few-items` covers those. The seed only draws the item order and
    the models' randomness.

    Raises EvaluationError without times, or without a user who has both a past and a future.
    """
    if not data.has_times:
        raise EvaluationError("A split by time needs a time with each interaction, and here is none.")
    times = data.log.times
    dated = times != NO_TIME
    first, second = np.quantile(times[dated], [_PAST, _PRESENT], method="higher").tolist()
    past = data.matrix(dated & (times < first))
    users = np.flatnonzero(np.diff(past.indptr)).astype(np.int32)
    items = np.random.default_rng(seed).permutation(np.unique(past.indices)).astype(np.int32)
    taggers = np.ones(len(data.users), dtype=np.bool_)
    window = data.matrix(dated & (times >= first) & (times < second))
    present = data.matrix(dated & (times < second))
    future = data.matrix(dated & (times >= second))
    split = Split(
        items=items,
        users=users,
        train=past[users][:, items],
        item_tags=data.item_tags(taggers, before=first)[items],
        friends=data.friends[users][:, users],
        validation=_what_came(past[:, items], window[:, items]),
        test=_what_came(present[:, items], future[:, items]),
    )
    if not len(split.test.users):
        raise EvaluationError("Nobody in the data has both a past and a future, so time cannot split it.")
    return split


def _what_came(known: csr_matrix, later: csr_matrix) -> Fold:
    """Return the fold of users with both known items and new later ones."""
    users: Ints = np.flatnonzero((np.diff(known.indptr) > 0) & (np.diff(later.indptr) > 0)).astype(np.int32)
    shown, came = known[users], later[users]
    # One matrix of both: held-out entries are those missing in `shown`.
    both = csr_matrix(shown + came)
    both.sort_indices()
    n_items = known.shape[1]
    rows = np.repeat(np.arange(len(users), dtype=np.int64), np.diff(both.indptr))
    old = np.repeat(np.arange(len(users), dtype=np.int64), np.diff(shown.indptr))
    new = ~np.isin(rows * n_items + both.indices, old * n_items + shown.indices)
    fold = divided(users, both, new)
    # Shown items keep their weights of that time.
    return Fold(fold.users, known[fold.users], fold.held_out)
