"""What people of a data set expect, as calibrated probabilities that move with every thumb.

The scores of EASE and of the Gaussian model of taste are added and turned into probabilities by isotonic
regression on people who are in no group (Zadrozny and Elkan, "Transforming classifier scores into accurate
multiclass probability estimates", KDD 2002).  Somebody the models have never met is expected to like what
people like, and more so what those of their community do; the Gaussian posterior learns from each thumb.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression

from recommender.arrays import Doubles, Mask
from recommender.models.ease import Ease
from recommender.models.gaussian import Posterior, Prior, expected, learned, posterior

_FACTORS = 24
_ABSENCES = 0.1  # how much an item that somebody does not have counts as disliked
_TASTE = 0.5  # of the Gaussian model beside EASE
_DISLIKED = 0.6  # of the way down to nothing that is expected of what somebody known has disliked
_COMMUNITY = 0.8  # of the mean taste of the community, for somebody unknown
_LEAST = 1e-4


@dataclass(frozen=True, eq=False)
class GroupModel:
    """n people, I items."""

    known: csr_matrix  # n x I, 1 where the person has shown it
    is_known: Mask  # n: whether the models were trained on the person
    ease: Doubles  # n x I scores
    prior: Prior
    tastes: Doubles  # n x F, 0 for the unknown
    scale: float  # of the Gaussian scores
    steps: tuple[Doubles, Doubles]  # score -> probability

    @classmethod
    def fit(
        cls, known: csr_matrix, held_out: csr_matrix, is_known: Mask, calibrated_on: NDArray[np.int64]
    ) -> Self:
        """Learn from those who `is_known`; calibrate on some of them, of whom something is held out."""
        ones = csr_matrix((np.ones(known.nnz, dtype=np.float32), known.indices, known.indptr), known.shape)
        prior = learned(csr_matrix(ones[is_known]), factors=_FACTORS)
        tastes = expected(prior, ones, absences=np.full(known.shape[0], _ABSENCES)).astype(np.float64)
        tastes[~is_known] = 0
        ease = np.nan_to_num(Ease.train(csr_matrix(known[is_known]), seed=0).scores(known)).astype(np.float64)
        ease /= ease[is_known].std()
        gaussian = prior.mean + tastes @ prior.loadings.T.astype(np.float64)
        scale = float(gaussian[is_known].std())
        scores = ease[calibrated_on] + _TASTE * gaussian[calibrated_on] / scale
        new = known[calibrated_on].toarray() == 0
        curve = IsotonicRegression(out_of_bounds="clip")
        curve.fit(scores[new], held_out[calibrated_on].toarray()[new] > 0)
        at = np.linspace(scores.min(), scores.max(), 4_000)
        return cls(ones, is_known, ease, prior, tastes, scale, (at, np.asarray(curve.predict(at))))

    def listener(self, person: int, community: list[int] | None = None) -> "SimulatedListener":
        """Return somebody at the start of a session; `community`: people around them whom the models know."""
        if not self.is_known[person]:
            width = self.tastes.shape[1]
            around = self.tastes[community].mean(axis=0) if community else np.zeros(width)
            return SimulatedListener(self, person, Posterior(_COMMUNITY * around, np.eye(width)))
        at = slice(self.known.indptr[person], self.known.indptr[person + 1])
        row = self.known.indices[at], self.known.data[at]
        return SimulatedListener(self, person, posterior(self.prior, *row, absences=_ABSENCES))

    def probability(self, person: int, now: Posterior) -> Doubles:
        """Return I probabilities of a person with this posterior."""
        means = now.means(self.prior).astype(np.float64)
        if not self.is_known[person]:
            return np.clip(means, _LEAST, 1.0)
        scores = self.ease[person] + _TASTE * means / self.scale
        return np.asarray(np.interp(scores, *self.steps))


class SimulatedListener:
    """One person of a group, who learns and is learned of."""

    def __init__(self, model: GroupModel, person: int, start: Posterior) -> None:
        """`start` is what is known of their taste."""
        self._model, self.person, self._posterior = model, person, start
        self.expected = model.probability(person, start)

    def react(self, item: int, *, likes: bool) -> None:
        """Take a thumb into account."""
        share = _DISLIKED if self._model.is_known[self.person] else 1.0
        usual = float(self._posterior.means(self._model.prior)[item])
        value = 1.0 if likes else (1.0 - share) * usual
        self._posterior = self._posterior.updated(self._model.prior, item, value)
        self.expected = self._model.probability(self.person, self._posterior)
