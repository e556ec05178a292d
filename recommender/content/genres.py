"""Genre families of micro-genres: "dream pop" is rock, "deep tropical house" is electronic.

The names come from the genre tree of beets (data/genre-families.csv; MIT, licence beside it). A name outside
the tree is matched by its last words: "swedish death metal" is death metal, which is rock.
"""

import csv
from functools import cache
from pathlib import Path

from storage.text import fold

_FILE = Path(__file__).parents[1] / "data" / "genre-families.csv"
# Common words missing from the tree.
_SPOKEN = {
    "rap": "hip hop",
    "trap": "hip hop",
    "edm": "electronic",
    "latin": "caribbean and latin american",
    "metal": "rock",
    "punk": "rock",
    "indie": "rock",
    "soul": "r&b",
    "funk": "r&b",
    "reggaeton": "caribbean and latin american",
    "dance": "electronic",
    "house": "electronic",
    "techno": "electronic",
    "room": "electronic",
    "dnb": "electronic",
    "bass": "electronic",
    "beats": "hip hop",
    "drill": "hip hop",
    "synthpop": "electronic",
    "thrash": "rock",
    "psych": "rock",
    "grunge": "rock",
    "alternative": "rock",
    "piano": "classical",
    "choir": "classical",
    "baroque": "classical",
    "orchestra": "classical",
    "renaissance": "classical",
    "romanticism": "classical",
    "romantic era": "classical",
    "minimalism": "classical",
    "new age": "electronic",
    "violin": "classical",
    "opera": "classical",
    "flamenco": "folk",
    "traditional": "folk",
    "celtic": "folk",
    "gospel": "r&b",
    "motown": "r&b",
    "mexicano": "caribbean and latin american",
    "cubano": "caribbean and latin american",
    "brasileiro": "caribbean and latin american",
    "banda": "caribbean and latin american",
    "hop": "hip hop",
    "core": "rock",
    "wave": "electronic",
}


@cache
def _families() -> dict[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return _SPOKEN | {row["genre"]: row["family"] for row in csv.DictReader(lines)}


def family(genre: str, *, roll_up: bool = True) -> str | None:
    """Return a genre's family, None if it has none; without `roll_up` match only names in the tree.

    >>> family("Dream Pop"), family("swedish death metal"), family("tropical house"), family("spoken word")
    ('rock', 'rock', 'electronic', None)
    """
    words = fold(genre).split()
    n = len(words)
    # The whole name, then its last words, then its longest part with a family.
    spans = [(start, n) for start in range(n)]
    spans += [(start, start + size) for size in range(n - 1, 0, -1) for start in range(n - size)]
    for start, end in spans if roll_up else spans[:1]:
        if found := _families().get(" ".join(words[start:end])):
            return found
    return None
