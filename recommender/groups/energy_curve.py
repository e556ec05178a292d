"""Energy curve of a session: warm-up, peak, cool-down."""

import numpy as np

from recommender.arrays import Doubles

# (share of the session, energy from 0 to 1), linearly interpolated.
_TIMES = (0.0, 0.35, 0.75, 1.0)
_ENERGY = (0.35, 0.8, 0.85, 0.25)
_WIDTH = 0.22  # a track this far off has the weight 61 % ...
_LEAST = 0.25  # ... and no track has less than this
_UNKNOWN = 0.6  # weight of tracks with unknown energy

# Tags of energetic and of calm music.
LIVELY = {
    "energetic": 0.9,
    "party": 0.85,
    "dance": 0.8,
    "upbeat": 0.8,
    "driving": 0.8,
    "aggressive": 0.95,
    "metal": 0.95,
    "punk": 0.9,
    "punk rock": 0.9,
    "hardcore": 0.95,
    "techno": 0.85,
    "house": 0.8,
    "drum and bass": 0.9,
    "hard rock": 0.85,
    "disco": 0.75,
    "funk": 0.7,
    "happy": 0.7,
    "anthemic": 0.75,
    "groovy": 0.65,
    "rock": 0.7,
    "pop": 0.6,
    "hip-hop": 0.65,
    "epic": 0.65,
    "mellow": 0.3,
    "dreamy": 0.35,
    "trip hop": 0.4,
    "melancholic": 0.3,
    "romantic": 0.35,
    "folk": 0.35,
    "jazz": 0.4,
    "soul": 0.45,
    "acoustic": 0.3,
    "chillout": 0.3,
    "calm": 0.15,
    "ambient": 0.15,
    "classical": 0.2,
    "sad": 0.25,
    "sleep": 0.05,
    "nocturnal": 0.35,
    "atmospheric": 0.3,
}


def wanted(played: int, length: int) -> float:
    """Return the target energy after `played` of `length` tracks; low past the end."""
    return float(np.interp(played / length, _TIMES, _ENERGY))


def fitting(energy: Doubles, target: float) -> Doubles:
    """Return each track's weight at this point, from `_LEAST` to 1; NaN energy is unknown."""
    near = np.exp(-0.5 * ((energy - target) / _WIDTH) ** 2)
    return np.asarray(np.where(np.isnan(energy), _UNKNOWN, _LEAST + (1 - _LEAST) * near))


def from_tags(names: tuple[str, ...], weights: Doubles) -> float:
    """Return a track's energy by its tags, NaN without any that tell."""
    told = np.array([LIVELY.get(name.casefold(), np.nan) for name in names])
    known = ~np.isnan(told)
    total = weights[known].sum()
    return float((told[known] * weights[known]).sum() / total) if total > 0 else float("nan")
