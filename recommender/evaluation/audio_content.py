"""Quality of audio representations: are a track's nearest neighbours the same kind of music?

A fifth of the works are queries and the rest are answers, so that no track meets its twin under another id or
as a remaster. Neighbours are by cosine. For genres and distances the artist's own tracks are excluded, to
compare music across artists.

*quantile-normal*, *autoencoder* and *learned* are the product's vectors from `content.audio_vectors`.
Training uses artists and playlists without any artist of the queries; a playlist of this table has a single
sub-genre, so training on playlists is training on genres.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from recommender.arrays import Floats, Ints
from recommender.content.audio_vectors import Songs, vectors
from recommender.evaluation.audio_table import AudioTable
from recommender.evaluation.interactions import Interactions
from recommender.linalg import one_thread
from storage.naming.text import fold

NEIGHBOURS = 10
_ASKED_SHARE = 0.2
_MOST_ASKED = 2_000
_AT_ONCE = 500
_LATENT = (4, 8, 16)
_BY_LISTENERS = "learned, listeners too"
_FACT_WEIGHT = 2.0  # of year, popularity, length and family beside features that the product does not use


class ContentFigures(NamedTuple):
    """Neighbour quality of one representation."""

    name: str
    metadata: str
    genre: float  # share of the 10 neighbours that share a genre with the track
    subgenre: float
    artist: float  # share of tracks with another track by the artist among the 10 neighbours
    distance: float  # root mean square difference of the z-scored audio features
    fit_s: float


class _Known(NamedTuple):
    """Training data of a representation."""

    rows: Ints
    artists: csr_matrix  # A x N, artists outside the queries
    playlists: csr_matrix  # P x N, without tracks by artists of the queries
    listeners: csr_matrix  # U x N: tracks by each user's artists, without those of the queries
    seed: int


Represent = Callable[[Songs, _Known], Floats]


def compared(
    table: AudioTable,
    *,
    seed: int,
    watch: Callable[[str], None],
    among: Collection[str] | None = None,
    listening: Interactions | None = None,
) -> list[ContentFigures]:
    """Return the figures of each representation in `among` (default all): sound, with facts, with families.

    `listening`: users and artists, as further training data.
    """
    order = np.random.default_rng(seed).permutation(len(table)).astype(np.int32)
    n = int(_ASKED_SHARE * len(table))
    asked, rows = order[:n][:_MOST_ASKED], order[n:]
    known = _known(table, asked, rows, seed, listening)
    found = []
    with one_thread():
        plain = _standard(table.features, rows)
        for metadata, songs in _metadata(table):
            for name, represent in _REPRESENTATIONS.items():
                if name == _BY_LISTENERS and listening is None:
                    continue
                if (name == "raw" and metadata != "none") or (among is not None and name not in among):
                    continue  # in raw units the year dominates
                watch(f"{name}, {metadata}")
                began = time.perf_counter()
                represented = represent(songs, known)
                seconds = time.perf_counter() - began
                figures = _figures(table, represented, plain, asked, rows)
                found.append(ContentFigures(name, metadata, *figures, seconds))
    return found


def _known(
    table: AudioTable, asked: Ints, rows: Ints, seed: int, listening: Interactions | None = None
) -> _Known:
    """Return the training data, without anything about the artists of the queries."""
    told = np.zeros(len(table), dtype=np.float32)
    told[rows] = ~np.isin(table.artists[rows], table.artists[asked])
    where = np.flatnonzero(told)
    ones = np.ones(len(where), dtype=np.float32)
    artists = csr_matrix((ones, (table.artists[where], where)), shape=(table.artists.max() + 1, len(table)))
    playlists = csr_matrix(table.playlists @ diags(told))
    playlists.eliminate_zeros()
    nobody = csr_matrix(table.playlists[:0])
    listeners = nobody if listening is None else csr_matrix(_heard(table, listening) @ artists)
    return _Known(rows, artists, playlists, listeners, seed)


def _heard(table: AudioTable, listening: Interactions) -> csr_matrix:
    """Return U x A: the table's artists that each user listens to."""
    places = {name: place for place, name in enumerate(table.names)}
    column = np.array([places.get(fold(name), -1) for name in listening.items])
    there = np.flatnonzero(column >= 0)
    cells = (np.ones(len(there), dtype=np.float32), (there, column[there]))
    return csr_matrix(listening.user_items @ csr_matrix(cells, shape=(len(column), len(places))))


def _metadata(table: AudioTable) -> Iterator[tuple[str, Songs]]:
    yield "none", table.songs(facts=False, families=False)
    yield "year, popularity, length", table.songs(facts=True, families=False)
    yield "and family of genres", table.songs(facts=True, families=True)


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
    """Return the values with missing ones replaced by the column's mean."""
    return np.where(np.isnan(values), np.nanmean(values[known], axis=0), values).astype(np.float32)


def _standard(values: Floats, known: Ints) -> Floats:
    filled = _filled(values, known)
    return np.asarray(StandardScaler().fit(filled[known]).transform(filled), dtype=np.float32)


def _whitened(values: Floats, known: Ints) -> Floats:
    z = _standard(values, known)
    white = PCA(whiten=True, n_components=min(z.shape[1], 11), random_state=0).fit(z[known])
    return np.asarray(white.transform(z), dtype=np.float32)


def _beside(transform: Callable[[Floats, Ints], Floats]) -> Represent:
    """Return a representation of the audio features with the facts appended."""

    def represented(songs: Songs, known: _Known) -> Floats:
        facts = songs.normal(known.rows, seed=known.seed)[:, songs.features.shape[1] :]
        beside = np.nan_to_num(_FACT_WEIGHT * np.hstack([facts, songs.families]))
        return np.hstack([transform(songs.features, known.rows), beside])

    return represented


def _served(method: str, latent: int = 1) -> Represent:
    return lambda songs, known: vectors(songs, method, (), seed=known.seed, rows=known.rows, latent=latent)


def _learned(groups: Callable[[_Known], Sequence[csr_matrix]]) -> Represent:
    return lambda songs, known: vectors(songs, "learned", groups(known), seed=known.seed, rows=known.rows)


_REPRESENTATIONS: dict[str, Represent] = {
    "raw": _beside(_filled),
    "z-scored": _beside(_standard),
    "PCA-whitened": _beside(_whitened),
    "quantile-normal": _served("features"),
    **{f"autoencoder {latent}": _served("autoencoder", latent) for latent in _LATENT},
    "learned": _learned(lambda known: [known.artists]),
    "learned, playlists too": _learned(lambda known: [known.artists, known.playlists]),
    _BY_LISTENERS: _learned(lambda known: [known.artists, known.listeners]),
}
ROUNDS = 3 * len(_REPRESENTATIONS) - 2
