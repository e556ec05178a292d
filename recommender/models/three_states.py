"""Prior of taste learned from likes, dislikes and silence: probabilistic PCA with missing values.

Each user and item has one of three states: liked (1), disliked (0), or not known, which counts as a 0 of less
weight. The weight depends on the user: silence where somebody is asked one song at a time says less than
silence in a whole history. Expectation maximisation alternates two ridge regressions, each exact:

    users   (I + sum_i w_ui / noise_i W_i W_i') z_u = sum_i w_ui / noise_i W_i (y_ui - m_i)
    items   (R + sum_u w_ui E[(1, z_u)(1, z_u)']) (m_i, W_i) = R (m, 0) + sum_u w_ui y_ui E[(1, z_u)]

with R = diag(strength, shrinkage, ...): a mean of few answers lies near the mean m of all items, by empirical
Bayes (`recommender.models.rates`), and loadings near 0. Observed are 0 or 1, hence noise_i = m_i (1 - m_i).

Sources: Ilin and Raiko, "Practical approaches to principal component analysis in the presence of missing
values", JMLR 11, 2010; Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
2008 (silence as a 0 of small weight, whose sums are the same for all); Liu, Rubin and Wu, "Parameter
expansion to accelerate EM", Biometrika 85, 1998 (the rescaling of z in each round).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Rows
from recommender.linalg.dense import one_thread
from recommender.models.gaussian import Prior
from recommender.models.rates import Beta

_ROUNDS = 15
_START = 0.1  # spread of the initial loadings
_LEAST_RATE = 0.005  # means stay this far from 0 and 1 ...
_LEAST_NOISE = 0.01  # ... and noise above this
_MOST_USERS = 10_000  # drawn at random, of whom the prior is learned
_AT_ONCE = 2_000  # users per block


@dataclass(frozen=True, eq=False)
class Observed:
    """What U users said of I items; both matrices have the same places, those of dislikes included."""

    told: csr_matrix  # U x I float32: weight of each reaction, 0 to 1
    liked: csr_matrix  # U x I float32: the same for likes, a stored 0 for dislikes
    silence: Doubles  # U: weight of each missing reaction, as a dislike

    @classmethod
    def of(cls, told: csr_matrix, likes: NDArray[np.bool_], silence: Doubles) -> Self:
        """Return the reactions of weights `told`; `likes` tells which of its entries are likes."""
        return cls(told, _same_places(told, told.data * likes), silence)

    @cached_property
    def beyond(self) -> csr_matrix:
        """U x I: by how much each reaction weighs more than silence."""
        return _same_places(self.told, self.told.data - np.repeat(self.silence, np.diff(self.told.indptr)))

    def some(self, users: Rows) -> "Observed":
        """Return the reactions of some users."""
        return Observed(self.told[users], self.liked[users], self.silence[users])


class Tastes(NamedTuple):
    """Posteriors of U users' z."""

    means: Doubles  # U x F
    covariances: Doubles  # U x F x F


def learned_from(said: Observed, *, factors: int, shrinkage: float, seed: int) -> Prior:
    """Return the prior after `_ROUNDS` of expectation maximisation; `seed` draws where it starts.

    `shrinkage`: pseudo-users behind each item's loadings who show no taste.
    """
    rng = np.random.default_rng(seed)
    if said.told.shape[0] > _MOST_USERS:
        said = said.some(np.sort(rng.choice(said.told.shape[0], _MOST_USERS, replace=False)))
    likes, answers = answered(said)
    beta = Beta.of(likes, answers)
    shrunk = np.append(beta.strength, np.full(factors, shrinkage))
    prior = _prior(beta.rates(likes, answers), _START * rng.standard_normal((len(likes), factors)))
    with one_thread():
        for _ in range(_ROUNDS):
            prior = _improved(said, prior, shrunk, beta.mean)
    return prior


def answered(said: Observed) -> tuple[Doubles, Doubles]:
    """Return per item the weight of all likes, and of all reactions and silences."""
    likes = np.asarray(said.liked.sum(axis=0), dtype=np.float64).ravel()
    beyond = np.asarray(said.beyond.sum(axis=0), dtype=np.float64).ravel()
    return likes, beyond + float(said.silence.sum())


def tastes(said: Observed, prior: Prior) -> Doubles:
    """Return U x F: each user's mean of z."""
    if not said.beyond.data.any() and (said.silence == 1).all():
        return _complete(said, prior)
    blocks = range(0, said.told.shape[0], _AT_ONCE)
    rows = (np.arange(at, min(at + _AT_ONCE, said.told.shape[0])) for at in blocks)
    width = prior.loadings.shape[1]
    with one_thread():
        return np.concatenate(
            [np.zeros((0, width)), *(_tastes(said.some(some), prior).means for some in rows)]
        )


def _complete(said: Observed, prior: Prior) -> Doubles:
    """Return U x F where no reaction says more than silence, so that all users have the same precision."""
    weighed = prior.loadings / prior.noise[:, None]
    precision = np.eye(weighed.shape[1]) + prior.gram
    with one_thread():
        found = np.linalg.solve(precision, (said.liked @ weighed - prior.pull).T.astype(np.float64))
    return np.asarray(found.T, dtype=np.float64)


def _tastes(said: Observed, prior: Prior) -> Tastes:
    n, width = said.told.shape[0], prior.loadings.shape[1]
    loadings = prior.loadings.astype(np.float64)
    weighed = loadings / prior.noise[:, None]
    products = np.einsum("if,ig->ifg", weighed, loadings).reshape(len(loadings), width * width)
    precision = (said.beyond @ products).reshape(n, width, width)
    precision += np.eye(width) + said.silence[:, None, None] * prior.gram
    told = said.liked @ weighed - said.beyond @ (weighed * prior.mean[:, None])
    told -= said.silence[:, None] * prior.pull
    covariances = np.linalg.inv(precision)
    return Tastes(np.einsum("ufg,ug->uf", covariances, told), np.asarray(covariances, dtype=np.float64))


def _improved(said: Observed, prior: Prior, shrunk: Doubles, middle: float) -> Prior:
    """Return the prior after one round; `shrunk`: the diagonal of R; `middle`: the mean of all items."""
    means, covariances = _tastes(said, prior)
    users = np.column_stack([np.ones(len(means)), means])
    squares = np.einsum("uf,ug->ufg", users, users)
    squares[:, 1:, 1:] += covariances
    flat = squares.reshape(len(users), -1)
    sums = said.beyond.T @ flat + said.silence @ flat
    told = said.liked.T @ users
    told[:, 0] += shrunk[0] * middle
    found = np.linalg.solve(sums.reshape(len(told), *squares.shape[1:]) + np.diag(shrunk), told[:, :, None])
    # z keeps the unit covariance of the model: its scale goes to the loadings.
    spread = (means.T @ means + covariances.sum(axis=0)) / max(len(means), 1)
    return _prior(found[:, 0, 0], found[:, 1:, 0] @ np.linalg.cholesky(spread))


def _prior(mean: Doubles, loadings: Doubles) -> Prior:
    mean = np.clip(mean, _LEAST_RATE, 1 - _LEAST_RATE)
    noise: Doubles = np.maximum(mean * (1 - mean), _LEAST_NOISE)
    return Prior.of(mean.astype(np.float32), loadings.astype(np.float32), noise.astype(np.float32))


def _same_places(matrix: csr_matrix, data: Floats) -> csr_matrix:
    return csr_matrix((data.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
