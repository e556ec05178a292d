"""Tastes to draw: a full one, and those of which little is known or whose names are difficult."""

import math
from io import BytesIO

import numpy as np
from PIL import Image

from recommender.service.comparisons import Comparison
from recommender.service.history import Count, Habits, Year
from recommender.service.listening_stats import Streak
from recommender.service.portraits import MusicMap, Named, Portrait, Star
from recommender.sessions.recap import Recap, ServedMember
from recommender.types import Outlook, Share, Song, TasteProfile
from storage.records import Subject

SCRIPTS = (
    "坂本龍一",
    "Кино",
    "فيروز",
    "아이유",
    "Χάρις Αλεξίου",
    "רותם סלע",
    "🎧🔥💿🎶🎷🎺",
    "A name that somebody made exactly eighty characters long to see if the card holds",
)
HOSTILE = (
    "</text><script>alert(1)</script>",
    '" onload="x',
    "\u202eReversed & <b>bold</b>",
    "Z\u0301\u0302\u0303\u0304\u0305\u0306algo",
    "line\nbreak\x00\x1b[31m\ud800",
    "&amp; &lt;",
    "x" * 100_000,
    "",
)
FAMILIES = ("electronic", "rock", "pop", "hip hop", "jazz", "folk", "", "classical")


def shares(names, first=0.3) -> tuple[Share, ...]:
    return tuple(Share(name, first / (n + 1)) for n, name in enumerate(names))


def star(n: int, family: str) -> Star:
    """Return one of many stars: each family around its own middle."""
    k, turn = FAMILIES.index(family), n * 2.399963
    x, y = 0.5 + 0.36 * math.cos(k * 0.8), 0.5 + 0.36 * math.sin(k * 0.8)
    far = 0.012 * math.sqrt(n)
    return Star(min(max(x + far * math.cos(turn), 0), 1), min(max(y + far * math.sin(turn), 0), 1), family)


def portrait(names) -> Portrait:
    stars = tuple(star(n, family) for family in FAMILIES for n in range(60))
    own = tuple(Named(name, stars[37 * n + 5], 1 / (n + 1), n) for n, name in enumerate(names))
    sounds = zip(
        ("danceable", "energetic", "happy", "acoustic", "instrumental", "fast"),
        (0.62, 0.55, 0.4, 0.45, 0.7, 0.52),
        strict=True,
    )
    return Portrait(MusicMap(stars, own, (0.6, 0.4)), tuple(Share(*one) for one in sounds))


def profile(names, **more) -> TasteProfile:
    told = {
        "likes": 41,
        "dislikes": 3,
        "plays": 4997,
        "artists": shares(names, 0.12),
        "tags": shares(("electronic", "ambient", "soundtrack", "indie rock", "hip hop", "jazz")),
        "decades": tuple(
            Share(f"{year}s", weight) for year, weight in ((1970, 0.1), (1980, 0.2), (1990, 0.4), (2010, 0.3))
        ),
        "blocked": (),
        "outlook": Outlook(7.2, 0.63),
        "moods": shares(("calm", "dreamy", "dark")),
    }
    return TasteProfile(**{**told, **more})


HABITS = Habits(
    plays=4997,
    hours=(5, 3, 1, 0, 0, 0, 4, 20, 35, 30, 25, 20, 90, 120, 80, 60, 50, 40, 30, 30, 35, 40, 20, 10),
    streak=Streak(14, 19_000),
    current=3,
    rising=(),
    falling=(),
    artists=(),
    tracks=(),
    since=18_700,
)
NAMES = ("Nina Simone", "Massive Attack", "Plaid", "Towa Tei", "Röyksopp", "The Verve", "Fleet Foxes")
NOTHING = {"tags": (), "decades": (), "moods": (), "outlook": None, "plays": 0, "dislikes": 0, "likes": 1}


def count(n: int, artist: str, title: str | None = None) -> Count:
    return Count(Song(Subject(n, None if title is None else n), artist, title), 900 // (n + 1))


def year(names, titles=(), **more) -> Year:
    artists = tuple(count(n, name) for n, name in enumerate(names[:5]))
    songs = zip(names, titles, strict=False)
    tracks = tuple(count(n, name, title) for n, (name, title) in enumerate(songs))
    told = {
        "year": 2024,
        "plays": 12_345,
        "minutes": 45_678,
        "artist_count": 812,
        "new_artists": 97,
        "artists": artists,
        "tracks": tracks[:5],
        "discovery": artists[-1] if artists else None,
        "months": (300, 420, 510, 380, 610, 900, 1200, 1100, 860, 700, 640, 520),
        "hours": HABITS.hours,
        "streak": Streak(42, 19_800),
        "busiest": (19_900, 211),
    }
    return Year(**{**told, **more})


TITLES = ("Feeling Good", "Teardrop", "Eyen", "Luv Connection", "Eple")


def cover(n: int, side: int = 250, kind: str = "JPEG", *, noise: float = 0.0) -> bytes:
    """Return a cover: stripes of two colours, and as much noise (0 to 1) as is wanted."""
    y, x = np.mgrid[0:side, 0:side] / side
    wave = np.sin(9 * x * (1 + n % 3) + 7 * y * (1 + n % 4) + n)[..., np.newaxis] > 0
    rng = np.random.default_rng(n)
    one, other = rng.integers(0, 256, (2, 3))
    pixels = np.where(wave, one, other) + noise * rng.normal(0, 128, (side, side, 3))
    out = BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, kind, quality=85)
    return out.getvalue()


def comparison(name, names, agreement=0.62) -> Comparison:
    song = Song(Subject(1, 1), names[1], names[-1])
    return Comparison(name, agreement, tuple(names[:5]), tuple(names[2:7]), tuple(names[-4:]), song)


def recap(people, songs, **more) -> Recap:
    members = tuple(
        ServedMember(name, 12, 7 - n % 6, n % 3, 0.9 / (1 + n / 3), 3) for n, name in enumerate(people)
    )
    played = tuple(Song(Subject(n, n), songs[-1 - n], name) for n, name in enumerate(songs))
    told = {
        "session_id": 1,
        "name": "Friday night",
        "songs": played,
        "people": members,
        "loved": played[:1],
        "new": played[1:4],
        "skipped": 2,
        "seconds": 5400,
        "is_over": True,
    }
    return Recap(**{**told, **more})
