"""Item cold start: how well models rank items without users, from their tags and texts alone.

A fifth of the tagged items with at least 5 users is hidden: the whole column. For each user with some of
them, and another item, the hidden items are ranked among each other. Two variants:

- *everybody's tags*: tags by all users, including the test users;
- *others' tags*: a fifth of the users are test users, and models and tags use the others only, since a user's
  own tags give away the user's items.

With heard vectors, the hidden items are among the heard ones, and a third variant hides their tags too.

Source: item cold start as in Gantner, Drumond, Freudenthaler, Rendle and Schmidt-Thieme, "Learning
attribute-to-feature mappings for cold-start recommendations", ICDM 2010; Recall@20 as in Liang et al. 2018.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints, Mask
from recommender.errors import EvaluationError
from recommender.evaluation.accuracy import LIST_LENGTH, accuracy
from recommender.evaluation.fitting import fitted_alone, tuned_values
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.models import Trainable
from recommender.evaluation.outcomes import Outcome
from recommender.evaluation.resources import measured
from recommender.evaluation.splits import Fold, divided
from recommender.metrics.ranked_lists import ranked_lists

_HIDDEN_SHARE = 0.2
_TESTED_SHARE = 0.2  # of the users, for others' tags
_LEAST_LISTENERS = 5
METRICS = ("recall@20", "ndcg@100")


@dataclass(frozen=True, eq=False)
class ColdSplit:
    """Training data with empty `hidden` columns, and test users with some of these items.

    I: all training items, and the hidden ones.
    """

    items: Ints  # columns of `Interactions.user_items`
    train: csr_matrix  # n x I float32
    item_tags: csr_matrix  # I x T
    heard: Floats | None  # I x H, see `heard_items`
    hidden: Ints  # columns of I
    test: Fold  # known items are visible, held-out items hidden


def cold_items_outcome(trainable: Trainable, cold: ColdSplit, seed: int) -> Outcome:
    """Fit a model and rank the hidden items for each test user."""
    test = cold.test
    sound = {} if cold.heard is None else {"heard": cold.heard}
    trained = measured(lambda: fitted_alone(trainable, cold.train, cold.item_tags, seed=seed, **sound))
    listed = measured(lambda: ranked_lists(trained.result, test.known, LIST_LENGTH, among=cold.hidden))
    reached = accuracy(listed.result, test)
    return Outcome(
        people={metric: reached[metric] for metric in METRICS},
        costs={"fit_s": trained.seconds, "ms_per_user": 1000 * listed.seconds / len(test.users)},
        tuned=tuned_values(trained.result),
    )


def cold_split(
    data: Interactions,
    *,
    seed: int,
    others: bool = False,
    heard: Floats | None = None,
    untagged: bool = False,
) -> ColdSplit:
    """Return a split with hidden items; with `others`, test users neither train nor tag.

    `heard`: a row per item of the data, NaN if unheard; only heard items are hidden then. With `untagged`
    they lose their tags as well. Raises EvaluationError if no item can be hidden.
    """
    rng = np.random.default_rng(seed)
    everybody = np.flatnonzero(np.diff(data.user_items.indptr)).astype(np.int32)
    tested = rng.permutation(everybody)[: int(_TESTED_SHARE * len(everybody))] if others else everybody
    train = np.setdiff1d(everybody, tested) if others else everybody
    taggers = np.ones(len(data.users), dtype=np.bool_)
    if others:
        taggers[tested] = False
    tags = data.item_tags(taggers)
    described: Mask = np.diff(tags.indptr) > 0
    if heard is not None:
        described = np.asarray(np.isfinite(heard).all(axis=1))
    hidden = _hidden(data.user_items, described, rng)
    if untagged:
        tags = _without(tags.T.tocsr(), hidden).T.tocsr()
    warm = _without(data.user_items[train], hidden)
    items = np.union1d(np.unique(warm.indices), np.flatnonzero(hidden))
    items = rng.permutation(items).astype(np.int32)
    return ColdSplit(
        items=items,
        train=warm[:, items],
        item_tags=tags[items],
        heard=None if heard is None else heard[items],
        hidden=np.flatnonzero(hidden[items]).astype(np.int32),
        test=_fold(data.user_items, np.sort(tested), items, hidden[items]),
    )


def _hidden(user_items: csr_matrix, described: Mask, rng: np.random.Generator) -> Mask:
    listeners = np.bincount(user_items.indices, minlength=user_items.shape[1])
    candidates = np.flatnonzero((listeners >= _LEAST_LISTENERS) & described)
    n = int(_HIDDEN_SHARE * len(candidates))
    if not n:
        raise EvaluationError(
            f"Cold items need tags or sound: {len(candidates)} items here have that and are known"
            f" to {_LEAST_LISTENERS} people or more."
        )
    mask = np.zeros(user_items.shape[1], dtype=np.bool_)
    mask[rng.permutation(candidates)[:n]] = True
    return mask


def _without(user_items: csr_matrix, hidden: Mask) -> csr_matrix:
    warm = user_items.copy()
    warm.data = np.where(hidden[warm.indices], 0, warm.data).astype(np.float32)
    warm.eliminate_zeros()
    return warm


def _fold(user_items: csr_matrix, users: Ints, items: Ints, hidden: Mask) -> Fold:
    """Return the users with both a hidden item to find and another item to find it by."""
    taken = csr_matrix(user_items[users][:, items])
    fold = divided(users, taken, hidden[taken.indices])
    return fold.some(np.diff(fold.known.indptr) > 0)
