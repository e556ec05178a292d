"""What a reaction to a recommendation will be: Bayesian linear regression on what was known when shown.

    reward = w' x + noise,    w ~ N(w0, diag(1 / strength)),    reward 1 for a like, 0 for a dislike or a skip

x holds what is believed of the song, how it was ranked, how well known it is, which reason is given for it,
and products of those: listener, song and explanation speak together (McInerney et al., "Explore, exploit, and
explain", RecSys 2018).  Before any reaction w0 goes by the belief alone.  Reactions count by the inverse of
the propensity, so that what the policy likes to show does not teach it twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, get_args

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats

Said = Literal["because", "community", "popular", "tags", "start", "artist", "mood", "tempo", "new"]
"""The kinds of reason that an arm may carry."""
SAID: tuple[Said, ...] = get_args(Said)

ABOUT = ("belief", "fused", "fame", "experience")
"""What is known of a candidate: the expected reaction; the fused score; log(1 + listeners) / 10;
log(1 + items the listener knows) / 5."""

_CROSSED = ("belief", "experience")
FEATURES = (*ABOUT, *SAID, *(f"{kind}*{name}" for kind in SAID for name in _CROSSED))
_START = {
    "belief": 1.0,
    "fused": 0.05,
    # Tuned on listeners that no reported figure was measured on, where beliefs overrate the popular a little.
    "fame": -0.1,
    # Of several true reasons the most telling one is given, until reactions say what people care for.
    "artist": 0.003,
    "because": 0.002,
    "community": 0.001,
    "mood": 0.0008,
    "tempo": 0.0004,
    "new": 0.0002,
}
_STRENGTH = 200.0  # as many reactions as the start is worth, per unit of a feature squared ...
_SETTLED = 5_000.0  # ... and of what a reason adds, which is little: two dislikes are no news of a reason
_LARGEST = 20.0  # no reaction counts more often than this


def described(about: Floats, said: NDArray[np.integer]) -> Doubles:
    """Return K x len(FEATURES): `about` (K x len(ABOUT)) with the kind of reason, an index into `SAID`."""
    kinds = (said[:, None] == np.arange(len(SAID))).astype(np.float64)
    crossed = about[:, [ABOUT.index(name) for name in _CROSSED]].astype(np.float64)
    products = (kinds[:, :, None] * crossed[:, None, :]).reshape(len(about), len(SAID) * len(_CROSSED))
    return np.column_stack([about, kinds, products])


class Reacted(Protocol):
    """A shown song with its user's latest reaction, as `storage.decisions` keeps it."""

    @property
    def features(self) -> dict[str, float]: ...

    @property
    def explanation(self) -> dict[str, Any]: ...

    @property
    def propensity(self) -> float: ...

    @property
    def reward(self) -> float: ...


def read_decisions(reacted: Iterable[Reacted]) -> tuple[Doubles, Doubles, Doubles]:
    """Return what `RewardModel.fit` learns from: arms, rewards, propensities.

    Only what a learning policy has shown, for the others did not log what they knew.
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
    """The posterior mean of the regression."""

    weights: Doubles  # len(FEATURES)
    reactions: int  # that it has learned from

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
        """Return what is expected before anybody has reacted."""
        return cls.fit(np.zeros((0, len(FEATURES))), np.zeros(0), np.zeros(0))

    def expected(self, about: Floats, said: NDArray[np.integer]) -> Floats:
        """Return the expected reward of each arm."""
        return np.asarray(described(about, said) @ self.weights, dtype=np.float32)
