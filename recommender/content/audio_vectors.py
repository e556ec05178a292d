"""Audio vectors: tracks by sound, year, popularity, length and genre family, comparable by cosine.

All methods share one representation: values transformed to a normal distribution by rank, unknown ones at the
mean. Three methods turn it into vectors for cosine similarity:

- *features*: the values themselves, with more weight on the facts beside the sound;
- *autoencoder*: its latent space (Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural
  networks", Science 313, 2006, without pretraining: 32-k-32 units, tanh; scikit-learn's MLPRegressor);
- *learned*: the axes that separate artists (`recommender.content.discriminant`).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.content.discriminant import Discriminant
from recommender.linalg import one_thread

METHODS = ("learned", "features", "autoencoder")
"""Similarity methods, the default first."""

LATENT = 16
_FACTS = 3  # year, popularity, length
_FACT_WEIGHT = 2.0  # relative to one audio feature
_FAR = 3.0  # deviations; larger values are clipped
_STEP, _FINE_STEP = 0.6, 0.25  # step width per value; finer for year and popularity, which albums share
_WIDTH, _EPOCHS = 32, 15
_MOST_ROWS = 50_000  # maximum training rows


@dataclass(frozen=True, eq=False)
class Songs:
    """The audio content of N tracks; NaN if unknown."""

    features: Floats  # N x F audio features
    facts: Floats  # N x 3: year, popularity 0 to 100, length in ms; or N x 0
    families: Floats  # N x G: share of each genre family, NaN rows if unknown; or N x 0

    @property
    def heard(self) -> "Songs":
        """The same tracks, audio features only."""
        return Songs(self.features, self.facts[:, :0], self.families[:, :0])

    def normal(self, rows: Ints, *, seed: int) -> Floats:
        """Return N x (F + 3) values, each standard normal over `rows`, clipped at 3 deviations."""
        from sklearn.preprocessing import QuantileTransformer  # noqa: PLC0415 - for training alone

        values = np.hstack([self.features, self.facts])
        ranked = QuantileTransformer(
            output_distribution="normal", n_quantiles=min(1000, len(rows)), subsample=None, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "All-NaN")  # a column of NaN only stays unknown
            found = ranked.fit(values[rows]).transform(values)
            same = np.nanmin(values[rows], axis=0) >= np.nanmax(values[rows], axis=0)
        found[:, same] *= 0  # a constant column has no ranks and no information
        return np.asarray(found.clip(-_FAR, _FAR), dtype=np.float32)


def vectors(
    songs: Songs,
    method: str,
    groups: Sequence[csr_matrix],
    *,
    seed: int,
    rows: Ints | None = None,
    latent: int = LATENT,
) -> Floats:
    """Return tracks x dimensions float32 for cosine similarity; NaN without any audio feature.

    `groups`: G x N matrices, above zero where a track belongs to the group; only *learned* uses them.
    `rows`: the tracks to train on, by default all with audio features. With too few tracks or groups for
    a method, the features themselves are returned.
    """
    heard = np.flatnonzero(~np.isnan(songs.features).all(axis=1)).astype(np.int32)
    if not len(heard):
        return np.zeros((len(songs.features), 0), dtype=np.float32)
    known = heard if rows is None or not len(rows) else rows
    known = np.random.default_rng(seed).permutation(known)[:_MOST_ROWS]
    values = songs.normal(known, seed=seed)
    found = _by(method, values, songs, groups, known, seed, latent)
    answer = np.full(found.shape, np.nan, dtype=np.float32)
    answer[heard] = found[heard]
    return answer


def _by(
    method: str,
    values: Floats,
    songs: Songs,
    groups: Sequence[csr_matrix],
    known: Ints,
    seed: int,
    latent: int,
) -> Floats:
    n_features = songs.features.shape[1]
    if method == "learned":
        fine = [_STEP] * n_features + [_FINE_STEP, _FINE_STEP, _STEP][: songs.facts.shape[1]]
        everything = np.hstack([values, songs.families])
        plain = [0.0] * songs.families.shape[1]
        learned = Discriminant.fit(everything, [*fine, *plain], known, groups)
        if learned is not None:
            return learned.of(everything)
    weights = np.repeat([1.0, _FACT_WEIGHT], [n_features, songs.facts.shape[1]])
    families = _FACT_WEIGHT * songs.families
    inputs: Floats = np.nan_to_num(np.hstack([values * weights, families])).astype(np.float32)
    if method == "autoencoder" and len(known) > inputs.shape[1]:
        return encoded(inputs, known, latent=latent, seed=seed)
    return inputs


def encoded(inputs: Floats, known: Ints, *, latent: int, seed: int) -> Floats:
    """Return N x `latent` float32 for N standardised rows without NaN, trained on the rows `known`."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - for training alone
    from sklearn.neural_network import MLPRegressor  # noqa: PLC0415 - for training alone

    network = MLPRegressor(
        hidden_layer_sizes=(_WIDTH, latent, _WIDTH),
        activation="tanh",
        alpha=1e-4,
        batch_size=min(256, len(known)),
        learning_rate_init=0.003,
        max_iter=_EPOCHS,
        random_state=seed,
    )
    with warnings.catch_warnings(), one_thread():
        # The number of epochs is fixed on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs[known], inputs[known])
    found = inputs
    for weights, bias in zip(network.coefs_[:2], network.intercepts_[:2], strict=True):
        found = np.tanh(found @ weights + bias)
    return np.asarray(found, dtype=np.float32)
