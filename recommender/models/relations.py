"""Prior of taste from what is generally known: who has fans in common, and how many people like each.

For a server with too few people to learn a covariance from. Two artists are as correlated as the regularised
Laplacian of the relations says,

    S = (I - b A)^-1    with A the symmetrically normalised graph, scaled to a diagonal of 1,

of which the strongest directions become loadings; what they leave is noise. Rates are those of a user who
likes as many artists as users here do: shares of all likes under a Dirichlet prior along the fame. Its
strength, how many likes the fame is worth, is the one under which the likes of the users are likeliest.

Sources: Smola and Kondor, "Kernels and regularization on graphs", COLT 2003; Minka, "Estimating a Dirichlet
distribution", 2000.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

from recommender.arrays import Doubles
from recommender.linalg import inverse
from recommender.linalg.dense import one_thread
from recommender.models.gaussian import Prior

LEAST_FAME = 0.1
"""Of 100 people: an artist of whose fame nothing is said is known to fans."""

_REACH = 0.9  # b: how far names of names count; 1 is without end
_RATES = 0.002, 0.6  # of any item
_LEAST_NOISE = 0.1  # of an item's variance
_STRENGTHS = np.exp(np.linspace(0.0, np.log(1e5), 60))


def related_prior(
    related: csr_matrix,
    fame: NDArray[np.floating],
    likes: Doubles,
    listeners: int,
    *,
    factors: int,
    seed: int,
) -> Prior:
    """Return the prior of I items with at most `factors` directions; `seed` starts Lanczos.

    `related`: I x I, how surely the row's item names the column's. `fame`: I, how many of 100 people should
    like each. `likes`: I, how many of the `listeners` do.
    """
    known = np.maximum(np.asarray(fame, dtype=np.float64), LEAST_FAME)
    each = float(likes.sum()) / listeners if listeners else float(known.sum()) / 100
    rates = np.clip(each * shares(known, likes), *_RATES)
    directions = _directions(related, factors, seed)
    variances = rates * (1 - rates)
    loadings = directions * np.sqrt(variances)[:, None]
    noise = variances * np.maximum(1 - (directions**2).sum(axis=1), _LEAST_NOISE)
    return Prior.of(rates.astype(np.float32), loadings.astype(np.float32), noise.astype(np.float32))


def shares(fame: Doubles, likes: Doubles) -> Doubles:
    """Return each item's share of all likes, by its `fame`, above 0, and the `likes` that are counted."""
    from scipy.special import gammaln  # noqa: PLC0415 - heavy

    along, total = fame / fame.sum(), float(likes.sum())
    liked = np.flatnonzero(likes)
    alphas = _STRENGTHS[:, None] * along[liked]
    likelihoods = gammaln(_STRENGTHS) - gammaln(_STRENGTHS + total)
    likelihoods += (gammaln(alphas + likes[liked]) - gammaln(alphas)).sum(axis=1)
    strength = float(_STRENGTHS[np.argmax(likelihoods)])
    return np.asarray((strength * along + likes) / (strength + total), dtype=np.float64)


def _directions(related: csr_matrix, factors: int, seed: int) -> Doubles:
    """Return I x at most `factors`: the strongest directions of S; an item's squares sum to 1 at most."""
    from scipy.sparse.linalg import eigsh  # noqa: PLC0415 - heavy

    graph = csr_matrix(related + related.T, dtype=np.float64)
    width = min(factors, int(np.count_nonzero(np.diff(graph.indptr))) - 1)
    if width < 1:
        return np.zeros((graph.shape[0], 0))
    scale = diags_array(np.sqrt(inverse(np.asarray(graph.sum(axis=1), dtype=np.float64).ravel())))
    start = np.random.default_rng(seed).standard_normal(graph.shape[0])
    with one_thread():
        along, vectors = eigsh(csr_matrix(scale @ graph @ scale), width, which="LA", v0=start)
    gain = 1 / (1 - _REACH * along)
    squares = vectors**2
    whole = squares @ gain + np.maximum(1 - squares.sum(axis=1), 0)  # all other directions gain about 1
    return np.asarray(vectors * np.sqrt(gain) / np.sqrt(whole)[:, None], dtype=np.float64)
