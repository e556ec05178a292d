"""Analysis of a sound file: whether it is music, its tags, its tempo and key.

A file is heard in patches of three seconds, spread over all of it. Those that are music and most like the
others are the piece: its embedding and tags are their means.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recommender.arrays import Floats, Mask
from recommender.audio.decoding import MOST_SECONDS
from recommender.audio.fingerprints import Codes, fingerprint
from recommender.audio.mel import PATCH_SAMPLES, RATE, log_mel
from recommender.audio.music_gate import Gate
from recommender.audio.musicnn import EMBEDDING, NETWORKS, TAGS, Network
from recommender.audio.rhythm import key, tempo
from recommender.audio.words import WORDS

Sound = Literal["music", "speech", "noise", "animals", "silence"]

VECTOR = EMBEDDING * len(NETWORKS)
"""Dimensions of a heard vector."""
MOST_PATCHES = 10
"""Patches that are heard of one file: half a minute of it."""

_KEPT = 0.7  # of the patches of a piece, those most like the others
_SILENT = 10 ** (-60 / 20)  # root mean square, relative to full scale
_MEASURED = 60 * RATE  # samples for tempo and key
_QUIET, _PEAK = 0.25, 0.5  # peak of a quiet recording, and to which it is raised
_SUNG = ("vocals", "female vocals", "male vocals", "choir", "opera")  # words, see `words.WORDS`


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What was heard in one file."""

    sound: Sound  # what most of it is
    music: float  # share of its patches that are music, 0 to 1
    seconds: float  # heard, at most ten minutes
    vector: Floats  # 400 values of length 1; zeros unless it is music
    tags: Floats  # 100 probabilities, in the order of `TAGS`; zeros unless it is music
    tempo: float  # beats per minute, NaN if none
    key: int  # 0 for C to 11, plus 12 for minor
    loudness: float  # root mean square in dB below full scale, at most 0
    sung: float  # the strongest tag of a voice, 0 to 1
    fingerprint: Codes  # empty without Chromaprint
    is_whole: bool  # the file is no longer than what is heard of it


def hear(samples: Floats) -> Hearing:
    """Hear N float32 samples from -1 to 1 at 16 kHz."""
    loudness = (
        float(20 * np.log10(max(float(np.sqrt(np.mean(samples**2))), 1e-6))) if len(samples) else -120.0
    )
    patches, loud = _patches(samples)
    if not loud.any():
        return _nothing("silence", samples, loudness)
    tagged = [Network.load(name).tag(patches[loud]) for name in NETWORKS]
    tags = np.hstack([one.tags for one in tagged])
    embeddings = np.hstack([_directions(one.embeddings) for one in tagged]) / np.sqrt(len(NETWORKS))
    gate = Gate.load()
    kinds = gate.judge(tags)
    is_music = gate.is_music(kinds)
    share = float(is_music.sum() / len(patches))
    if not gate.is_piece(kinds):
        return _nothing(gate.otherwise(kinds), samples, loudness, share)
    kept = _typical(embeddings, is_music)
    middle = samples[max(0, (len(samples) - _MEASURED) // 2) :][:_MEASURED]
    tonic, is_minor = key(middle)
    mean_tags = tags[kept].mean(axis=0)
    voices = {tag for word in _SUNG for tag in WORDS[word]}
    sung = max(float(mean_tags[at]) for at, tag in enumerate(TAGS) if tag in voices)
    vector = _directions(embeddings[kept].mean(axis=0, keepdims=True))[0]
    seconds = len(samples) / RATE
    return Hearing(
        "music",
        share,
        seconds,
        vector,
        mean_tags,
        tempo(middle),
        tonic + 12 * is_minor,
        loudness,
        sung,
        fingerprint(samples),
        seconds < MOST_SECONDS,
    )


def _nothing(sound: Sound, samples: Floats, loudness: float, share: float = 0.0) -> Hearing:
    no_codes = np.zeros(0, dtype=np.uint32)
    nothing = np.zeros(VECTOR, dtype=np.float32), np.zeros(len(TAGS), dtype=np.float32)
    return Hearing(
        sound, share, len(samples) / RATE, *nothing, float("nan"), 0, loudness, 0.0, no_codes, True
    )


def _patches(samples: Floats) -> tuple[Floats, Mask]:
    """Return at most `MOST_PATCHES` x 187 x 96 patches spread over the samples, and which are not silent.

    Sound of less than three seconds is repeated.
    """
    if len(samples) < PATCH_SAMPLES:
        samples = np.resize(samples, PATCH_SAMPLES) if len(samples) else np.zeros(PATCH_SAMPLES, np.float32)
    whole = len(samples) // PATCH_SAMPLES
    starts = np.linspace(0, len(samples) - PATCH_SAMPLES, min(whole, MOST_PATCHES)).astype(int)
    windows = [samples[start : start + PATCH_SAMPLES] for start in starts]
    loud = np.array([float(np.sqrt(np.mean(window**2))) > _SILENT for window in windows])
    gain = gain_of(samples)
    return np.stack([log_mel(window[:-1] * gain) for window in windows]), loud


def gain_of(samples: Floats) -> np.float32:
    """Return the factor that raises a quiet recording; musicnn learned from music at full level."""
    peak = float(np.abs(samples).max(initial=0))
    return np.float32(_PEAK / max(peak, 1e-4) if peak < _QUIET else 1.0)


def _typical(embeddings: Floats, is_music: Mask) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the rows of music that are most like the others."""
    rows = np.flatnonzero(is_music)
    likeness = embeddings[rows] @ embeddings[rows].sum(axis=0)
    n = max(1, round(_KEPT * len(rows)))
    return rows[np.sort(np.argsort(-likeness)[:n])]


def _directions(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
