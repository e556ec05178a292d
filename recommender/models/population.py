"""Population: what the listening of all users adds up to, on one axis.

Every part is a sum over users, so that it can be added up from blocks of users that no one machine holds
together; `adding` says how.  `Blend`, the popularities and eligibility are trained from it where it is given,
and come out as from the whole matrix.

Source of the axes: Musco and Musco, "Randomized block Krylov methods for stronger and faster approximate
singular value decomposition", NeurIPS 2015.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recommender.arrays import Doubles, Ints
from recommender.linalg import binary, cleaned, inverse, positive, row_norms, scaled_rows
from recommender.linalg.axes import Axes
from recommender.models.rates import often_disliking
from recommender.models.weights import Weighting

Sums = tuple[Any, ...]
"""Arrays and sparse matrices that are added place by place."""

HEAD = 3_000
"""Most common items, among which every pair is added up."""
FACTORS = 64
_ITEMS_AT_ONCE = 2_048  # rows of the product of items with items that are added up at a time
_WIDTH, _STEPS = 48, 12  # columns of a step, and steps: the axes are sought among the product of both
_CLOSE = 1e-3  # of an eigenvalue: so small a residual ends the search
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class UserBlock:
    """Some users, each with all of their items."""

    user_items: csr_matrix  # n x I float32, signed weights
    communities: csr_matrix  # C x n float32, 1 where the user belongs to the community

    @cached_property
    def likes(self) -> csr_matrix:
        """What is liked, n x I, in plays: the weights are their logarithms."""
        likes = positive(self.user_items)
        likes.data = np.exp2(likes.data) - np.float32(1)
        return likes

    @cached_property
    def relative(self) -> csr_matrix:
        """Weights relative to each user's mean, n x I, before they are brought to a root mean square of 1."""
        return Weighting("relative").of(self.likes)

    @cached_property
    def unit(self) -> csr_matrix:
        """The same with rows of length 1, float64."""
        return scaled_rows(self.relative.astype(np.float64), inverse(row_norms(self.relative)))

    def counts(self) -> "Counts":
        """Return what is counted once."""
        signed, n_items = cleaned(self.user_items), self.user_items.shape[1]
        rows = np.repeat(np.arange(signed.shape[0]), np.diff(signed.indptr))
        answers = often_disliking(signed)
        likes, answered = signed.data > 0, answers[rows]
        liking, belongs = binary(self.user_items), binary(self.communities)
        weights = self.relative
        return Counts(
            users=np.array(
                [np.count_nonzero(np.diff(liking.indptr)), np.count_nonzero(answers)], dtype=np.float64
            ),
            people=_summed(liking.indices, liking.data, n_items),
            asked_and_liked=_summed(signed.indices, likes & answered, n_items),
            asked=_summed(signed.indices, answered, n_items),
            here=csr_matrix(belongs @ liking),
            members=np.asarray(belongs @ (np.diff(liking.indptr) > 0), dtype=np.float64),
            squares=_summed(weights.indices, weights.data.astype(np.float64) ** 2, n_items),
        )

    def together(self, start: int) -> tuple[csr_matrix]:
        """Return the products of the items from `start` on with all items, at most `_ITEMS_AT_ONCE` x I."""
        return (csr_matrix(self.unit[:, start : start + _ITEMS_AT_ONCE].T @ self.unit),)

    def head(self, columns: Ints) -> tuple[Doubles, Doubles]:
        """Return the Gram matrix of some items, weighed among themselves, and [sum of squares, entries]."""
        some = Weighting("relative").of(self.likes[:, columns]).astype(np.float64)
        return np.asarray((some.T @ some).todense()), np.array(
            [float(some.data @ some.data), float(some.nnz)]
        )

    def times(self, factors: Doubles, towards: Doubles) -> tuple[Doubles]:
        """Return D X'X D Q, I x width: X the relative weights, D `factors` on the diagonal, Q `towards`."""
        through = self.relative @ (factors[:, None] * towards)
        return (factors[:, None] * np.asarray(self.relative.T @ through),)


class Counts(NamedTuple):
    """Counts over users: I items, C communities."""

    users: Doubles  # [with any like, asked and answering: see `rates.answering`]
    people: Doubles  # I: who like it
    asked_and_liked: Doubles  # I
    asked: Doubles  # I
    here: csr_matrix  # C x I: members who like it
    members: Doubles  # C: members who like anything
    squares: Doubles  # I: sums of squares of the relative weights

    @property
    def likers(self) -> Ints:
        """How many users like each item."""
        return np.asarray(np.rint(self.people), dtype=np.int32)

    @property
    def n_users(self) -> int:
        """How many users like anything."""
        return int(self.users[0])

    @property
    def answering(self) -> float:
        """How many users are asked and answer."""
        return float(self.users[1])


class Adder(Protocol):
    """Something that holds all users in blocks and adds up what is worked out of each."""

    def total(self, part: Callable[[UserBlock], Sums]) -> Sums:
        """Return the sums of the parts, place by place."""
        ...


@dataclass(frozen=True, eq=False)
class Population:
    """The sums over all users on one axis, as far as the served models need them."""

    counts: Counts
    scale: float  # the root mean square of the relative weights
    together: csr_matrix  # I x I float32: each item's strongest products of rows of length 1, itself left out
    head: Ints  # ascending: the most common items, H at most `HEAD`
    gram: Doubles  # H x H: of their weights relative to each user's mean among them, root mean square 1
    axes: Axes  # of the weights of the K items that anybody likes, the popular damped

    @classmethod
    def added_up(cls, adder: Adder, n_items: int, *, neighbours: int, damping: float, seed: int) -> Self:
        """Add up everything; the order of the additions changes the last digits alone."""
        counts = Counts(*adder.total(UserBlock.counts))
        known = np.flatnonzero(counts.people).astype(np.int32)
        entries = max(float(counts.people.sum()), 1.0)
        scale = float(np.sqrt(counts.squares.sum() / entries)) or 1.0
        head = known
        if len(head) > HEAD:
            head = np.sort(np.argsort(-counts.people, kind="stable")[:HEAD])
        gram, (squares, among) = adder.total(partial(UserBlock.head, columns=head))
        factors = np.zeros(n_items)
        factors[known] = counts.people[known] ** (-damping / 2) / scale
        together = [csr_matrix(np.zeros((0, n_items), dtype=np.float32))]
        together += [
            _strongest(adder.total(partial(UserBlock.together, start=start))[0], start, neighbours)
            for start in range(0, n_items, _ITEMS_AT_ONCE)
        ]

        def times(towards: Doubles) -> Doubles:
            return np.asarray(adder.total(partial(UserBlock.times, factors=factors, towards=towards))[0])

        return cls(
            counts,
            scale,
            csr_matrix(vstack(together, format="csr"), dtype=np.float32),
            head.astype(np.int32),
            gram * (max(among, 1.0) / max(squares, _NOTHING)),
            _axes(times, known, n_items, seed),
        )


@dataclass(frozen=True, eq=False)
class Here:
    """The adder of one machine: blocks in a list."""

    blocks: Iterable[UserBlock]

    def total(self, part: Callable[[UserBlock], Sums]) -> Sums:
        """Return the sums of the parts, in the order of the blocks."""
        parts = iter(self.blocks)
        found = part(next(parts))
        for users in parts:
            found = plus(found, part(users))
        return found


def plus(one: Sums, other: Sums) -> Sums:
    """Return two tuples of arrays or sparse matrices added place by place."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _summed(places: Ints, values: NDArray[Any], n: int) -> Doubles:
    return np.bincount(places, values, n).astype(np.float64)


def _strongest(products: csr_matrix, start: int, k: int) -> csr_matrix:
    """Return each row's `k` largest entries above 0, the item itself (row + `start`) left out."""
    products = csr_matrix(products)
    products.sort_indices()
    owner = np.repeat(np.arange(products.shape[0]), np.diff(products.indptr))
    kept = (products.data > 0) & (products.indices != owner + start)
    owner, column, value = owner[kept], products.indices[kept], products.data[kept]
    order = np.lexsort((column, -value, owner))
    first = np.searchsorted(owner, np.arange(products.shape[0]))
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    some = place - first[owner] < k
    return csr_matrix((value[some], (owner[some], column[some])), shape=products.shape, dtype=np.float32)


def _axes(times: Callable[[Doubles], Doubles], known: Ints, n_items: int, seed: int) -> Axes:
    """Return the axes of I x I products, over the K `known` items, by a block Krylov search."""
    if not len(known):
        return Axes(np.zeros((0, 0)), np.zeros(0))
    basis, images = np.zeros((n_items, 0)), np.zeros((n_items, 0))
    step = np.zeros((n_items, min(_WIDTH, len(known))))
    step[known] = np.random.default_rng(seed).standard_normal(step[known].shape)
    for _ in range(_STEPS):
        step = _beyond(step, basis)
        if not step.shape[1]:
            break
        image = times(step)
        basis, images = np.hstack([basis, step]), np.hstack([images, image])
        squares, inner = _largest(basis.T @ images, FACTORS)
        residual = np.linalg.norm(images @ inner - (basis @ inner) * squares, axis=0)
        if basis.shape[1] >= FACTORS and (residual <= _CLOSE * squares).all():
            break
        step = image
    kept = squares > _NOTHING * max(float(squares[0]), _NOTHING)
    return Axes((basis @ inner)[known][:, kept], squares[kept])


def _beyond(step: Doubles, basis: Doubles) -> Doubles:
    """Return orthonormal columns for what `step` adds to `basis`; twice, since rounding is large once."""
    from scipy.linalg import qr  # noqa: PLC0415 - heavy

    size = np.linalg.norm(step, axis=0)
    for _ in range(2):
        step = step - basis @ (basis.T @ step)
    left = np.linalg.norm(step, axis=0) > _NOTHING * np.maximum(size, _NOTHING)
    if not left.any():
        return step[:, :0]
    columns, upper, _ = qr(step[:, left], mode="economic", pivoting=True)
    sizes = np.abs(np.diag(upper))
    return np.ascontiguousarray(columns[:, sizes > _NOTHING * sizes[0]])


def _largest(square: Doubles, k: int) -> tuple[Doubles, Doubles]:
    from scipy.linalg import eigh  # noqa: PLC0415 - heavy

    n = len(square)
    squares, vectors = eigh((square + square.T) / 2, subset_by_index=(max(n - k, 0), n - 1))
    return np.maximum(squares[::-1], 0), np.ascontiguousarray(vectors[:, ::-1])
