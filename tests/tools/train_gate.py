"""Train what tells music from other sound on synthetic sound, and write recommender/data/music-gate.json.

    python tests/tools/train_gate.py [SOUNDS-OF-EACH-KIND]

Needs espeak-ng and fluidsynth with the Fluid soundfont. Prints how much of other synthetic sound it gets
right, by windows of three seconds and by sounds of two windows.
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

SOUNDS, TRIED = 160, 120  # of each kind, to learn from and to try it on
STRENGTH = 0.3  # of the evidence against the penalty on the weights


def windows(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the tags of 2 n windows of each kind, two by two of one sound, and what they are."""
    rng, tags, kinds = np.random.default_rng(seed), [], []
    for kind, made in synthetic_sound.KINDS.items():
        for _ in range(n):
            sound = synthetic_sound.worn(rng, made(rng, 6.2)).astype(np.float32)
            sound *= gain_of(sound)
            for start in (0, PATCH_SAMPLES):
                patch = log_mel(sound[start : start + PATCH_SAMPLES - 1])[None]
                tags.append(np.hstack([Network.load(name).tag(patch).tags[0] for name in NETWORKS]))
                kinds.append(kind)
    return np.array(tags), np.array(kinds)


def trained(tags: np.ndarray, kinds: np.ndarray) -> Gate:
    """Fit on standardised logits, and fold the standardisation into the weights.

    Somebody talking over music is music.
    """
    kinds = np.where(kinds == "spoken over music", "music", kinds)
    logits = evidence(tags)
    mean, deviation = logits.mean(axis=0), logits.std(axis=0)
    fit = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3, class_weight="balanced")
    fit.fit((logits - mean) / deviation, kinds)
    weights = fit.coef_ / deviation
    return Gate(tuple(fit.classes_), weights, fit.intercept_ - weights @ mean)


def tell(gate: Gate, tags: np.ndarray, kinds: np.ndarray) -> None:
    """Print which share of windows and of sounds is taken for what it is."""
    judged = gate.judge(tags)
    windows_right = gate.is_music(judged) == np.char.endswith(kinds, "music")
    pieces = np.array([gate.is_piece(two) for two in judged.reshape(-1, 2, judged.shape[1])])
    pieces_right = pieces == np.char.endswith(kinds[::2], "music")
    for kind in synthetic_sound.KINDS:
        right = windows_right[kinds == kind].mean(), pieces_right[kinds[::2] == kind].mean()
        print(f"{kind:<18} {right[0]:.3f} of {np.sum(kinds == kind)} windows, {right[1]:.3f} of the sounds")


def main(n: int) -> None:
    threadpool_limits(1)
    gate = trained(*windows(1, n))
    tell(gate, *windows(2, min(n, TRIED)))
    store(gate)


def store(gate: Gate) -> None:
    """Write the weights that the project has."""
    stored = {
        "classes": list(gate.classes),
        "weights": np.round(gate.weights, 4).tolist(),
        "biases": np.round(gate.biases, 4).tolist(),
    }
    FILE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SOUNDS)
