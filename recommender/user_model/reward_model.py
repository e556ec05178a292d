"""Reward model: Bayesian linear regression of the reaction on the features logged with an impression.

    reward = w' x + noise,    w ~ N(w0, diag(1 / strength)),    reward 1 for a like, 0 for a dislike or a skip

x holds the expected reaction ("belief" in the log), the fused score, the popularity, the kind of explanation,
and their products, so that user, track and explanation interact (McInerney et al., "Explore, exploit, and
explain", RecSys 2018). The prior mean w0 is the expected reaction alone. Observed are weighted by the
inverse propensity, so that the policy's preferences do not reinforce themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, get_args

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats

Said = Literal["because", "community", "popular", "tags", "start", "artist", "mood", "tempo", "new"]
"""Kinds of explanation of an arm."""
SAID: tuple[Said, ...] = get_args(Said)

ABOUT = ("belief", "fused", "fame", "experience")
"""Features of a candidate.

Expected reaction, fused score, log(1 + users) / 10, and log(1 + known items) / 5.
"""

_CROSSED = ("belief", "experience")
FEATURES = (*ABOUT, *SAID, *(f"{kind}*{name}" for kind in SAID for name in _CROSSED))
_START = {
    "belief": 1.0,
    "fused": 0.05,
    # Tuned on users in no reported figure: the user model slightly overrates popular items.
    "fame": -0.1,
    # The most informative true explanation comes first, until reactions show what users prefer.
    "artist": 0.003,
    "because": 0.002,
    "community": 0.001,
    "mood": 0.0008,
    "tempo": 0.0004,
    "new": 0.0002,
}
_STRENGTH = 200.0  # pseudo-count of reactions behind the prior, per unit of a squared feature ...
_SETTLED = 5_000.0  # ... and for the small effect of an explanation, which two dislikes must not change
_LARGEST = 20.0  # limit of the inverse propensity weight


def described(about: Floats, said: NDArray[np.integer]) -> Doubles:
    """Return K x len(FEATURES): `about` (K x len(ABOUT)) with the explanation kind, an index into `SAID`."""
    kinds = (said[:, None] == np.arange(len(SAID))).astype(np.float64)
    crossed = about[:, [ABOUT.index(name) for name in _CROSSED]].astype(np.float64)
    products = (kinds[:, :, None] * crossed[:, None, :]).reshape(len(about), len(SAID) * len(_CROSSED))
    return np.column_stack([about, kinds, products])


class Reacted(Protocol):
    """An impression with its user's latest reaction, as in `storage.listening.decisions`."""

    @property
    def features(self) -> dict[str, float]:
        """The features logged with the impression, by name."""

    @property
    def explanation(self) -> dict[str, Any]:
        """The explanation as `Explanation.to_json` wrote it."""

    @property
    def propensity(self) -> float:
        """The probability with which the policy chose the arm, above 0."""

    @property
    def reward(self) -> float:
        """1 for a like, 0 for a dislike or a skip."""


def read_decisions(reacted: Iterable[Reacted]) -> tuple[Doubles, Doubles, Doubles]:
    """Return the training data of `RewardModel.fit`: arms, rewards, propensities.

    Only impressions of learning policies count, since other policies logged no features.
    """
    known = [d for d in reacted if d.explanation["kind"] in SAID and all(n in d.features for n in ABOUT)]
    about = np.array([[d.features[name] for name in ABOUT] for d in known], dtype=np.float32)
    said = np.array([SAID.index(d.explanation["kind"]) for d in known], dtype=np.intp)
    return (
        described(about.reshape(-1, len(ABOUT)), said),
        np.array([d.reward for d in known], dtype=np.float64),
        np.array([d.propensity for d in known], dtype=np.float64),
    )


@dataclass(frozen=True, eq=False)
class RewardModel:
    """Posterior mean of the regression."""

    weights: Doubles  # len(FEATURES)
    reactions: int  # number of training reactions

    @classmethod
    def fit(cls, x: Doubles, rewards: Doubles, propensities: Doubles) -> Self:
        """Return the posterior after `rewards` (n) of arms described by `x` (n x len(FEATURES))."""
        start = np.array([_START.get(name, 0.0) for name in FEATURES])
        counts = np.minimum(1 / propensities, _LARGEST)
        strength = np.where(np.isin(FEATURES, ABOUT), _STRENGTH, _SETTLED)
        precision = np.diag(strength) + (x * counts[:, None]).T @ x
        gained = (x * counts[:, None]).T @ (rewards - x @ start)
        return cls(start + np.linalg.solve(precision, gained), len(rewards))

    @classmethod
    def unlearned(cls) -> Self:
        """Return the prior."""
        return cls.fit(np.zeros((0, len(FEATURES))), np.zeros(0), np.zeros(0))

    def expected(self, about: Floats, said: NDArray[np.integer]) -> Floats:
        """Return each arm's expected reward: `described(about, said) @ weights`, without its many zeros."""
        plain, kinds, crossed = np.split(self.weights, (len(ABOUT), len(ABOUT) + len(SAID)))
        slopes = crossed.reshape(len(SAID), len(_CROSSED))[said]
        found = about.astype(np.float64) @ plain + kinds[said]
        for column, name in enumerate(_CROSSED):
            found += about[:, ABOUT.index(name)] * slopes[:, column]
        return np.asarray(found, dtype=np.float32)
