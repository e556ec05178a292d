"""Linear item-item models with a closed-form solution, with or without tags as side information.

Sources: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019 (EASE^R); Steck, "Autoencoders
that don't overfit towards the identity", NeurIPS 2020 (EDLAE, the denoising variant); Jeunen, Van Balen and
Goethals, "Closed-form models for collaborative filtering with side-information", RecSys 2020 (tags as rows).
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recommender.arrays import Floats, Ints
from recommender.linalg.dense import one_thread
from recommender.models.base import Model, listeners, spread
from recommender.models.ease_forms import Form, Nearest, fitting_form
from recommender.models.tags import most_used
from recommender.models.tuning import Grid, Settings, fitted
from recommender.models.weights import KINDS, Kind, Weighting

MOST = 6_000  # maximum width of the inverted matrix: some 5 s and 0.5 GB


@dataclass(frozen=True, eq=False)
class Ease(Model):
    """Item-item weights B that predict each item from the others.

    With A the rows (users, and tags below them), G = A'A and L = diag(strength + denoising * diag(G)): B
    = I - P / diag(P), P = (G + L)^-1.
    """

    name: ClassVar[str] = "ease"
    grid: ClassVar[Grid] = {
        "kind": KINDS,
        "strength": (1.0, 3.0, 8.0, 15.0, 30.0, 60.0, 120.0, 250.0, 500.0, 1000.0),
        "denoising": (0.0, 0.25, 0.5, 1.0, 2.0),
        "lift": (-0.3, -0.2, -0.1, 0.0, 0.1),
        "power": (0.5, 1.0, 1.5),
    }
    start: ClassVar[Settings] = {
        "kind": "relative",
        "strength": 30.0,
        "denoising": 1.0,
        "lift": -0.1,
        "power": 1.0,
    }

    columns: Ints  # ascending: the items that have weights
    form: Form
    item_scale: Floats  # len(columns): factor of the scores

    @classmethod
    def train(  # noqa: PLR0913  (the settings of the papers)
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        strength: float = 30.0,
        denoising: float = 1.0,
        lift: float = 0.0,
        tag_share: float = 0.0,
        form: type[Form] | None = None,
    ) -> Self:
        """Solve for the weights; deterministic, `seed` has no effect.

        `strength`: of the regularisation, in users. `denoising`: p / (1 - p) for a share p of each
        user's items dropped in training, 0 for EASE^R. `lift`: exponent of the item popularity that
        multiplies the scores, an addition to the papers. `tag_share`: weight of the tags relative to
        the listening. `form`: None chooses the smaller one.
        """
        del seed
        weighting, rows = Weighting.learned(user_items, kind, power)
        popularity = listeners(rows)
        if item_tags is not None and tag_share:
            rows = vstack([rows, _as_rows(item_tags, rows, tag_share)], format="csr")
        columns = _columns(rows)
        rows = rows[:, columns]
        squares = np.bincount(rows.indices, rows.data.astype(np.float64) ** 2, rows.shape[1])
        penalty = strength + denoising * squares.astype(np.float64)
        with one_thread():
            made = (form or fitting_form(rows)).of(rows, penalty)
        scale = np.maximum(popularity[columns], 1) ** np.float32(lift)
        return cls(popularity, weighting, columns, made, scale)

    @property
    def has_opinion(self) -> NDArray[np.bool_]:
        """I: whether the model has weights for the item."""
        return spread(np.ones(len(self.columns), dtype=np.bool_), self.columns, self.n_items, fill=False)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the known weights times B, scaled."""
        scores = self.form.scores(known[:, self.columns]) * self.item_scale
        return spread(scores, self.columns, self.n_items, fill=0)


class PlainEase(Ease):
    """Without denoising: EASE^R of 2019."""

    name: ClassVar[str] = "ease-r"
    grid: ClassVar[Grid] = {"strength": Ease.grid["strength"]}
    start: ClassVar[Settings] = {"strength": 60.0, "denoising": 0.0, "lift": 0.0}


class TaggedEase(Ease):
    """With tags as side information ("collective" EASE); equals `Ease` without tags."""

    name: ClassVar[str] = "ease-tags"
    grid: ClassVar[Grid] = {
        "tag_share": (0.0, 0.5, 1.0, 2.0, 4.0, 8.0),
        "strength": Ease.grid["strength"],
    }
    start: ClassVar[Settings] = {**Ease.start, "tag_share": 1.0}
    weighing: ClassVar[Grid] = {}

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Tune without tags first, in a tenth of the time, then tune the tag weight."""
        alone = Ease.fit(user_items, seed=seed).tuned
        return fitted(cls, user_items, item_tags, seed=seed, start=alone)


class SparseEase(Ease):
    """With the 200 strongest weights per item: a tenth of the memory and of the response time."""

    name: ClassVar[str] = "ease-200"

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Return a tuned `Ease`, pruned to its strong weights."""
        whole = super().fit(user_items, item_tags, seed=seed)
        with one_thread():
            return replace(whole, form=Nearest.out_of(whole.form, len(whole.columns)))


def _as_rows(item_tags: csr_matrix, people: csr_matrix, share: float) -> csr_matrix:
    return tag_rows(item_tags, share * float(np.sum(people.data.astype(np.float64) ** 2)))


def tag_rows(item_tags: csr_matrix, total: float) -> csr_matrix:
    """Return T x I: tags as pseudo-users whose squares add up to `total`."""
    tags = csr_matrix(most_used(item_tags).T)
    energy = float(np.sum(tags.data.astype(np.float64) ** 2))
    return csr_matrix(tags * np.float32(np.sqrt(total / energy) if energy else 0.0))


def _columns(rows: csr_matrix) -> Ints:
    """Return the non-empty columns; only the fullest `MOST` if neither side can be inverted."""
    counts = np.bincount(rows.indices, minlength=rows.shape[1])
    columns = np.flatnonzero(counts)
    if min(rows.shape[0], len(columns)) > MOST:
        columns = np.sort(np.argsort(-counts, kind="stable")[:MOST])
    return columns.astype(np.int32)
