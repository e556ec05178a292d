"""The gate: whether three seconds are music, from the 100 tags that musicnn gives them.

A multinomial logistic regression on the logits of the tags, trained on synthetic sound alone
(`tests/tools/train_gate.py`): people talking over music count as music.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from recommender.arrays import Floats, Mask

if TYPE_CHECKING:
    from recommender.audio.hearing import Sound

FILE = Path(__file__).parents[1] / "data" / "music-gate.json"
_MUSIC = 0.35  # probability of music from which a patch is music
_LEAST_SHARE = 0.4  # of the patches that are not silent, for a piece of music
_CERTAIN = 1e-4  # probabilities are kept this far from 0 and 1


def evidence(tags: Floats) -> Floats:
    """Return the logits of P x 100 tag probabilities, which the gate is a linear function of."""
    from scipy.special import logit  # noqa: PLC0415 - heavy

    return np.asarray(logit(np.clip(tags, _CERTAIN, 1 - _CERTAIN)), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Gate:
    """The trained regression."""

    classes: tuple[str, ...]
    weights: Floats  # classes x 100
    biases: Floats  # classes

    @classmethod
    @cache
    def load(cls) -> "Gate":
        """Load the gate that is part of the project."""
        stored = json.loads(FILE.read_text(encoding="utf-8"))
        weights, biases = (np.array(stored[name], dtype=np.float32) for name in ("weights", "biases"))
        return cls(tuple(stored["classes"]), weights, biases)

    def judge(self, tags: Floats) -> Floats:
        """Return P x classes probabilities of P x 100 tag probabilities."""
        from scipy.special import softmax  # noqa: PLC0415 - heavy

        return np.asarray(softmax(evidence(tags) @ self.weights.T + self.biases, axis=1), dtype=np.float32)

    def is_music(self, kinds: Floats) -> Mask:
        """Return which rows of P x classes probabilities are music."""
        return np.asarray(kinds[:, self.classes.index("music")] > _MUSIC)

    def is_piece(self, kinds: Floats) -> bool:
        """Return whether P x classes probabilities, of one file, are a piece of music."""
        return float(self.is_music(kinds).mean()) >= _LEAST_SHARE

    def otherwise(self, kinds: Floats) -> "Sound":
        """Return what most of P x classes probabilities are beside music."""
        others = np.where(np.array(self.classes) == "music", -1.0, kinds)
        most = Counter(others.argmax(axis=1).tolist()).most_common(1)[0][0]
        return cast("Sound", self.classes[most])
