"""Log-mel spectrogram, as musicnn was trained on: 96 bands of 0 to 8 kHz, 62.5 frames a second.

The filters are those of Slaney's Auditory Toolbox (1998), which librosa uses: linear below 1 kHz, logarithmic
above, each of area 1.
"""

from functools import cache

import numpy as np

from recommender.arrays import Floats

RATE = 16_000  # samples a second
HOP = 256  # samples between frames
BANDS = 96
PATCH = 187  # frames that the network sees at once: 2.992 s
PATCH_SAMPLES = PATCH * HOP

_FFT = 512  # samples
_BREAK, _STEP = 1000.0, 200 / 3  # Hz where the scale turns logarithmic; Hz per mel below
_LOG_STEP = np.log(6.4) / 27
_GAIN = 10_000.0


def _hz(mel: Floats) -> Floats:
    above = _BREAK * np.exp(_LOG_STEP * (mel - _BREAK / _STEP))
    return np.asarray(np.where(mel < _BREAK / _STEP, mel * _STEP, above))


@cache
def _filters() -> Floats:
    """Return 257 x 96 filter weights."""
    highest = _BREAK / _STEP + np.log(RATE / 2 / _BREAK) / _LOG_STEP
    edges = _hz(np.linspace(0.0, highest, BANDS + 2))
    bins = np.fft.rfftfreq(_FFT, 1 / RATE)
    rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (edges[2:] - edges[:-2]), dtype=np.float32)


@cache
def _hann() -> Floats:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT) / _FFT), dtype=np.float32)


def power(samples: Floats) -> Floats:
    """Return F x 257 power spectra of N float32 samples; frame f is centred on sample 256 f.

    F is 1 + N // 256; zeros lie before and after the samples.
    """
    padded = np.pad(samples, _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP] * _hann()
    spectra = np.fft.rfft(frames)
    return np.asarray(spectra.real**2 + spectra.imag**2, dtype=np.float32)


def log_mel(samples: Floats) -> Floats:
    """Return F x 96 log10(10000 m + 1) of the mel energies of N float32 samples in -1 to 1 at 16 kHz."""
    return np.asarray(np.log10(_GAIN * (power(samples) @ _filters()) + 1), dtype=np.float32)
