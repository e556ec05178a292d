"""Tempo and key of a piece, measured on its spectrogram.

Tempo: autocorrelation of the onset strength (Ellis, "Beat tracking by dynamic programming", 2007),
weighed by how common a tempo is. Key: correlation of the pitch classes with the notes of each major and
natural minor scale, tonic and fifth a little more, and the tonic in the bass. On generated pieces this finds
more keys than the profiles of Krumhansl and Kessler (1982) and of Temperley (1999).
"""

import numpy as np

from recommender.arrays import Doubles, Floats
from recommender.audio.mel import HOP, RATE, log_mel

KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

_FRAMES = RATE / HOP  # frames a second
_SLOWEST, _FASTEST, _USUAL, _SPREAD = 45.0, 210.0, 115.0, 0.9  # beats per minute; spread in octaves
_SMOOTH = 8  # frames of the local mean that onsets stand out from
_PITCH_FFT, _PITCH_HOP, _PITCH_RATE = 8192, 4096, 8000
_HEARD, _BASS = (80.0, 2000.0), (50.0, 180.0)  # Hz
_BASS_SHARE = 0.3  # of the bass beside the correlation: basses play the tonic
_FLAT = 25  # bins of the local mean that notes stand out from
_COMPRESSION = 0.3  # of magnitudes, so that one loud instrument does not decide
_MAJOR = (1.5, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.2, 0.0, 1.0, 0.0, 1.0)
_MINOR = (1.5, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.2, 1.0, 0.0, 1.0, 0.0)


def tempo(samples: Floats) -> float:
    """Return the beats per minute of N samples at 16 kHz, NaN where nothing repeats or N is under 4 s."""
    if len(samples) < 4 * RATE:
        return float("nan")
    rises = np.maximum(np.diff(log_mel(samples), axis=0), 0).mean(axis=1)
    kernel = np.hanning(2 * _SMOOTH + 1)
    onsets = np.maximum(rises - np.convolve(rises, kernel / kernel.sum(), "same"), 0)
    onsets -= onsets.mean()
    n = len(onsets)
    spectrum = np.fft.rfft(onsets, 2 * n)
    same = np.fft.irfft(np.abs(spectrum) ** 2)[:n] / np.arange(n, 0, -1)
    if same[0] <= 1e-9:
        return float("nan")
    lags = np.arange(int(60 * _FRAMES / _FASTEST), min(int(60 * _FRAMES / _SLOWEST), n // 2))
    fine = np.arange(lags[0], lags[-1], 0.25)
    # A beat repeats after two and four beats as well.
    strength = sum(
        weight * np.interp(fine * k, np.arange(n), same) for k, weight in ((1, 1.0), (2, 0.5), (4, 0.3))
    )
    usual = np.exp(-0.5 * (np.log2(60 * _FRAMES / fine / _USUAL) / _SPREAD) ** 2)
    return float(60 * _FRAMES / fine[int(np.argmax(strength * usual))])


def key(samples: Floats) -> tuple[int, bool]:
    """Return the tonic of N samples at 16 kHz, 0 for C to 11, and whether the key is minor."""
    halved = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1)
    padded = np.pad(halved, (0, max(0, _PITCH_FFT - len(halved))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _PITCH_FFT)[::_PITCH_HOP]
    shape = np.hanning(_PITCH_FFT)
    spectra = np.stack([np.abs(np.fft.rfft(window * shape)) for window in windows])
    classes = _pitch_classes(spectra, *_HEARD)
    if not classes.any():
        return 0, False
    bass = _BASS_SHARE * _pitch_classes(spectra, *_BASS)
    profiles = [
        (np.corrcoef(classes, np.roll(profile, tonic))[0, 1] + bass[tonic], tonic, profile is _MINOR)
        for profile in (_MAJOR, _MINOR)
        for tonic in range(12)
    ]
    _, tonic, is_minor = max(profiles)
    return tonic, is_minor


def _pitch_classes(spectra: Doubles, low: float, high: float) -> Doubles:
    """Return the share of each pitch class, from C, in the magnitudes between two frequencies in Hz."""
    bins = np.fft.rfftfreq(_PITCH_FFT, 1 / _PITCH_RATE)
    heard = (bins >= low) & (bins <= high)
    part = spectra[:, heard]
    loudest = np.maximum(part.max(axis=1, keepdims=True), 1e-9)
    total = ((part / loudest) ** _COMPRESSION).sum(axis=0)
    notes = 69 + 12 * np.log2(bins[heard] / 440)
    peak = np.maximum(0, 1 - 2.5 * np.abs(notes - np.round(notes)))
    flat = np.convolve(total, np.ones(_FLAT) / _FLAT, "same")
    salient = np.maximum(total - flat, 0) * peak
    classes = np.bincount(np.round(notes).astype(int) % 12, weights=salient, minlength=12)
    return np.asarray(classes / max(float(classes.sum()), 1e-9))
