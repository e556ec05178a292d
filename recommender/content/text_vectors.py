"""Text vectors: texts about artists as a few numbers each.

Terms are weighted by BM25 (Robertson and Zaragoza, "The probabilistic relevance framework", 2009), with
documents at half the weight every four years and shared among the artists they name, then reduced to their
latent semantics (Deerwester et al., "Indexing by latent semantic analysis", 1990). The name is from Whitman
and Lawrence, "Inferring descriptions and similarity for music from community metadata", ICMC 2002.
"""

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from recommender.arrays import Floats
from recommender.feedback.matrix import IdIndex
from recommender.linalg import inverse, one_thread, row_norms, scaled_rows

TermRow = tuple[int, int, str, int, int | None, int]
"""(artist, document, term, count, seconds since 1970 or None, number of artists the document names)."""

_DIMENSIONS = 32
_K1, _B = 1.2, 0.75
_HALF_LIFE = 4 * 365.25 * 86_400.0
_LEAST_ARTISTS = 2  # a term of a single artist connects no two
_MOST_SHARE = 0.5  # of the artists; more common terms carry no information
# Words common in all texts about music.
_OF_MUSIC = frozenset(
    [
        "album",
        "albums",
        "song",
        "songs",
        "track",
        "tracks",
        "record",
        "records",
        "band",
        "artist",
        "artists",
        "music",
        "musical",
        "release",
        "released",
        "listen",
        "listening",
        "sound",
        "sounds",
        "year",
        "years",
        "new",
        "one",
        "two",
        "first",
        "time",
        "like",
        "just",
        "also",
        "und",
        "der",
        "die",
        "das",
        "mit",
        "von",
        "ist",
        "ein",
        "eine",
        "auf",
        "fur",
        "les",
        "des",
        "une",
        "que",
        "los",
        "las",
        "para",
        "por",
        "con",
    ]
)


def cultural_vectors(rows: Iterable[TermRow], artists: IdIndex, *, now: float) -> Floats:
    """Return artists x at most 32 float32, rows of length 1, NaN without texts."""
    weights = term_weights(rows, artists, now=now)
    n = min(_DIMENSIONS, *(side - 1 for side in weights.shape)) if weights.nnz else 0
    if n < 1:
        return np.zeros((len(artists), 0), dtype=np.float32)
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415 - for training alone

    unit = scaled_rows(weights, inverse(row_norms(weights)))
    with one_thread():
        left, strength, _ = randomized_svd(unit, n, n_iter=4, random_state=0)
    vectors = left * strength
    lengths = np.linalg.norm(vectors, axis=1)
    described = lengths > 0
    found = np.full(vectors.shape, np.nan, dtype=np.float32)
    found[described] = vectors[described] / lengths[described, None]
    return found


def term_weights(rows: Iterable[TermRow], artists: IdIndex, *, now: float) -> csr_matrix:
    """Return artists x terms float32: BM25 times the logarithm of the number of documents.

    `rows` come from `storage.catalogue.texts.Texts.terms`; an undated document counts as one half-life old.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - for training alone

    stop = ENGLISH_STOP_WORDS | _OF_MUSIC
    terms: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    counts: list[tuple[float, float]] = []  # decayed occurrences, documents
    for artist, _, term, count, at, named in rows:
        if any(word in stop for word in term.split()):
            continue
        age = 1.0 if at is None else max(0.0, now - at) / _HALF_LIFE
        places.append((artist, terms.setdefault(term, len(terms))))
        counts.append((count * 0.5**age / named, 1.0))
    shape = (len(artists), len(terms))
    if not places:
        return csr_matrix((np.zeros(0, dtype=np.float32), ([], [])), shape=shape)
    ids, columns = np.array(places, dtype=np.int64).T
    cells = (artists.columns(ids), columns)
    often, documents = np.array(counts, dtype=np.float64).T
    frequency = coo_matrix((often, cells), shape=shape).tocsr()
    sources = coo_matrix((documents, cells), shape=shape).tocsr()
    return _bm25(frequency, sources)


def _bm25(frequency: csr_matrix, sources: csr_matrix) -> csr_matrix:
    written = int(np.count_nonzero(np.diff(frequency.indptr)))
    carriers = np.bincount(frequency.indices, minlength=frequency.shape[1])
    lengths = np.asarray(frequency.sum(axis=1)).ravel()
    relative = 1 - _B + _B * lengths / lengths[lengths > 0].mean()
    rows = np.repeat(np.arange(frequency.shape[0]), np.diff(frequency.indptr))
    saturated = frequency.data * (_K1 + 1) / (frequency.data + _K1 * relative[rows])
    rarity = np.log1p((written - carriers + 0.5) / (carriers + 0.5))
    telling = (carriers >= _LEAST_ARTISTS) & (carriers <= max(_LEAST_ARTISTS, _MOST_SHARE * written))
    data = saturated * rarity[frequency.indices] * np.log1p(sources.data) * telling[frequency.indices]
    places = (frequency.indices, frequency.indptr)
    weights = csr_matrix((data.astype(np.float32), *places), shape=frequency.shape)
    weights.eliminate_zeros()
    return weights
