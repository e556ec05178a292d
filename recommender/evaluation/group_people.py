"""Test groups from a data set's users: similar, random, divergent, or friends."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles
from recommender.errors import EvaluationError

Kind = Literal["similar", "random", "divergent", "friends"]
KINDS: tuple[Kind, ...] = get_args(Kind)

People = NDArray[np.int64]

_NEAREST = 10  # a similar group grows by one of this many nearest users
_LOOKED_AT = 60  # a divergent group grows by the least similar of this many
_TRIES = 2_000


def similarity(known: csr_matrix) -> Doubles:
    """Return n x n: the cosine of the users' item sets."""
    ones = csr_matrix((np.ones(known.nnz), known.indices, known.indptr), shape=known.shape)
    lengths = np.maximum(np.sqrt(np.diff(known.indptr).astype(np.float64)), 1.0)
    return np.asarray((ones @ ones.T).toarray() / np.outer(lengths, lengths), dtype=np.float64)


def group(
    kind: Kind, size: int, among: People, alike: Doubles, friends: csr_matrix, rng: np.random.Generator
) -> People:
    """Return `size` different users of `among` (rows of `alike` and `friends`).

    Raises EvaluationError if the data set has too few friendships.
    """
    if kind == "random":
        return rng.choice(among, size, replace=False)
    if kind == "friends":
        return _befriended(size, among, friends, rng)
    found = [int(rng.choice(among))]
    while len(found) < size:
        others = np.setdiff1d(among, found)
        near = alike[found][:, others].mean(axis=0)
        if kind == "similar":
            found.append(int(rng.choice(others[np.argsort(-near)[:_NEAREST]])))
        else:
            some = rng.choice(len(others), min(_LOOKED_AT, len(others)), replace=False)
            found.append(int(others[some[np.argmin(near[some])]]))
    return np.array(found)


def _befriended(size: int, among: People, friends: csr_matrix, rng: np.random.Generator) -> People:
    """Return friends of friends: each is a friend of another member."""
    for _ in range(_TRIES):
        found = walk(int(rng.choice(among)), friends, rng, set(among.tolist()), size)
        if len(found) == size:
            return np.array(found)
    raise EvaluationError(f"There are no {size} people who know each other in these data.")


def walk(
    start: int, friends: csr_matrix, rng: np.random.Generator, allowed: set[int], most: int
) -> list[int]:
    """Return users reached from `start` over friendships, at most `most`, in order of discovery."""
    found, border = [start], _friends(friends, start, allowed)
    while border and len(found) < most:
        person = border.pop(int(rng.integers(len(border))))
        if person not in found:
            found.append(person)
            border += [f for f in _friends(friends, person, allowed) if f not in found]
    return found


def _friends(friends: csr_matrix, person: int, allowed: set[int]) -> list[int]:
    row = friends.indices[friends.indptr[person] : friends.indptr[person + 1]]
    return [int(friend) for friend in row if int(friend) in allowed]
