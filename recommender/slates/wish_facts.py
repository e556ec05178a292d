"""Facts that a wish asks the catalogue for: years of songs, countries of artists."""

import numpy as np

from recommender.arrays import Ids
from recommender.types import WishPart
from storage.store import Store

_RECENT, _OLD = 6, 45  # years before the newest song: that new, that old

# Where music is sung in a language, mostly; groups of countries.
_COUNTRIES = {
    ("language", "en"): "US GB CA AU NZ IE JM BB TT",
    ("language", "de"): "DE AT CH LI",
    ("language", "es"): "ES MX AR CO CL PE VE UY CU PR DO EC BO PA HN GT CR SV NI PY",
    ("language", "fr"): "FR BE LU SN CI",
    ("language", "pt"): "BR PT AO CV MZ",
    ("language", "no"): "NO",
    ("language", "sv"): "SE",
    ("language", "da"): "DK",
    ("language", "ga"): "IE",
    ("language", "cs"): "CZ",
    ("language", "el"): "GR CY",
    ("language", "ru"): "RU BY",
    ("language", "he"): "IL",
    ("language", "ar"): "EG LB SY IQ MA TN DZ SD JO SA AE",
    ("language", "hi"): "IN PK",
    ("language", "ja"): "JP",
    ("language", "ko"): "KR",
    ("language", "zh"): "CN TW HK SG",
    ("country", "scandinavian"): "SE NO DK FI IS FO",
    ("country", "african"): "NG ZA ML SN ET CD GH BJ CM GN ZW ZM AO TZ KE NE CI SZ CV EG MA DZ TN SD",
    ("country", "caribbean"): "JM CU PR DO TT BB HT BS",
    (
        "country",
        "european",
    ): "GB FR DE AT CH ES IT PT SE NO DK FI IS NL BE IE PL CZ HU GR RS HR SI BA RO BG UA EE",
    ("country", "asian"): "JP KR CN TW HK IN PK TH PH ID VN MY SG MN",
}
# Occasions that songs are named for.
_TITLES = {
    "christmas": ("christmas", "xmas", "navidad", "weihnacht", "noel", "santa claus", "jingle bell"),
    "halloween": ("halloween", "monster", "ghost", "zombie", "thriller", "vampire"),
    "birthday": ("birthday", "cumpleanos", "geburtstag"),
    "new year": ("new year", "ano nuevo"),
    "easter": ("easter",),
}
_NONE: Ids = np.zeros(0, dtype=np.int64)


def wish_facts(store: Store, wish: tuple[WishPart, ...]) -> dict[WishPart, tuple[Ids, Ids]]:
    """Return the ids of artists and tracks of each part that the catalogue's facts decide."""
    return {part: found for part in wish if (found := _found(store, part)) is not None}


def _found(store: Store, part: WishPart) -> tuple[Ids, Ids] | None:
    if part.kind == "era":
        return _NONE, _of_years(store, part.value)
    if part.kind in ("country", "language"):
        return _of_countries(store, part), _NONE
    if part.kind == "activity" and part.value in _TITLES:
        return _NONE, _titled(store, _TITLES[part.value])
    return None


def _titled(store: Store, words: tuple[str, ...]) -> Ids:
    """Return the tracks with one of these words in their title."""
    like = " OR ".join("key LIKE ?" for _ in words)
    rows = store.db.execute(f"SELECT id FROM tracks WHERE {like}", [f"%{word}%" for word in words])
    return np.array([track for (track,) in rows], dtype=np.int64)


def _of_years(store: Store, value: str) -> Ids:
    """Return the tracks of "1980-1989", "2010-", "-1969", "recent" or "old"."""
    newest = store.db.execute("SELECT max(year) FROM tracks").fetchone()[0] or 0
    if value == "recent":
        low, high = newest - _RECENT, newest
    elif value == "old":
        low, high = 0, newest - _OLD
    else:
        first, _, last = value.partition("-")
        low, high = int(first or 0), int(last or newest)
    rows = store.db.execute("SELECT id FROM tracks WHERE year BETWEEN ? AND ?", (low, high))
    return np.array([track for (track,) in rows], dtype=np.int64)


def _of_countries(store: Store, part: WishPart) -> Ids:
    codes = _COUNTRIES.get((part.kind, part.value), part.value.upper()).split()
    marks = ",".join("?" * len(codes))
    rows = store.db.execute(f"SELECT id FROM artists WHERE country IN ({marks})", codes)
    return np.array([artist for (artist,) in rows], dtype=np.int64)
