"""Sound that is made here."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommender.audio.mel import RATE


@pytest.fixture(scope="session")
def wav() -> Callable[..., Path]:
    """Write samples from -1 to 1 as a wave file; return its path."""

    def write(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((sound * 32767).astype("<i2").tobytes())
        return path

    return write
