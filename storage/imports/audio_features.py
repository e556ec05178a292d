"""The audio features of a row, as Spotify measured them, within their possible ranges."""

from collections.abc import Mapping

from storage.imports.cells import within

NO_TEMPO = "audio features without a tempo (mostly silence), set aside"
OUT_OF_RANGE = "audio feature out of its range, set aside"

# Name -> (lowest, highest).  https://developer.spotify.com/documentation/web-api
_UNIT = (0.0, 1.0)
RANGES: Mapping[str, tuple[float, float]] = {
    "danceability": _UNIT,
    "energy": _UNIT,
    "key": (0.0, 11.0),  # C to B; -1 if none was found
    "loudness": (-100.0, 20.0),  # dB
    "mode": _UNIT,  # minor, major
    "speechiness": _UNIT,
    "acousticness": _UNIT,
    "instrumentalness": _UNIT,
    "liveness": _UNIT,
    "valence": _UNIT,
    "tempo": (1.0, 400.0),  # beats per minute
}
SPELLINGS = {name: (name,) for name in RANGES} | {"tempo": ("tempo", "bpm")}
_KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_WORDS = {"Minor": "0", "Major": "1"} | {name: str(key) for key, name in enumerate(_KEYS)}
_NOTHING = frozenset({"", "-1", "-1.0", "nan", "na", "null", "none"})


def read_features(cells: Mapping[str, str]) -> tuple[dict[str, float | None] | None, str]:
    """Return the features and a note on the ones left out ("" if none were).

    `cells` has name -> text; a column in percent has "%" at the end of the text.
    """
    if not cells:
        return None, ""
    if within(cells.get("tempo", "1"), 0.0, 0.0) is not None:
        return None, NO_TEMPO
    features = {name: _feature(cells[name], *RANGES[name]) for name in cells}
    missing = [name for name, value in features.items() if value is None]
    odd = any(cells[name].strip().lower() not in _NOTHING for name in missing)
    return features if len(missing) < len(features) else None, OUT_OF_RANGE if odd else ""


def _feature(text: str, low: float, high: float) -> float | None:
    if text.endswith("%"):
        share = within(text[:-1], 0.0, 100.0)
        return None if share is None else share / 100
    return within(_WORDS.get(text, text), low, high)
