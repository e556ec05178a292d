"""Splits of a data set into training and test users, without leakage.

*Strong generalisation*: test users are not in the training data at all. Source: Liang, Krishnan, Hoffman and
Jebara, "Variational autoencoders for collaborative filtering", WWW 2018, section 4.1; the name is from
Marlin, "Modeling user rating profiles for collaborative filtering", NIPS 2003.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Ints, Mask
from recommender.errors import EvaluationError
from recommender.evaluation.interactions import Interactions

_LEAST_ITEMS = 5  # minimum items of a user
_TEST_SHARE = 0.2  # of the users
_VALIDATION_SHARE = 0.1  # of the users
_HELD_OUT_SHARE = 0.2  # of a test user's items


@dataclass(frozen=True, eq=False)
class Fold:
    """Users whose items are partly shown and partly held out. All arrays have a row per user."""

    users: Ints  # rows of `Interactions.user_items`
    known: csr_matrix  # n x I float32: shown items, with their weights
    held_out: csr_matrix  # n x I float32, 1 at held-out items, disjoint from `known`; no row is empty

    def some(self, rows: Ints | Mask | slice) -> "Fold":
        """Return the fold with some of its users."""
        return Fold(self.users[rows], self.known[rows], self.held_out[rows])


@dataclass(frozen=True, eq=False)
class Split:
    """Training data and test users. I: the items of any user in `train`.

    The items are in an order drawn with the seed, so that ties broken by column do not depend on the
    file, which often has popular items first.
    """

    items: Ints  # columns of `Interactions.user_items`
    users: Ints  # rows of `Interactions.user_items`
    train: csr_matrix  # n x I float32 weights
    item_tags: csr_matrix  # I x T float32: number of training users who gave the item the tag
    friends: csr_matrix  # n x n, friendships among training users
    validation: Fold  # for tuning only
    test: Fold

    def without_tags(self) -> "Split":
        """Return the split without tags."""
        return replace(self, item_tags=self.item_tags[:, :0])


def strong_generalisation(data: Interactions, *, seed: int) -> Split:
    """Return a split with 20 % of the users for testing and 10 % for validation.

    Users with fewer than 5 items are left out, and items without a training user are dropped. A test user
    shows a random 80 % of the remaining items; the other 20 %, rounded down, are held out, so users with
    fewer than 5 remaining items are not in the fold. Only training users' tags and friendships are kept.

    Raises EvaluationError with too few users for a test.
    """
    rng = np.random.default_rng(seed)
    active = np.flatnonzero(np.diff(data.user_items.indptr) >= _LEAST_ITEMS).astype(np.int32)
    n_test, n_validation = int(_TEST_SHARE * len(active)), int(_VALIDATION_SHARE * len(active))
    if not n_validation:
        raise EvaluationError(
            f"Only {len(active)} users have {_LEAST_ITEMS} items or more; to train on some and test on others"
            f" takes at least {round(1 / _VALIDATION_SHARE)}."
        )
    test, validation, train = np.split(rng.permutation(active), [n_test, n_test + n_validation])
    train = np.sort(train)
    weights = data.user_items[train]
    items = rng.permutation(np.unique(weights.indices)).astype(np.int32)
    taggers = np.zeros(len(data.users), dtype=np.bool_)
    taggers[train] = True
    return Split(
        items=items,
        users=train,
        train=weights[:, items],
        item_tags=data.item_tags(taggers)[items],
        friends=data.friends[train][:, train],
        validation=random_fold(data.user_items, np.sort(validation), items, rng),
        test=random_fold(data.user_items, np.sort(test), items, rng),
    )


def random_fold(
    user_items: csr_matrix,
    users: Ints,
    items: Ints,
    rng: np.random.Generator,
    *,
    share: float = _HELD_OUT_SHARE,
) -> Fold:
    """Return the fold of `users` (rows) over `items` (columns), a random `share` of each row held out."""
    remaining = csr_matrix(user_items[users][:, items])
    remaining.sort_indices()
    counts = np.diff(remaining.indptr)
    rows = np.repeat(np.arange(len(users)), counts)
    # A random order within each row: the first entries are held out.
    order = np.lexsort((rng.random(len(rows)), rows))
    place_in_row = np.arange(len(rows)) - np.repeat(remaining.indptr[:-1], counts)
    held_out = np.zeros(len(rows), dtype=np.bool_)
    held_out[order] = place_in_row < np.repeat((share * counts).astype(np.int64), counts)
    return divided(users, remaining, held_out)


def divided(users: Ints, remaining: csr_matrix, held_out: Mask) -> Fold:
    """Return the fold with the marked entries of `remaining` held out, without users who have none."""
    known, hidden = remaining.copy(), remaining.copy()
    known.data[held_out] = 0
    hidden.data = held_out.astype(np.float32)
    known.eliminate_zeros()
    hidden.eliminate_zeros()
    return Fold(users, known, hidden).some(np.diff(hidden.indptr) > 0)
