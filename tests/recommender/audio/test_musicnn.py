"""The network in NumPy gives what TensorFlow gives: recorded once, by hand, with the package's own graph."""

from pathlib import Path

import numpy as np
import pytest

from recommender.audio.decoding import samples
from recommender.audio.mel import PATCH_SAMPLES, RATE, log_mel
from recommender.audio.musicnn import NETWORKS, TAGS, Network

CLIPS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "audio-clips"
HEARD = dict(np.load(Path(__file__).with_name("tensorflow.npz")))


def made() -> np.ndarray:
    """A chord that is struck twice a second."""
    t = np.arange(PATCH_SAMPLES - 1) / RATE
    notes = (np.sin(2 * np.pi * hz * t) * np.exp(-3 * (t % 0.5)) for hz in (220, 277.18, 329.63, 440))
    return np.asarray(sum(notes) * 0.2, dtype=np.float32)


def differences(name: str, patches: np.ndarray, rows: list[int], weights: str = "") -> tuple[float, float]:
    found = Network.load(name).tag(patches)
    tags, embeddings = HEARD[f"{name}{weights}_tags"][rows], HEARD[f"{name}{weights}_emb"][rows]
    return float(np.abs(found.tags - tags).max()), float(np.abs(found.embeddings - embeddings).max())


def test_the_spectrogram_is_that_of_librosa():
    assert np.abs(log_mel(made())[::20] - HEARD["made_mel"]).max() < 1e-4


@pytest.mark.parametrize("name", NETWORKS)
def test_sound_made_here_is_heard_as_by_tensorflow(name):
    patches = log_mel(made())[None]
    assert max(differences(name, patches, [0], "_half")) < 1e-4  # the same weights
    assert differences(name, patches, [0])[0] < 7e-4  # TensorFlow's are not rounded to float16


@pytest.mark.parametrize("name", NETWORKS)
def test_the_shared_clips_are_heard_as_by_tensorflow(name):
    if not CLIPS.is_dir():
        pytest.skip(f"needs the clips in {CLIPS}, which are not part of the project")
    rows = [1, 5]
    cut = [samples(CLIPS / str(HEARD["names"][row]))[RATE : RATE + PATCH_SAMPLES - 1] for row in rows]
    patches = np.stack([log_mel(one) for one in cut])
    assert max(differences(name, patches, rows, "_half")) < 1e-4
    assert differences(name, patches, rows)[0] < 7e-4


def test_there_are_a_hundred_tags():
    assert len(TAGS) == 100
    assert {"classical", "female vocalists", "choir"} <= set(TAGS)
