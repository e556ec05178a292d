"""Train what tells music from other sound on synthetic sound, and write recommender/data/music-gate.json.

    python tests/tools/train_gate.py [SECONDS-OF-EACH-KIND]

Needs espeak-ng and fluidsynth with the Fluid soundfont. Prints how much of other synthetic sound it gets
right.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import synthetic_sound  # noqa: E402 - the path comes first

from recommender.audio.hearing import gain_of  # noqa: E402 - the path comes first
from recommender.audio.mel import PATCH_SAMPLES, log_mel  # noqa: E402 - the path comes first
from recommender.audio.music_gate import FILE, Gate, evidence  # noqa: E402 - the path comes first
from recommender.audio.musicnn import NETWORKS, Network  # noqa: E402 - the path comes first

SHARES = {"music": 1.0, "spoken over music": 0.3, "speech": 1.0, "noise": 1.0, "animals": 0.7}


def windows(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the tags of 2 n windows of each kind, and what they are."""
    rng, tags, kinds = np.random.default_rng(seed), [], []
    for kind, share in SHARES.items():
        for _ in range(int(n * share)):
            sound = synthetic_sound.worn(rng, synthetic_sound.KINDS[kind](rng, 6.2)).astype(np.float32)
            sound *= gain_of(sound)
            for start in (0, PATCH_SAMPLES):
                patch = log_mel(sound[start : start + PATCH_SAMPLES - 1])[None]
                tags.append(np.hstack([Network.load(name).tag(patch).tags[0] for name in NETWORKS]))
                kinds.append("music" if "music" in kind else kind)
    return np.array(tags), np.array(kinds)


def trained(tags: np.ndarray, kinds: np.ndarray, strength: float = 0.1) -> Gate:
    """Fit on standardised logits, and fold the standardisation into the weights."""
    logits = evidence(tags)
    mean, deviation = logits.mean(axis=0), logits.std(axis=0)
    fit = LogisticRegression(C=strength, max_iter=500, tol=1e-3, class_weight="balanced")
    fit.fit((logits - mean) / deviation, kinds)
    weights = fit.coef_ / deviation
    return Gate(tuple(fit.classes_), weights, fit.intercept_ - weights @ mean)


def main(n: int) -> None:
    threadpool_limits(1)
    gate = trained(*windows(1, n))
    tags, kinds = windows(2, max(n // 4, 10))
    is_music = gate.is_music(gate.judge(tags))
    for kind in sorted(set(kinds)):
        right = np.mean(is_music[kinds == kind] == (kind == "music"))
        print(f"{kind:<8} {right:.3f} of {np.sum(kinds == kind)} windows")
    stored = {
        "classes": list(gate.classes),
        "weights": np.round(gate.weights, 4).tolist(),
        "biases": np.round(gate.biases, 4).tolist(),
    }
    FILE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
