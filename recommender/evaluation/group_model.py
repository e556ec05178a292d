"""Group model: a data set's users with calibrated probabilities that each vote updates.

The scores of EASE and of the Gaussian model of taste are added and calibrated by isotonic regression on users
outside any group (Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability
estimates", KDD 2002). A user unknown to the models is expected to like popular items, and more so those
popular in the community; the Gaussian posterior learns from each vote.
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
_ABSENCES = 0.1  # weight of a missing item as a dislike
_TASTE = 0.5  # of the Gaussian model beside EASE
_DISLIKED = 0.6  # share by which a known user's dislike lowers an expectation
_COMMUNITY = 0.8  # weight of the community's mean taste, for an unknown user
_LEAST = 1e-4


@dataclass(frozen=True, eq=False)
class GroupModel:
    """Calibrated expectations of n users over I items."""

    known: csr_matrix  # n x I, 1 at shown items
    is_known: Mask  # n: whether the models were trained on the user
    ease: Doubles  # n x I scores
    prior: Prior
    tastes: Doubles  # n x F, 0 for unknown users
    scale: float  # of the Gaussian scores
    steps: tuple[Doubles, Doubles]  # score -> probability

    @classmethod
    def fit(
        cls, known: csr_matrix, held_out: csr_matrix, is_known: Mask, calibrated_on: NDArray[np.int64]
    ) -> Self:
        """Fit on the users in `is_known`; calibrate on items held out from some of them."""
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
        """Return a user at the start of a session; `community`: users around them whom the models know."""
        if not self.is_known[person]:
            width = self.tastes.shape[1]
            around = self.tastes[community].mean(axis=0) if community else np.zeros(width)
            return SimulatedListener(self, person, Posterior(_COMMUNITY * around, np.eye(width)))
        at = slice(self.known.indptr[person], self.known.indptr[person + 1])
        row = self.known.indices[at], self.known.data[at]
        return SimulatedListener(self, person, posterior(self.prior, *row, absences=_ABSENCES))

    def probability(self, person: int, now: Posterior) -> Doubles:
        """Return I probabilities of a user with this posterior."""
        means = now.means(self.prior).astype(np.float64)
        if not self.is_known[person]:
            return np.clip(means, _LEAST, 1.0)
        scores = self.ease[person] + _TASTE * means / self.scale
        return np.asarray(np.interp(scores, *self.steps))


class SimulatedListener:
    """A group member who reacts, with the posterior learned from it."""

    def __init__(self, model: GroupModel, person: int, start: Posterior) -> None:
        """Take `start`, the posterior at the beginning."""
        self._model, self.person, self._posterior = model, person, start
        self.expected = model.probability(person, start)

    def react(self, item: int, *, likes: bool) -> None:
        """Update the posterior with a vote."""
        share = _DISLIKED if self._model.is_known[self.person] else 1.0
        usual = float(self._posterior.means(self._model.prior)[item])
        value = 1.0 if likes else (1.0 - share) * usual
        self._posterior = self._posterior.updated(self._model.prior, item, value)
        self.expected = self._model.probability(self.person, self._posterior)
