"""The drawings under test, by name."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from people import (
    HABITS,
    HOSTILE,
    NAMES,
    NOTHING,
    SCRIPTS,
    TITLES,
    comparison,
    count,
    cover,
    portrait,
    profile,
    recap,
    shares,
    year,
)

from bot.pictures import Drawing
from bot.pictures.chart_grid import chart_grid
from bot.pictures.pair import pair_picture
from bot.pictures.recap_card import recap_card
from bot.pictures.taste_card import taste_card
from bot.pictures.wrapped import wrapped_pictures
from bot.replies.i18n import speaking
from recommender.service.comparisons import Comparison
from recommender.service.portraits import Portrait


def taste_in_german() -> Drawing:
    scripts = profile(SCRIPTS, tags=shares(SCRIPTS))
    with speaking("de"):
        return taste_card(f"坂本 🎧 {'W' * 60}", scripts, portrait(SCRIPTS), HABITS, "dark")


DRAWINGS: dict[str, Callable[[], Drawing]] = {
    "taste-full": lambda: taste_card("Ann", profile(NAMES), portrait(NAMES), HABITS, "light"),
    "taste-scripts": taste_in_german,
    "taste-one-artist": lambda: taste_card(
        "🎧🔥", profile((), **NOTHING | {"artists": shares(("坂本龍一",), 1.0)}), Portrait(), None, "light"
    ),
    "taste-no-tags-no-dates": lambda: taste_card(
        "Ann", profile(NAMES, tags=(), decades=(), moods=()), portrait(NAMES), None, "dark"
    ),
    "taste-no-map": lambda: taste_card(
        "Ann", profile((), decades=(), artists=shares(NAMES[:1], 1.0)), Portrait(), HABITS, "dark"
    ),
    "taste-hostile": lambda: taste_card(
        HOSTILE[0], profile(HOSTILE, tags=shares(HOSTILE)), portrait(HOSTILE), HABITS, "light"
    ),
}
DRAWINGS |= {
    "pair": lambda: pair_picture("Ann", comparison("Bo", NAMES), "dark"),
    "pair-scripts": lambda: pair_picture(SCRIPTS[-1], comparison(SCRIPTS[2], SCRIPTS, 0.97), "light"),
    "pair-strangers": lambda: pair_picture("Ann", Comparison("🎧", 0.0, (), NAMES[:5], (), None), "dark"),
    "pair-hostile": lambda: pair_picture(HOSTILE[0], comparison(HOSTILE[3], HOSTILE, 0.4), "light"),
}
PEOPLE = ("Ann", "Bo", "Cy", "Dee")
DRAWINGS |= {
    "session": lambda: recap_card(recap(PEOPLE, NAMES), "dark"),
    "session-scripts": lambda: recap_card(recap(SCRIPTS, SCRIPTS, name=SCRIPTS[-1]), "light"),
    "session-alone": lambda: recap_card(recap(("🎧",), NAMES[:2], loved=(), new=(), skipped=0), "dark"),
}
MANY = tuple(count(n, NAMES[n % 7], TITLES[n % 5] * (1 + n % 2)) for n in range(25))
DIFFICULT = tuple(count(n, SCRIPTS[n % 8], (SCRIPTS + HOSTILE)[-n]) for n in range(16))
DRAWINGS |= {
    "chart": lambda: chart_grid("The chart of Ann", "Songs of all time", MANY, 3, "dark"),
    "chart-large": lambda: chart_grid("The chart of Ann", "Songs of all time", MANY, 5, "light"),
    "chart-scripts": lambda: chart_grid(SCRIPTS[-1], "Songs of all time", DIFFICULT, 4, "dark"),
    "chart-one": lambda: chart_grid("🎧", "Songs of all time", DIFFICULT[:1], 3, "light"),
}
COVERS = {
    song.song.subject: cover(n, kind=("JPEG", "PNG")[n % 2]) for n, song in enumerate(MANY) if n % 3 == 1
}
BROKEN = {song.song.subject: b"\x89PNG\r\n\x1a\nno picture" for song in MANY[:4]} | {
    MANY[1].song.subject: cover(1, 1300)  # too large to be decoded
}
DRAWINGS |= {
    "chart-covers": lambda: chart_grid("The chart of Ann", "Songs of all time", MANY, 3, "dark", COVERS),
    "chart-covers-large": lambda: chart_grid(
        "The chart of Ann", "Songs of all time", MANY, 5, "light", COVERS
    ),
    "chart-covers-broken": lambda: chart_grid(
        "The chart of Ann", "Songs of all time", MANY, 2, "dark", BROKEN
    ),
}
for n in range(3):
    DRAWINGS[f"wrapped-{n + 1}"] = lambda n=n: wrapped_pictures("Ann", year(NAMES, TITLES), "dark")[n]
    DRAWINGS[f"wrapped-scripts-{n + 1}"] = lambda n=n: wrapped_pictures(
        SCRIPTS[-1], year(SCRIPTS, SCRIPTS[::-1]), "light"
    )[n]
    DRAWINGS[f"wrapped-little-{n + 1}"] = lambda n=n: wrapped_pictures(
        "🎧", year(("坂本龍一",), minutes=0, discovery=None, artist_count=1, plays=3), "dark"
    )[n]


@pytest.fixture(params=sorted(DRAWINGS))
def drawing(request) -> Drawing:
    """Each drawing in turn, with its name as the file of its golden image."""
    return DRAWINGS[request.param]()


@pytest.fixture
def case(request) -> str:
    """The name of the drawing under test."""
    return str(request.node.callspec.params["drawing"])
