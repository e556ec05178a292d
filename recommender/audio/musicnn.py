"""musicnn: a convolutional network that tags music, forward only, in NumPy.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging" (2019). Two
sets of weights: trained on the Million Song Dataset (Last.fm tags) and on MagnaTagATune. The weights are
under the ISC licence (data/musicnn.LICENSE); `recommender.audio.checkpoint` made the files.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats
from recommender.audio.mel import BANDS

NETWORKS = ("msd", "mtt")
EMBEDDING = 200
_DATA = Path(__file__).parents[1] / "data"
TAGS: tuple[str, ...] = tuple(
    tag
    for tags in json.loads((_DATA / "musicnn-tags.json").read_text(encoding="utf-8")).values()
    for tag in tags
)
"""Names of the 100 tags: those of MSD, then those of MagnaTagATune."""

_TIMBRAL = ((0, 7, 38), (1, 7, 67))  # layer, frames and bands of a kernel
_TEMPORAL = ((2, 128), (3, 64), (4, 32))  # layer, frames of a kernel


class Tagged(NamedTuple):
    """What the network says of P patches."""

    embeddings: Floats  # P x 200
    tags: Floats  # P x 50 probabilities


def weights_file(name: str) -> Path:
    """Return the file of the weights `name`."""
    return _DATA / f"musicnn-{name}.npz"


@dataclass(frozen=True, eq=False)
class Network:
    """The weights of one network; kernels are flat: inputs x outputs."""

    weights: dict[str, Floats]

    @classmethod
    @cache
    def load(cls, name: str) -> "Network":
        """Load the weights `name`, one of `NETWORKS`."""
        with np.load(weights_file(name)) as file:
            return cls({key: file[key].astype(np.float32) for key in file.files})

    def tag(self, patches: Floats) -> Tagged:
        """Return embeddings and tags of P x T x 96 log-mel patches."""
        answers = [self._tag(patch) for patch in patches]
        return Tagged(np.stack([a[0] for a in answers]), np.stack([a[1] for a in answers]))

    def _tag(self, patch: Floats) -> tuple[Floats, Floats]:
        from scipy.special import expit  # noqa: PLC0415 - heavy

        normal = patch * self.weights["scale0"] + self.weights["shift0"]
        front = [self._timbral(normal, *kernel) for kernel in _TIMBRAL]
        front += [self._temporal(normal, *kernel) for kernel in _TEMPORAL]
        features = [np.hstack(front)]
        for layer in (5, 6, 7):
            found = self._dense_in_time(features[-1], layer)
            features.append(found if layer == 5 else found + features[-1])
        every = np.hstack(features)
        pooled = np.stack([every.max(axis=0), every.mean(axis=0)], axis=1).ravel()
        hidden = self._normal(pooled, 9) @ self.weights["dense0"] + self.weights["dense_bias0"]
        embedding = self._normal(np.maximum(hidden, 0), 10)
        logits = embedding @ self.weights["dense1"] + self.weights["dense_bias1"]
        return embedding, expit(logits)

    def _normal(self, values: Floats, layer: int) -> Floats:
        return values * self.weights[f"scale{layer}"] + self.weights[f"shift{layer}"]

    def _pooled(self, most: Floats, least: Floats, layer: int) -> Floats:
        """Apply bias, rectifier and normalisation after the pooling: all are monotonic, some falling."""
        kept = np.where(self.weights[f"scale{layer + 1}"] > 0, most, least)
        return self._normal(np.maximum(kept + self.weights[f"bias{layer}"], 0), layer + 1)

    def _timbral(self, normal: Floats, layer: int, frames: int, bands: int) -> Floats:
        """Convolve in time and frequency, and keep the strongest band: T x filters."""
        kernel = self.weights[f"conv{layer}"]
        padded = np.pad(normal, ((frames // 2, frames // 2), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (frames, bands))
        most = least = None
        for band in range(BANDS - bands + 1):
            found = np.ascontiguousarray(windows[:, band]).reshape(len(normal), -1) @ kernel
            most = found if most is None else np.maximum(most, found, out=most)
            least = found.copy() if least is None else np.minimum(least, found, out=least)
        return self._pooled(np.asarray(most), np.asarray(least), layer)

    def _temporal(self, normal: Floats, layer: int, frames: int) -> Floats:
        """Convolve in time and keep the strongest band: T x filters."""
        kernel = self.weights[f"conv{layer}"]
        padded = np.pad(normal, (((frames - 1) // 2, frames // 2), (0, 0))).T
        windows = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(padded), frames, axis=1)
        found = np.ascontiguousarray(windows).reshape(-1, frames) @ kernel
        found = found.reshape(BANDS, len(normal), -1)
        return self._pooled(found.max(axis=0), found.min(axis=0), layer)

    def _dense_in_time(self, features: Floats, layer: int) -> Floats:
        """Convolve all features over seven frames: T x 64."""
        padded = np.pad(features, ((3, 3), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, 7, axis=0)
        flat = np.ascontiguousarray(windows.transpose(0, 2, 1)).reshape(len(features), -1)
        found = flat @ self.weights[f"conv{layer}"] + self.weights[f"bias{layer}"]
        return self._normal(np.maximum(found, 0), layer + 1)
