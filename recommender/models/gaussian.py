"""Gaussian model of taste: a prior learned from all users, a posterior from one user's reactions.

A user's values of all items are x = mean + W z + e with z ~ N(0, I) and e ~ N(0, diag(noise)): the
population's mean and a low-rank covariance WW' + diag(noise). Given values y of the items O, the posterior of
z is Gaussian and exact:

    precision = I + W_O' diag(noise_O)^-1 W_O,    mean = precision^-1 W_O' diag(noise_O)^-1 (y - mean_O)

Sources: Tipping and Bishop, "Probabilistic principal component analysis", JRSS B 61, 1999 (the closed form of
`learned`); Bishop, "Pattern recognition and machine learning", 2006, sections 2.3.3 and 12.2 (the posterior);
Canny, "Collaborative filtering with privacy via factor analysis", SIGIR 2002 (for recommending).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg.axes import principal_axes
from recommender.linalg.dense import one_thread
from recommender.models.tags import scaled_columns

_LEAST_NOISE = 1e-3  # of the mean square: every taste has some noise


@dataclass(frozen=True, eq=False)
class Prior:
    """The prior: a user's taste before any reaction."""

    mean: Floats  # I
    loadings: Floats  # I x F: W
    noise: Floats  # I: variances, above 0
    gram: Doubles  # F x F: W' diag(noise)^-1 W over all items
    pull: Doubles  # F: W' diag(noise)^-1 mean

    @classmethod
    def of(cls, mean: Floats, loadings: Floats, noise: Floats) -> Self:
        """Return the prior; ValueError for mismatched shapes or a noise that is not above 0."""
        if mean.shape != noise.shape or loadings.shape[:1] != mean.shape or not (noise > 0).all():
            raise ValueError("A prior needs a mean, a row of loadings and a noise above 0 for each item.")
        doubles = loadings.astype(np.float64)
        told = doubles / noise[:, None]
        with one_thread():
            return cls(mean, loadings, noise, told.T @ doubles, told.T @ mean)

    @property
    def stranger(self) -> "Posterior":
        """The posterior before any reaction: z ~ N(0, I)."""
        width = self.loadings.shape[1]
        return Posterior(np.zeros(width), np.eye(width))


@dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior of one user's z, in double precision."""

    mean: Doubles  # F
    covariance: Doubles  # F x F

    def updated(self, prior: Prior, item: int, value: float) -> "Posterior":
        """Return the posterior after one more value, in F^2 steps; equals `posterior` on all values."""
        loading = prior.loadings[item].astype(np.float64)
        along = self.covariance @ loading
        gain = along / (float(loading @ along) + float(prior.noise[item]))
        missed = value - float(prior.mean[item]) - float(loading @ self.mean)
        return Posterior(self.mean + gain * missed, self.covariance - np.outer(gain, along))

    def means(self, prior: Prior) -> Floats:
        """Return each item's expected value."""
        return np.asarray(prior.mean + prior.loadings @ self.mean.astype(np.float32))

    def variances(self, prior: Prior) -> Floats:
        """Return each item's variance, without the reaction noise."""
        along = prior.loadings @ self.covariance.astype(np.float32)
        return np.asarray(np.einsum("if,if->i", along, prior.loadings), dtype=np.float32)


def learned(user_items: csr_matrix, *, factors: int, damping: float = 0.4, seed: int = 0) -> Prior:
    """Return the maximum likelihood prior of users whose values are n x I rows, 0 where not stored.

    The noise of item i is proportional to popularity_i^damping, which equals uniform noise (Tipping and
    Bishop) for items divided by its root. The mean is over all users. `seed` starts Lanczos.
    """
    n, n_items = max(user_items.shape[0], 1), user_items.shape[1]
    popularity = np.bincount(user_items.indices, minlength=n_items)
    scale = np.maximum(popularity, 1) ** (-damping / 2)
    rows = scaled_columns(user_items.astype(np.float64), scale)
    mean = np.bincount(rows.indices, rows.data, n_items) / n
    with one_thread():
        axes = principal_axes(rows, factors, seed=seed, mean=mean)
    along = axes.squares / n
    square = float(rows.data @ rows.data) / n
    left = (square - float(mean @ mean) - float(along.sum())) / max(n_items - len(along), 1)
    noise = max(left, _LEAST_NOISE * square / max(n_items, 1)) or 1.0
    loadings = axes.vectors * np.sqrt(np.maximum(along - noise, 0))
    parts = (mean / scale, loadings / scale[:, None], noise / scale**2)
    return Prior.of(*(part.astype(np.float32) for part in parts))


def posterior(prior: Prior, items: Ints, values: NDArray[np.floating], *, absences: float = 0.0) -> Posterior:
    """Return the posterior of z given `values` of `items`, each item at most once.

    `absences`: weight of all other items as values of 0; 0 ignores them, 1 counts each like a reaction.
    """
    with one_thread():
        precision, told = _evidence(prior, items, values, absences)
        covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
        return Posterior(np.asarray(covariance @ told), covariance)


def expected(prior: Prior, known: csr_matrix, *, absences: Doubles) -> Floats:
    """Return users x F float32: posterior means of z for rows of values, with one `absences` per row."""
    answer = np.zeros((known.shape[0], prior.loadings.shape[1]), dtype=np.float32)
    for row in range(known.shape[0]):
        at = slice(known.indptr[row], known.indptr[row + 1])
        precision, told = _evidence(prior, known.indices[at], known.data[at], float(absences[row]))
        answer[row] = np.linalg.solve(precision, told)
    return answer


def _evidence(
    prior: Prior, items: Ints, values: NDArray[np.floating], absences: float
) -> tuple[Doubles, Doubles]:
    """Return the precision of z, and the precision times the mean."""
    loadings = prior.loadings[items].astype(np.float64)
    told = loadings / prior.noise[items][:, None]
    mean = prior.mean[items]
    # All items as values of 0, minus the known ones.
    precision = np.eye(loadings.shape[1]) + absences * prior.gram + (1 - absences) * (told.T @ loadings)
    return precision, told.T @ (values - mean) - absences * (prior.pull - told.T @ mean)
