"""Community prior: how informative a community's taste is, learned from its members' similarity.

Random effects: a member's taste is z = a + e, with a ~ N(0, r I) shared by the community and the member's own
e ~ N(0, (1 - r) I). The mean inner product of two members estimates r. Friends have similar tastes and
strangers do not; a community's members show which it is before a new user's first reaction. The shares r of
all communities follow a common discrete distribution, fitted by expectation maximisation, and each
community's estimate is shrunk towards it.

Source: Morris, "Parametric empirical Bayes inference", JASA 78, 1983; Laird, "Nonparametric maximum
likelihood estimation of a mixing distribution", JASA 73, 1978.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles

_SHARES: Doubles = np.array([0.0, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5])
# Members agree in a few directions (a genre) far more than on average: factor of r in these. Tuned, with
# `_SPREAD`, on Last.fm users and their friends who are in no reported figure.
_DIRECTED = 6.0
_SPREAD = 0.35  # relative spread of communities with the same share
_USUAL = 0.06  # share where no community is known
_PRIOR_PLACES = 1.0  # pseudo-count of communities at each share
_ROUNDS = 50


def trust(tastes: Doubles, sums: Doubles, members: Doubles) -> tuple[Doubles, float]:
    """Return for each of C communities the weight of its members' mean taste, 0 to 1, and the usual odds.

    The odds that one more member's taste adds to a weight, in a community of which nothing is known yet.
    `tastes`: U x F, one row per user. `sums`: C x (F + 1): the sum of the members' tastes, and of their
    squared lengths. `members`: C.
    """
    square = float(np.einsum("uf,uf->", tastes, tastes)) / max(len(tastes), 1)
    if square <= 0 or len(tastes) < 2 or not len(members):
        return np.zeros(len(members)), _DIRECTED * _USUAL
    pairs = members * (members - 1) / 2
    alike = (np.einsum("cf,cf->c", sums[:, :-1], sums[:, :-1]) - sums[:, -1]) / 2
    observed = alike / np.maximum(pairs, 1) / square
    likely = _likelihoods(observed, members, pairs, _directions(tastes))
    several = members >= 2
    shares = _shares(likely[several])
    usual = float(shares @ _SHARES) if several.any() else _USUAL
    weighed = likely * shares
    weighed /= weighed.sum(axis=1, keepdims=True)
    told = _DIRECTED * members[:, None] * _SHARES
    return np.asarray((weighed * told / (1 + told)).sum(axis=1)), _DIRECTED * usual


def _directions(tastes: Doubles) -> float:
    """Return the effective number of directions of taste (the participation ratio)."""
    spectrum = np.linalg.eigvalsh(np.cov(tastes.T).reshape(tastes.shape[1], -1))
    return float(spectrum.sum() ** 2 / max(float((spectrum**2).sum()), 1e-12)) or 1.0


def _likelihoods(observed: Doubles, members: Doubles, pairs: Doubles, directions: float) -> Doubles:
    """Return C x shares: the likelihood of the observations at each share; 1 for a single member."""
    chance = np.sqrt(1 / (np.maximum(pairs, 1) * directions))[:, None]
    spread = chance + _SPREAD * _SHARES / np.sqrt(np.maximum(members, 1))[:, None]
    logs = -0.5 * ((observed[:, None] - _SHARES) / spread) ** 2 - np.log(spread)
    logs[members < 2] = 0
    return np.asarray(np.exp(logs - logs.max(axis=1, keepdims=True)))


def _shares(likely: Doubles) -> NDArray[np.float64]:
    """Return the distribution of the shares over communities."""
    shares = np.full(len(_SHARES), 1 / len(_SHARES))
    for _ in range(_ROUNDS):
        mine = likely * shares
        mine /= mine.sum(axis=1, keepdims=True)
        counted = mine.sum(axis=0) + _PRIOR_PLACES / len(_SHARES)
        shares = counted / counted.sum()
    return shares
