"""Weighted matrix factorisation of listening.

Source: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008.
"""

from dataclasses import dataclass, replace
from functools import reduce
from typing import ClassVar, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import cleaned, located, one_thread, positive_columns
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, most_blamed, no_opinion

# Shorter factors predict preferences below one in a million for every user.
_SMOOTHED_AWAY = 1e-4


def preference_confidence(user_items: csr_matrix, alpha: float) -> tuple[csr_matrix, csr_matrix]:
    """Return the paper's preferences P and confidences C, float32, for signed weights r.

    P is 1 where r > 0 and 0 elsewhere. C is 1 + alpha |r|, stored only for known items and 1 elsewhere. A
    dislike (r < 0) is a confident preference of 0.
    """
    known = cleaned(user_items)
    place = (known.indices, known.indptr)
    confidence = csr_matrix((1 + alpha * np.abs(known.data), *place), shape=known.shape, dtype=np.float32)
    preference = csr_matrix((known.data > 0, *place), shape=known.shape, dtype=np.float32)
    return cleaned(preference), confidence


@dataclass(frozen=True, eq=False)
class ALS(Scorer):
    """Item factors; a user's factors are solved for on request, from the profile alone.

    So a like counts at once, and users outside the training data are served like all others.
    """

    name: ClassVar[str] = "als"

    n_items: int
    known: Ints  # ascending columns of items with a like
    item_factors: Floats  # len(known) x F, the paper's Y
    gram: Doubles  # F x F: Y'Y + regularization * I
    alpha: float

    @classmethod
    def fit(
        cls,
        data: TrainingData,
        *,
        seed: int,
        factors: int = 64,
        regularization: float = 10.0,
        alpha: float = 1.0,
        iterations: int = 10,
        threads: int = 2,
    ) -> Self:
        """Alternate between users and items, from factors drawn with `seed`.

        `factors`: on Last.fm's artists 32 to 64 do equally well; more of them fit noise.
        `regularization`: the paper's lambda, above 0; it must be noticeable beside the confidences,
        which are 5 for a like, to smooth away items with few likes. `alpha`: confidence per unit of
        weight; weights already are on a log scale, so 1. `threads`: of implicit's solver; each row is
        solved by a single one, so the number has no effect on the result.
        """
        weights = cleaned(data.user_items)
        known = positive_columns(weights)
        # Items without likes would keep a remnant of their initial random factors.
        weights = weights[:, known]
        _, confidence = preference_confidence(weights, alpha)
        # implicit expects dislikes as negative confidences, and multiplies by its own alpha without the 1.
        confidence.data = np.copysign(confidence.data, weights.data)
        with one_thread():
            model = AlternatingLeastSquares(
                factors=factors,
                regularization=regularization,
                alpha=1.0,
                iterations=iterations if len(known) else 0,
                num_threads=threads,
                random_state=seed,
            )
            model.fit(confidence, show_progress=False)
            alive = np.linalg.norm(model.item_factors, axis=1) > _SMOOTHED_AWAY
            y = model.item_factors[alive]
            gram = y.T.astype(np.float64) @ y + regularization * np.eye(factors)
        return cls(data.user_items.shape[1], known[alive], y, gram, alpha)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the predicted preference for each item with a like.

        If a dislike would raise a score, by moving the user's factors away from the disliked item,
        the score without dislikes is used.
        """
        profile = self._within(profile)
        if not np.any(profile.weights > 0):
            return no_opinion(self.n_items)
        solved = [np.linalg.solve(*self._equations(part)) for part in _with_and_without_dislikes(profile)]
        scores = reduce(np.minimum, [self.item_factors @ factors.astype(np.float32) for factors in solved])
        return Opinion(self.n_items, self.known, scores)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the prediction for `item` most."""
        likes = self._within(profile.liked)
        row, found = located(self.known, np.array([item], dtype=np.int32), self.n_items)
        if not found.any() or not len(likes.items):
            return Reason(None, 0.0)
        both = [
            self._with_and_without(known, likes, self.item_factors[row[0]].astype(np.float64))
            for known in _with_and_without_dislikes(self._within(profile))
        ]
        score = min(score for score, _ in both)
        # Without any liked item there is no score.
        without = np.min([rest for _, rest in both], axis=0) if len(likes.items) > 1 else np.zeros(1)
        return most_blamed(likes.items, score - without)

    def _within(self, profile: Profile) -> Profile:
        """Return the part of the profile with factors in the model."""
        _, found = located(self.known, profile.items, self.n_items)
        return replace(profile, items=profile.items[found], weights=profile.weights[found])

    def _factors(self, profile: Profile) -> Doubles:
        return self.item_factors[located(self.known, profile.items, self.n_items)[0]].astype(np.float64)

    def _equations(self, profile: Profile) -> tuple[Doubles, Doubles]:
        """Return A = Y'CY + lambda I and b = Y'Cp for the user; their factors are A^-1 b (equation 4)."""
        y = self._factors(profile)
        above_one = self.alpha * np.abs(profile.weights.astype(np.float64))
        return self.gram + (y.T * above_one) @ y, y.T @ ((1 + above_one) * (profile.weights > 0))

    def _with_and_without(self, profile: Profile, likes: Profile, item: Doubles) -> tuple[float, Doubles]:
        """Return the prediction for an item, and the predictions without each of `likes`.

        Removing a liked y with confidence c takes (c - 1) yy' from A and c y from b, so by Sherman
        and Morrison the prediction for v, with z = A^-1 y and x = A^-1 b, is

            v.x - v.z (c - (c - 1)(x.y - c y.z) / (1 - (c - 1) y.z))
        """
        a, b = self._equations(profile)
        y = self._factors(likes)
        above_one = self.alpha * likes.weights.astype(np.float64)
        solved = np.linalg.solve(a, np.column_stack([b, y.T]))
        x, z = solved[:, 0], solved[:, 1:]
        overlap = np.einsum("lf,fl->l", y, z)
        correction = above_one * (y @ x - (1 + above_one) * overlap) / (1 - above_one * overlap)
        return float(item @ x), item @ x - (item @ z) * (1 + above_one - correction)


def _with_and_without_dislikes(profile: Profile) -> list[Profile]:
    return [profile] if np.all(profile.weights > 0) else [profile, profile.liked]
