"""What a representation of sound is worth: are a track's nearest neighbours music of the same kind?

A fifth of the works is asked about, the rest is what may answer, so that neither a track nor its twin under
another id or as a remaster stands on both sides.  Neighbours are by cosine.  For genres and distances the
artist's own tracks are left out of the answers: what is compared is music across artists.

The autoencoder is that of `recommender.sound`.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from recommender.evaluation.audio_table import AudioTable
from recommender.linalg import one_thread
from recommender.scorers import Floats, Ints
from recommender.sound import encoded

NEIGHBOURS = 10
_ASKED_SHARE = 0.2
_MOST_ASKED = 2_000
_AT_ONCE = 500
_LATENT = (4, 8, 16)
_METADATA_WEIGHT = 2.0  # year and popularity against one audio feature
_FAR = 3.0  # deviations; what lies further out counts as this

Represent = Callable[[Floats, Floats, Ints, int], Floats]
"""Features, metadata, the rows to learn from, a seed."""


class ContentFigures(NamedTuple):
    """How the neighbours in one representation are."""

    name: str
    metadata: str
    genre: float  # share of the 10 neighbours with a genre of the track
    subgenre: float
    artist: float  # share of tracks with one of the artist's others among their 10 neighbours
    distance: float  # root mean square difference of the z-scored audio features
    fit_s: float


def compared(table: AudioTable, *, seed: int, watch: Callable[[str], None]) -> list[ContentFigures]:
    """Return the figures of every representation, without metadata, with year and popularity, with genres."""
    order = np.random.default_rng(seed).permutation(len(table)).astype(np.int32)
    n = int(_ASKED_SHARE * len(table))
    asked, known = order[:n], order[n:]
    found = []
    with one_thread():
        plain = _standard(table.features, known, seed)
        for metadata, extra in _metadata(table, known, seed):
            for name, represent in _REPRESENTATIONS.items():
                watch(f"{name}, {metadata}")
                if name == "raw" and extra.shape[1]:
                    continue  # in raw units a year drowns everything
                began = time.perf_counter()
                vectors = represent(_filled(table.features, known), extra, known, seed)
                seconds = time.perf_counter() - began
                figures = _figures(table, vectors, plain, asked[:_MOST_ASKED], known)
                found.append(ContentFigures(name, metadata, *figures, seconds))
    return found


def _metadata(table: AudioTable, known: Ints, seed: int) -> Iterator[tuple[str, Floats]]:
    yield "none", table.metadata[:, :0]
    years = _METADATA_WEIGHT * _quantile(_filled(table.metadata, known), known, seed)
    yield "year, popularity", years.astype(np.float32)
    genres = _METADATA_WEIGHT * np.hstack([table.families, table.subgenres]).astype(np.float32)
    yield "and genres", np.hstack([years, genres]).astype(np.float32)


def _figures(
    table: AudioTable, vectors: Floats, plain: Floats, asked: Ints, known: Ints
) -> tuple[float, float, float, float]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    sums = np.zeros(4)
    has_more = np.isin(table.artists[asked], table.artists[known])
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        cosines = np.asarray(unit[some] @ unit[known].T, dtype=np.float32)
        same = table.artists[some][:, None] == table.artists[known][None]
        nearest = np.take_along_axis(same, _nearest(cosines), axis=1)
        cosines[same] = -np.inf
        others = known[_nearest(cosines)]
        sums[0] += (table.genres[others] & table.genres[some][:, None]).any(axis=2).mean(axis=1).sum()
        sums[1] += (table.subgenres[others] & table.subgenres[some][:, None]).any(axis=2).mean(axis=1).sum()
        sums[2] += nearest.any(axis=1).sum()
        apart = plain[others] - plain[some][:, None]
        sums[3] += np.sqrt((apart**2).mean(axis=2)).mean(axis=1).sum()
    sums[[0, 1, 3]] /= len(asked)
    sums[2] /= max(int(has_more.sum()), 1)
    return float(sums[0]), float(sums[1]), float(sums[2]), float(sums[3])


def _nearest(cosines: Floats) -> Ints:
    return np.argpartition(-cosines, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS].astype(np.int32)


def _filled(values: Floats, known: Ints) -> Floats:
    """Return the values with the mean of the column where one is missing: it then says nothing."""
    return np.where(np.isnan(values), np.nanmean(values[known], axis=0), values).astype(np.float32)


def _raw(values: Floats, known: Ints, seed: int) -> Floats:
    del known, seed
    return values


def _standard(values: Floats, known: Ints, seed: int) -> Floats:
    del seed
    filled = _filled(values, known)
    return np.asarray(StandardScaler().fit(filled[known]).transform(filled), dtype=np.float32)


def _quantile(values: Floats, known: Ints, seed: int) -> Floats:
    normal = QuantileTransformer(
        output_distribution="normal", n_quantiles=min(1000, len(known)), subsample=None, random_state=seed
    )
    return np.asarray(normal.fit(values[known]).transform(values).clip(-_FAR, _FAR), dtype=np.float32)


def _whitened(values: Floats, known: Ints, seed: int) -> Floats:
    z = _standard(values, known, seed)
    white = PCA(whiten=True, n_components=min(z.shape[1], 11), random_state=seed).fit(z[known])
    return np.asarray(white.transform(z), dtype=np.float32)


def _autoencoder(latent: int) -> Represent:
    def represented(features: Floats, extra: Floats, known: Ints, seed: int) -> Floats:
        z = np.hstack([_standard(features, known, seed), extra])
        return encoded(z.astype(np.float32), known, latent=latent, seed=seed)

    return represented


def _beside(transform: Callable[[Floats, Ints, int], Floats]) -> Represent:
    return lambda features, extra, known, seed: np.hstack([transform(features, known, seed), extra])


_REPRESENTATIONS: dict[str, Represent] = {
    "raw": _beside(_raw),
    "z-scored": _beside(_standard),
    "quantile-normal": _beside(_quantile),
    "PCA-whitened": _beside(_whitened),
    **{f"autoencoder {latent}": _autoencoder(latent) for latent in _LATENT},
}
ROUNDS = 3 * len(_REPRESENTATIONS)
