"""Audio features as the middle of an autoencoder sees them.

Source: Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313,
2006, without pretraining: 32-k-32 units, tanh, squared error; scikit-learn's MLPRegressor trains it.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from recommender.linalg import one_thread
from recommender.scorers import Floats, Ints

METHODS = ("features", "autoencoder")
"""What songs are compared by: the features themselves, or the latent space of an autoencoder."""

_WIDTH, _EPOCHS = 32, 15
_LATENT = 16
_MOST_ROWS = 50_000  # to learn from


def encoded(inputs: Floats, known: Ints, *, latent: int, seed: int) -> Floats:
    """Return N x `latent` float32 for N standardised rows without NaN, learned from the rows `known`."""
    rows = np.random.default_rng(seed).permutation(known)[:_MOST_ROWS]
    network = MLPRegressor(
        hidden_layer_sizes=(_WIDTH, latent, _WIDTH), activation="tanh", alpha=1e-4,
        batch_size=min(256, len(rows)), learning_rate_init=0.003, max_iter=_EPOCHS, random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings(), one_thread():
        # So many epochs and no more is what is wanted.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs[rows], inputs[rows])
    values = inputs
    for weights, bias in zip(network.coefs_[:2], network.intercepts_[:2], strict=True):
        values = np.tanh(values @ weights + bias)
    return np.asarray(values, dtype=np.float32)


def latent_features(features: Floats, *, seed: int) -> Floats:
    """Return tracks x 16 for tracks x F audio features; rows of which nothing is known stay NaN.

    A feature that is missing counts as the mean.  Too few tracks to learn from are left as they are.
    """
    known = np.flatnonzero(~np.isnan(features).all(axis=1)).astype(np.int32) if features.size else np.zeros(0)
    if len(known) <= features.shape[1]:
        return features
    rows = features[known]
    mean = np.nanmean(rows, axis=0)
    deviation = np.nanstd(rows, axis=0)
    z = np.where(np.isnan(rows), 0, rows - mean) / np.where(deviation > 0, deviation, 1)
    found = np.full((len(features), _LATENT), np.nan, dtype=np.float32)
    everything = np.arange(len(known), dtype=np.int32)
    found[known] = encoded(z.astype(np.float32), everything, latent=_LATENT, seed=seed)
    return found
