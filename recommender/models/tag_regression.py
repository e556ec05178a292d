"""Cold-start model: predicts a new item's listeners from its tags, texts and sound.

Two regressions share one tag matrix: onto the users (kernel ridge, so that a tag counts by the users it
brings) and onto the listening factors (so that items similar users like count as well). The number of
taggings predicts the item's popularity in addition.

Sources: Gantner et al., "Learning attribute-to-feature mappings for cold-start recommendations", ICDM 2010;
shrunk factors are the ridge regression of Steck, "Embarrassingly shallow autoencoders", WWW 2019, without its
constraint and in few dimensions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, NamedTuple, Self

import numpy as np
from scipy.sparse import csr_matrix, hstack

from recommender import metrics
from recommender.arrays import Floats, Ints, Mask, Rows
from recommender.errors import UnsuitedError
from recommender.linalg import inverse, one_thread, row_norms, scaled_rows
from recommender.linalg.dense import inverted
from recommender.metrics.ranked_lists import ScoreRanker, top_items

_LEAST_CARRIERS = 3  # a tag on fewer items does not generalise
_LEAST_LISTENERS = 2
_MOST_TAGS = 2000  # the number of equations; twice as many add a thousandth of Recall@20
_FACTORS = 64
_SHRINKAGE = 100.0  # added to a factor's squared singular value
_HIDDEN_SHARE, _HIDDEN_LISTENERS = 0.2, 5  # share and minimum users of the items hidden for tuning
_TUNED_ON, _TUNED_AMONG = 600, 5_000  # users, items
_RIDGES = (2.0, 4.0, 8.0)
_FACTOR_SHARES = (0.0, 0.3, 0.5, 1.0)
_POPULARITY_SHARES = (0.0, 0.2, 0.4, 0.6)
_HEARD_SHARES = (0.0, 0.5, 1.0)  # of the heard vectors beside tags and texts


class Parts(NamedTuple):
    """Inputs of the regressions: I items, T tags, F factors."""

    vectors: csr_matrix  # I x T, rows of length 1 or 0: tags, then text vectors, then heard vectors
    learnt: csr_matrix  # I x T, the rows of `vectors` of items with users
    factors: Floats  # I x F
    popularity: Floats  # I, standardised log of the number of taggings


class Weights(NamedTuple):
    """Weight of each part."""

    ridge: float
    listeners: float
    factors: float
    popularity: float
    heard: float = 0.0  # length of the heard vectors beside tags and texts


@dataclass(frozen=True, eq=False)
class TagRegression(ScoreRanker):
    """Predicts users and factors from tags; tunes itself on hidden items."""

    parts: Parts
    solved: Floats  # T x T, inverse of the tags' Gram matrix with the ridge
    by_tag: Floats  # T x F, factors per tag
    weights: Weights
    tuned: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int,
        texts: Floats | None = None,
        sounds: Floats | None = None,
    ) -> Self:
        """Tune the ridge and the weights on a hidden fifth of the items by Recall@20, then fit on all.

        `texts`: I x D text vectors, NaN without texts. `sounds`: I x H heard vectors, NaN if unheard; they
        count as far as they help to find the hidden items. Raises UnsuitedError without tags.
        """
        if item_tags is None:
            raise UnsuitedError("It needs tags, and the data have none.")
        rng = np.random.default_rng(seed)
        with one_thread():
            shares = (0.0,) if sounds is None else _HEARD_SHARES
            described = {share: vectors_of(item_tags, texts, sounds, share) for share in shares}
            weights = _tuned(cls, user_items, item_tags, described, rng, seed)
            vectors = described[weights.heard]
            fitted = cls.of(parts_of(user_items, item_tags, seed, vectors), weights, user_items)
        return replace(fitted, tuned=weights._asdict())

    @classmethod
    def of(cls, parts: Parts, weights: Weights, user_items: csr_matrix) -> Self:
        """Solve the regressions; `weights` are per standard deviation of each part's scores."""
        gram = np.asarray((parts.learnt.T @ parts.learnt).todense(), dtype=np.float64)
        np.fill_diagonal(gram, gram.diagonal() + weights.ridge)
        solved = inverted(gram).astype(np.float32)
        by_tag = solved @ np.asarray(parts.learnt.T @ parts.factors, dtype=np.float32)
        plain = cls(parts, solved, by_tag, weights)
        # Scale both parts to unit deviation over the items, for the mean training user.
        some = ones(user_items[: min(_TUNED_ON, user_items.shape[0])])
        step = -(-user_items.shape[1] // _TUNED_AMONG) or 1
        spread = [_unit(part) for part in plain.predicted(some, np.arange(0, user_items.shape[1], step))]
        scaled = weights._replace(
            listeners=weights.listeners / spread[0], factors=weights.factors / spread[1]
        )
        return replace(plain, weights=scaled)

    def predicted(self, known: csr_matrix, items: Rows | Ints | None = None) -> tuple[Floats, Floats]:
        """Return users x items twice: similarity to the user's items by listening, and by factors."""
        mean = scaled_rows(known, inverse(np.diff(known.indptr).astype(np.float64)))
        wanted = np.asarray((mean @ self.parts.vectors).todense(), dtype=np.float32)
        tastes = np.asarray(mean @ self.parts.factors, dtype=np.float32)
        vectors = self.parts.vectors if items is None else self.parts.vectors[items]
        by_listeners, by_factors = vectors @ (self.solved @ wanted.T), vectors @ (self.by_tag @ tastes.T)
        return np.asarray(by_listeners.T, dtype=np.float32), np.asarray(by_factors.T, dtype=np.float32)

    def scores(self, known: csr_matrix) -> Floats:
        """Return the weighted sum, NaN for items without tags that other items have."""
        with one_thread():
            by_listeners, by_factors = self.predicted(ones(known))
        _, listeners, factors, popularity, _ = self.weights
        total = listeners * by_listeners + factors * by_factors + popularity * self.parts.popularity
        total[:, np.diff(self.parts.vectors.indptr) == 0] = np.nan
        return np.asarray(total, dtype=np.float32)


def parts_of(
    user_items: csr_matrix, item_tags: csr_matrix, seed: int, vectors: csr_matrix, *, factors: int = _FACTORS
) -> Parts:
    """Return the inputs of the regressions; `vectors` come from `vectors_of`."""
    learnt = _is_learnt(user_items, vectors)
    count = np.log1p(np.asarray(item_tags.sum(axis=1), dtype=np.float64).ravel())
    tagged = learnt & (count > 0)
    spread = float(np.std(count[tagged])) if tagged.any() else 0.0
    popularity = (count - count[tagged].mean()) / spread if spread else np.zeros_like(count)
    popularity[count == 0] = 0  # only texts describe it, which do not tell its popularity
    return Parts(
        vectors,
        csr_matrix(vectors.multiply(learnt[:, None]), dtype=np.float32),
        _shrunk_factors(user_items, factors, seed),
        popularity.astype(np.float32),
    )


def _is_learnt(user_items: csr_matrix, vectors: csr_matrix) -> Mask:
    listeners = np.bincount(user_items.indices, minlength=user_items.shape[1])
    return np.asarray((np.diff(vectors.indptr) > 0) & (listeners >= _LEAST_LISTENERS))


def vectors_of(
    item_tags: csr_matrix,
    texts: Floats | None = None,
    sounds: Floats | None = None,
    share: float = 0.0,
) -> csr_matrix:
    """Return I x T, rows of length 1: ln(1 + count) times the root of tag rarity, beside texts and sounds.

    `share`: length of the heard vectors beside the rest; with 0 they are left out. Only tags on several
    items count. Raises UnsuitedError with neither tags nor texts.
    """
    carriers = np.bincount(item_tags.indices, minlength=item_tags.shape[1])
    common = np.flatnonzero(carriers >= _LEAST_CARRIERS)
    kept = np.sort(common[np.argsort(-carriers[common], kind="stable")[:_MOST_TAGS]])
    written = None if texts is None else csr_matrix(np.nan_to_num(texts), dtype=np.float32)
    if not len(kept) and not (written is not None and written.nnz):
        raise UnsuitedError(f"It needs tags that {_LEAST_CARRIERS} items carry, and there are none.")
    some = csr_matrix(item_tags[:, kept], dtype=np.float32)
    rarity = np.log(max(item_tags.shape[0], 1) / carriers[kept])
    data = (np.log1p(some.data) * np.sqrt(rarity[some.indices])).astype(np.float32)
    weighted = csr_matrix((data, some.indices, some.indptr), shape=some.shape)
    weighted.eliminate_zeros()
    unit = scaled_rows(weighted, inverse(row_norms(weighted)))
    if written is not None and written.nnz:
        both = csr_matrix(hstack([unit, scaled_rows(written, inverse(row_norms(written)))], format="csr"))
        unit = scaled_rows(both, inverse(row_norms(both)))
    if sounds is None or not share:
        return unit
    heard = csr_matrix(np.nan_to_num(sounds), dtype=np.float32)
    both = csr_matrix(hstack([unit, scaled_rows(heard, share * inverse(row_norms(heard)))], format="csr"))
    return scaled_rows(both, inverse(row_norms(both)))


def _shrunk_factors(user_items: csr_matrix, factors: int, seed: int) -> Floats:
    """Return I x F: right singular vectors of log weights, each times sqrt(s^2 / (s^2 + shrinkage))."""
    data = np.log1p(user_items.data)
    logs = csr_matrix((data / data.mean(), user_items.indices, user_items.indptr), shape=user_items.shape)
    n = min(factors, min(user_items.shape) - 1)
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415 - for training alone

    _, strength, right = randomized_svd(logs.astype(np.float32), n, n_iter=3, random_state=seed)
    share = np.sqrt(strength**2 / (strength**2 + _SHRINKAGE))
    return np.asarray(right.T * share, dtype=np.float32)


def ones(known: csr_matrix) -> csr_matrix:
    """Return 1 at every stored entry."""
    return csr_matrix((np.ones_like(known.data), known.indices, known.indptr), shape=known.shape)


def hidden_apart(user_items: csr_matrix, hidden: Ints) -> tuple[csr_matrix, csr_matrix]:
    """Return the weights without the hidden items, and the hidden items alone."""
    is_hidden = np.zeros(user_items.shape[1], dtype=np.bool_)
    is_hidden[hidden] = True
    parts = []
    for wanted in (~is_hidden, is_hidden):
        part = user_items.copy()
        part.data = np.where(wanted[part.indices], part.data, 0).astype(np.float32)
        part.eliminate_zeros()
        parts.append(part)
    return parts[0], parts[1]


def _tuned(
    model: type[TagRegression],
    user_items: csr_matrix,
    item_tags: csr_matrix,
    described: Mapping[float, csr_matrix],
    rng: np.random.Generator,
    seed: int,
) -> Weights:
    """Return the weights with the highest Recall@20 over temporarily hidden items.

    `described`: what `vectors_of` returns, by share of the heard vectors.
    """
    vectors = described[0.0]
    listeners = np.bincount(user_items.indices, minlength=user_items.shape[1])
    eligible = np.flatnonzero((np.diff(vectors.indptr) > 0) & (listeners >= _HIDDEN_LISTENERS)).astype(
        np.int32
    )
    hidden = np.sort(rng.permutation(eligible)[: min(int(_HIDDEN_SHARE * len(eligible)), _TUNED_AMONG)])
    people = np.sort(rng.permutation(user_items.shape[0])[:_TUNED_ON])
    if not len(hidden):
        return _weights(4.0, 0.5, 0.5)
    warm, held_out = hidden_apart(user_items, hidden)
    parts = parts_of(warm, item_tags, seed, vectors)
    best = (-1.0, _weights(4.0, 0.5, 0.5))
    for (share, vectors), ridge in product(described.items(), _RIDGES):
        taught = csr_matrix(vectors.multiply(_is_learnt(warm, vectors)[:, None]), dtype=np.float32)
        fitted = model.of(parts._replace(vectors=vectors, learnt=taught), _weights(ridge, 1.0, 0.0), warm)
        for weights, recall in _tried(fitted, warm[people], held_out[people], hidden, ridge):
            best = max(best, (recall, weights._replace(heard=share)), key=lambda pair: pair[0])
    return best[1]


def _unit(part: Floats) -> float:
    return float(np.std(part, axis=1).mean()) or 1.0


def _weights(ridge: float, factors: float, popularity: float) -> Weights:
    return Weights(ridge, 1.0, factors, popularity * (1 + factors))


def _tried(
    fitted: TagRegression, known: csr_matrix, held_out: csr_matrix, hidden: Ints, ridge: float
) -> Iterator[tuple[Weights, float]]:
    by_listeners, by_factors = fitted.predicted(ones(known), hidden)
    units = [_unit(part) for part in (by_listeners, by_factors)]
    wanted = csr_matrix(held_out[:, hidden])
    some = np.diff(wanted.indptr) > 0
    nothing = csr_matrix(wanted[some] * 0)
    nothing.eliminate_zeros()
    for factors, popularity in product(_FACTOR_SHARES, _POPULARITY_SHARES):
        weights = _weights(ridge, factors, popularity)
        total = by_listeners / units[0] + factors * by_factors / units[1]
        total = total + weights.popularity * fitted.parts.popularity[hidden]
        ranked = top_items(total[some], nothing, 20)
        yield weights, float(metrics.recall(metrics.hits(ranked, wanted[some]), wanted[some], 20).mean())
