"""Genre families of micro-genres: "dream pop" is rock, "deep tropical house" is electronic.

The names come from the genre tree of beets (data/genre-tree.csv; MIT, licence beside it). A name outside
the tree is matched by its last words: "swedish death metal" is death metal, which is rock.
"""

import csv
from functools import cache
from pathlib import Path

from storage.naming.text import fold

_FILE = Path(__file__).parents[1] / "data" / "genre-tree.csv"
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


# Families that the tree lacks, as they are asked for, and what belongs to them.
_KIN = {
    "metal": "heavy metal;metalcore;deathcore;grindcore;djent",
    "indie": "dream pop;shoegaze;lo fi;bedroom pop;indietronica;chillwave",
    "edm": "dance;house;techno;trance;dubstep;drum and bass;eurodance;hardstyle;electro;big room;uk garage",
    "latin": "caribbean and latin american;latin pop;latin rock;reggaeton;salsa;bachata;cumbia;son cubano;"
    "tango;ranchera;merengue;bolero;samba;mpb;bossa nova;flamenco",
    "hip hop": "trap;drill;grime",
    "r and b": "neo soul;motown;soul",
    "soul": "motown;gospel",
    "classical": "romantic era;minimalism;opera;baroque",
    "jazz": "vocal jazz;swing;bebop;ethio jazz;bossa nova",
    "african": "afrobeats;amapiano;desert blues;ethio jazz",
    "punk": "punk rock;post hardcore;screamo;oi",
    "pop": "k pop;j pop;city pop;mandopop;cantopop;hyperpop;schlager;chanson;doo wop;bollywood",
    "rock": "emo;punk;garage rock;surf rock;rock and roll;j rock;britpop;grunge;shoegaze;new wave",
    "folk": "americana;celtic;nordic folk;bluegrass;folk rock;klezmer;fado",
    "country": "americana;bluegrass",
    "electronic": "synthpop;synthwave;trip hop;idm;hyperpop;dance;lo fi;ambient;edm",
    "world music": "african;balkan;celtic;fado;flamenco;klezmer;indian classical;qawwali;anatolian rock;rai;"
    "nordic folk;tango;caribbean and latin american",
    "lo fi": "chillwave;lofi",
    "dance": "disco;house;eurodance;electropop",
    "swing": "big band",
    "soft rock": "adult contemporary;folk rock",
    "experimental": "avant garde;idm;krautrock",
    "reggae": "dub;dancehall;ska;rocksteady",
}
_PARENT_NAMES = {"r and b": "r&b", "avant garde": "avant-garde", "singer songwriter": "singer-songwriter"}


@cache
def tree() -> dict[str, str]:
    """Return the parent of each genre of the tree, "" for a family; all folded."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["genre"]: row["parent"] for row in csv.DictReader(lines)}


@cache
def _families() -> dict[str, str]:
    def top(genre: str) -> str:
        while parent := tree()[genre]:
            genre = parent
        return _PARENT_NAMES.get(genre, genre)

    return _SPOKEN | {genre: top(genre) for genre in tree()}


@cache
def _words() -> frozenset[str]:
    return frozenset(word for genre in _families() for word in genre.split())


@cache
def _parents() -> dict[str, set[str]]:
    found = {genre: {parent} for genre, parent in tree().items() if parent}
    for parent, members in _KIN.items():
        for member in members.split(";"):
            found.setdefault(member, set()).add(parent)
    return found


@cache
def ancestors(genre: str) -> frozenset[str]:
    """Return every genre that a genre is a kind of, itself included; all folded.

    >>> sorted(ancestors("melodic death metal"))
    ['death metal', 'heavy metal', 'melodic death metal', 'metal', 'rock']
    """
    open_, found = [fold(genre)], set()
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += _parents().get(name, ())
            words = name.split()
            open_ += [" ".join(words[start:]) for start in range(1, len(words))]
            open_ += words[:1] if words[0] == "indie" else []
    return frozenset(found)


def family(genre: str, *, roll_up: bool = True) -> str | None:
    """Return a genre's family, None if it has none; without `roll_up` match only names in the tree.

    >>> family("Dream Pop"), family("swedish death metal"), family("tropical house"), family("spoken word")
    ('rock', 'rock', 'electronic', None)
    """
    words = fold(genre).split()
    if _words().isdisjoint(words):  # as most of what people call their music
        return None
    n = len(words)
    # The whole name, then its last words, then its longest part with a family.
    spans = [(start, n) for start in range(n)]
    spans += [(start, start + size) for size in range(n - 1, 0, -1) for start in range(n - size)]
    for start, end in spans if roll_up else spans[:1]:
        if found := _families().get(" ".join(words[start:end])):
            return found
    return None
