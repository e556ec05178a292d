"""Kernel ridge regression on users, with the kernel of an infinitely wide network.

Sources: Sachdeva, Dhaliwal, Wu and McAuley, "Infinite recommendation networks: a data-centric approach",
NeurIPS 2022 (ridge regression from users to items); Jacot, Gabriel and Hongler, "Neural tangent kernel",
NeurIPS 2018; Cho and Saul, "Kernel methods for deep learning", NIPS 2009 (arc-cosine kernels).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats
from recommender.linalg.dense import inverted, one_thread
from recommender.models.base import Model, listeners
from recommender.models.tags import scaled_columns, tag_vectors, unit_rows
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import Kind, Weighting

_MOST_PEOPLE = 6_000  # maximum width of the inverted matrix
_ROWS_AT_ONCE = 256
_SMOOTH = 30.0  # users, added to an item's popularity


@dataclass(frozen=True, eq=False)
class Kernel(Model):
    """k(x, X) (K + ridge I)^-1 X over the users X.

    The kernel is a function of the cosine between two users' items, damped by popularity, mixed with the
    cosine between their items' tags.
    """

    name: ClassVar[str] = "kernel"
    grid: ClassVar[Grid] = {
        "ridge": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        "damping": (0.0, 0.25, 0.5, 0.75, 1.0),
        "depth": (1, 2, 3, 4),
    }
    start: ClassVar[Settings] = {"ridge": 0.05, "depth": 3, "damping": 0.5}

    people: csr_matrix  # n x I: the users' weights, X
    places: csr_matrix  # n x I: the same damped, rows of length 1
    damping: Floats  # I: factor per item
    core: Floats  # n x n: (K + ridge I)^-1
    depth: int
    tag_share: float
    item_tags: csr_matrix  # I x T, rows of length 1; T is 0 without tags
    tastes: csr_matrix  # n x T, rows of length 1

    @classmethod
    def train(  # noqa: PLR0913  (the settings of the papers)
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        ridge: float = 0.05,
        depth: int = 3,
        damping: float = 0.5,
        tag_share: float = 0.0,
    ) -> Self:
        """Invert the kernel matrix. `depth`: hidden layers. `seed` draws a sample of very many users."""
        weighting, people = Weighting.learned(user_items, kind, power)
        popularity = listeners(people)
        if people.shape[0] > _MOST_PEOPLE:
            chosen = np.random.default_rng(seed).permutation(people.shape[0])[:_MOST_PEOPLE]
            people = people[np.sort(chosen)]
        damped = ((popularity + _SMOOTH) ** (-damping / 2)).astype(np.float32)
        tags = tag_vectors(item_tags if tag_share else None, people.shape[1])
        places, tastes = unit_rows(scaled_columns(people, damped)), unit_rows(csr_matrix(people @ tags))
        with one_thread():
            cosines = _mixed(places, tastes, places, tastes, tag_share)
            square = tangent_kernel(cosines, depth)
            square[np.diag_indices(len(square))] += ridge
            core = inverted(square)
        core32 = core.astype(np.float32)
        return cls(popularity, weighting, people, places, damped, core32, depth, tag_share, tags, tastes)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the kernel-weighted sum of the users' weights."""
        places = unit_rows(scaled_columns(known, self.damping))
        tastes = unit_rows(csr_matrix(known @ self.item_tags))
        cosines = _mixed(places, tastes, self.places, self.tastes, self.tag_share)
        near = tangent_kernel(cosines, self.depth).astype(np.float32) @ self.core
        return np.ascontiguousarray(near @ self.people)


def tangent_kernel(cosines: Doubles, depth: int) -> Doubles:
    """Return the neural tangent kernel of a ReLU network of `depth` hidden layers, 1 for equal inputs."""
    kernel = np.empty_like(cosines)
    for start in range(0, len(cosines), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        kernel[rows] = _deepened(np.clip(cosines[rows], -1, 1), depth)
    return kernel


def _deepened(covariance: Doubles, depth: int) -> Doubles:
    kernel = covariance
    for _ in range(depth):
        angle = np.arccos(np.clip(covariance, -1, 1))
        slope = (np.pi - angle) / np.pi
        covariance = slope * covariance + np.sin(angle) / np.pi
        kernel = kernel * slope + covariance
    return np.asarray(kernel / (depth + 1))


def _mixed(
    places: csr_matrix, tastes: csr_matrix, other_places: csr_matrix, other_tastes: csr_matrix, share: float
) -> Doubles:
    cosines = np.asarray((places @ other_places.T).todense(), dtype=np.float64)
    if share:
        cosines *= 1 - share
        cosines += share * np.asarray((tastes @ other_tastes.T).todense())
    return cosines
