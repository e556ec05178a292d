"""Train on the past, test on the future: nothing later than the cut is known to anybody.

Source: Meng, McCreadie, Macdonald and Ounis, "Exploring data splitting strategies for the evaluation of
recommendation models", RecSys 2020 (temporal global split); why per-user cuts leak: Ji, Sun, Zhang and Li,
"A critical study on data leakage in recommender system offline evaluation", TOIS 41(3), 2023.
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.interactions import NO_TIME, Interactions
from recommender.evaluation.splits import Fold, Split, divided

if TYPE_CHECKING:
    from recommender.arrays import Ints

_PAST = 0.8  # of the dated interactions are trained on
_PRESENT = 0.9  # from there to here is for validation, the rest is the future


def time_split(data: Interactions, *, seed: int) -> Split:
    """Return a split by two moments for all people: training before the first, testing from the second on.

    A tested person shows what she had before the second moment and has to get the items that she takes for
    the first time after it, out of those that somebody had before the first.  Rows without a time, and people
    of whom nothing is known by then, are left out; `segue evaluate few-items` is about them.  The seed only
    draws the order of the items and what the models draw.

    Raises EvaluationError where there are no times, or nobody has both a past and a future.
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
    """Return the fold of those who have something known and something new later."""
    users: Ints = np.flatnonzero((np.diff(known.indptr) > 0) & (np.diff(later.indptr) > 0)).astype(np.int32)
    shown, came = known[users], later[users]
    # One matrix of both, where what is held out is what has no entry in `shown`.
    both = csr_matrix(shown + came)
    both.sort_indices()
    n_items = known.shape[1]
    rows = np.repeat(np.arange(len(users), dtype=np.int64), np.diff(both.indptr))
    old = np.repeat(np.arange(len(users), dtype=np.int64), np.diff(shown.indptr))
    new = ~np.isin(rows * n_items + both.indices, old * n_items + shown.indices)
    fold = divided(users, both, new)
    # What is shown weighs what it weighed then.
    return Fold(fold.users, known[fold.users], fold.held_out)
