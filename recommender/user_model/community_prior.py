"""Community prior: how much a community's taste says of a member, learned from how similar members are.

Random effects: a member's taste is z = a + e, with a ~ N(0, r I) shared by the community and the member's own
e ~ N(0, (1 - r) I).  The mean inner product of two members estimates r.  Friends agree, strangers do not, and
which kind a place is shows in its members before the newcomer has said a word.  The shares r of all places
have a common distribution over a few values, found by expectation maximisation; each place's own estimate is
shrunk to it.

Source: Morris, "Parametric empirical Bayes inference", JASA 78, 1983; Laird, "Nonparametric maximum
likelihood estimation of a mixing distribution", JASA 73, 1978.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles

_SHARES: Doubles = np.array([0.0, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5])
# Members agree in a few directions (a genre) far more than in the average one: how much more r counts there.
# Tuned, with `_SPREAD`, on Last.fm listeners and their friends that no reported figure was measured on.
_DIRECTED = 6.0
_SPREAD = 0.35  # how far places of the same share differ, relative to it
_PRIOR_PLACES = 1.0  # as if so many places had been seen, of every share alike
_ROUNDS = 50


def trust(tastes: Doubles, sums: Doubles, members: Doubles) -> Doubles:
    """Return for each of C places what its members' mean taste counts, 0 to 1.

    `tastes`: U x F, one row per person.  `sums`: C x (F + 1): the sum of the members' tastes, and of their
    squared lengths.  `members`: C.
    """
    square = float(np.einsum("uf,uf->", tastes, tastes)) / max(len(tastes), 1)
    if square <= 0 or not len(members):
        return np.zeros(len(members))
    pairs = members * (members - 1) / 2
    alike = (np.einsum("cf,cf->c", sums[:, :-1], sums[:, :-1]) - sums[:, -1]) / 2
    observed = alike / np.maximum(pairs, 1) / square
    likely = _likelihoods(observed, members, pairs, _directions(tastes))
    shares = _shares(likely[members >= 2])
    weighed = likely * shares
    weighed /= weighed.sum(axis=1, keepdims=True)
    told = _DIRECTED * members[:, None] * _SHARES
    return np.asarray((weighed * told / (1 + told)).sum(axis=1))


def _directions(tastes: Doubles) -> float:
    """Return in how many directions tastes differ, had all the same variance (the participation ratio)."""
    spectrum = np.linalg.eigvalsh(np.cov(tastes.T).reshape(tastes.shape[1], -1))
    return float(spectrum.sum() ** 2 / max(float((spectrum**2).sum()), 1e-12)) or 1.0


def _likelihoods(observed: Doubles, members: Doubles, pairs: Doubles, directions: float) -> Doubles:
    """Return C x shares: how likely each share makes what was observed; one member alone says nothing."""
    chance = np.sqrt(1 / (np.maximum(pairs, 1) * directions))[:, None]
    spread = chance + _SPREAD * _SHARES / np.sqrt(np.maximum(members, 1))[:, None]
    logs = -0.5 * ((observed[:, None] - _SHARES) / spread) ** 2 - np.log(spread)
    logs[members < 2] = 0
    return np.asarray(np.exp(logs - logs.max(axis=1, keepdims=True)))


def _shares(likely: Doubles) -> NDArray[np.float64]:
    """Return how common each share is among places."""
    shares = np.full(len(_SHARES), 1 / len(_SHARES))
    for _ in range(_ROUNDS):
        mine = likely * shares
        mine /= mine.sum(axis=1, keepdims=True)
        counted = mine.sum(axis=0) + _PRIOR_PLACES / len(_SHARES)
        shares = counted / counted.sum()
    return shares
