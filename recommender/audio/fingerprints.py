"""Fingerprints: whether two sounds are the same recording, by Chromaprint (Lalinsky).

A fingerprint has one 32-bit number per 0.124 s. Excerpts of one recording differ in few bits; two
recordings in about half of them. Needs the library libchromaprint (in Debian `libchromaprint-tools`
brings it).
"""

import ctypes
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats
from recommender.audio.mel import RATE

Codes = NDArray[np.uint32]

CODES_PER_SECOND = 11_025 / 1_365
"""Codes of one second of sound."""
MOST_WRONG = 0.30
"""Share of bits that may differ; by chance it is 0.5, and 81 % of phone recordings stay below."""

_LEAST = 32  # codes of an excerpt: about 6.5 s of sound
_MOST = 160  # codes of an excerpt that are compared, from its middle


class Recognised(NamedTuple):
    """A recording in which an excerpt was found."""

    row: int
    wrong: float  # share of bits that differ


def can_fingerprint() -> bool:
    """Tell whether Chromaprint is installed."""
    if find_spec("chromaprint") is None:
        return False
    try:
        import chromaprint  # noqa: F401, PLC0415 - an extra
    except ImportError:  # the library itself is missing
        return False
    return True


def fingerprint(samples: Floats) -> Codes:
    """Return the codes of N float32 samples at 16 kHz; none where Chromaprint is not installed."""
    if not can_fingerprint():
        return np.zeros(0, dtype=np.uint32)
    import chromaprint  # noqa: PLC0415 - an extra

    printer = chromaprint.Fingerprinter()
    printer.start(RATE, 1)
    printer.feed((samples * 32767).astype("<i2").tobytes())
    codes, _ = _decoded(chromaprint, printer.finish())
    return np.array(codes, dtype=np.int64).astype(np.uint32)


def _decoded(chromaprint: Any, text: bytes) -> tuple[list[int], int]:  # noqa: ANN401 - a module
    codes, version = chromaprint.decode_fingerprint(text)
    return [ctypes.c_uint32(code).value for code in codes], int(version)


def find(excerpt: Codes, recordings: list[Codes]) -> Recognised | None:
    """Return the recording that the excerpt is from, None if it is from none."""
    middle = max(0, (len(excerpt) - _MOST) // 2)
    part = excerpt[middle : middle + _MOST]
    if len(part) < _LEAST:
        return None
    found = [Recognised(row, _wrong(part, codes)) for row, codes in enumerate(recordings)]
    best = min(found, key=lambda match: match.wrong, default=None)
    return best if best is not None and best.wrong <= MOST_WRONG else None


def _wrong(part: Codes, codes: Codes) -> float:
    """Return the smallest share of bits in which `part` differs from an equally long part of `codes`."""
    n = len(codes) - len(part) + 1
    if n < 1:
        return 1.0
    wrong = np.zeros(n, dtype=np.int32)
    for at, code in enumerate(part):
        wrong += np.bitwise_count(codes[at : at + n] ^ code)
    return float(wrong.min()) / (32 * len(part))
