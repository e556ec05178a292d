"""Fixtures for all tests, their environment, and their folder."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from storage.records import Account, Community, Event, Impression, Kind, Slate, Subject
from storage.store import Store

# How long an example takes says more about the machine than about the code.
settings.register_profile("segue", deadline=None)
settings.load_profile("segue")

_OURS = (
    "BANDCAMP_",
    "DEEZER_",
    "DISCORD_",
    "ITUNES_",
    "LASTFM_",
    "LISTENBRAINZ_",
    "MUSICBRAINZ_",
    "SEGUE_",
    "SOUNDCLOUD_",
    "SPOTIFY_",
    "TELEGRAM_",
    "TIDAL_",
    "YOUTUBE_",
)

# Whoever runs a bot on this machine has settings in the environment; the tests are to have their own.
for name in [name for name in os.environ if name.startswith(_OURS)]:
    del os.environ[name]
os.environ["SEGUE_LOOKUP"] = "off"  # no test asks anybody but servers of its own

# Commits wait for the disk, 6 ms each, unless the databases of the tests are in memory.
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108 - pytest makes a folder in there that only the user may read
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

NOW = 1_700_000_000
CAMPS, PEOPLE, UNHEARD = 4, 160, 4
GENRES = ("bluegrass", "heavy metal", "reggae", "techno")  # of as many families
MOODS = ("calm", "dark", "dreamy", "energetic", "happy", "sad")
SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(autouse=True)
def own_log_levels() -> Iterator[None]:
    """A program that ran in this process has set the level of its logs; the next test has its own."""
    yield
    for name in ("bot", "recommender", "storage"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets that lie beside the project; several may not be passed on with it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the public data sets in {SHARED_DATA}, which are not part of the project")
    return SHARED_DATA


@pytest.fixture
def answered() -> Callable[[Store, int], None]:
    """Fill a database with choices of the bandit that were answered: what `certain` takes pleases most.

    Of each two choices one is what `certain` would have taken, liked by three of five; of the other one of
    five is, and that is what `greedy` takes.
    """

    def fill(store: Store, choices: int) -> None:
        with store.db.atomic():
            artist = store.music.ensure_artist("Somebody Chosen")
            for n in range(choices):
                certain, turn = n % 2 == 0, n // 2 % 5
                user = store.people.ensure(Account("test", f"chooser {n // 7}", "Chooser"), now=1)
                odds = {"odds.certain": float(certain), "odds.greedy": float(not certain)}
                values = {"expected": 0.4, "odds.uniform": 0.5}
                values |= {f"value.{name}": 0.4 for name in ("certain", "greedy", "uniform")}
                impression = Impression(0, Subject(artist), 0.5, odds | values, {"kind": "start"})
                slate = store.slates.add(
                    Slate(user, None, {"n": 1, "seeds": [], "tags": []}, n, "bandit", "s", (impression,), 1)
                )
                store.slates.stamp_shown(slate.id, now=1)
                kind = Kind.LIKE if turn < (3 if certain else 1) else Kind.DISLIKE
                event = Event(
                    f"answer {n}",
                    user,
                    Subject(artist),
                    kind,
                    "test",
                    impression_id=slate.impressions[0].id,
                )
                store.log.append(event, now=1)

    return fill


@pytest.fixture(scope="session")
def town(tmp_path_factory) -> Path:
    """A database large enough for a user model, whose songs have moods and a tempo.

    Four camps of forty people, each with ten artists of two songs, who love their own and like some of the
    next one's; four artists unheard.
    """
    path = tmp_path_factory.mktemp("town") / "town.db"
    rng = np.random.default_rng(0)
    with Store.open(path) as store, store.db.atomic():
        music, people = store.music, store.people
        artists = [music.ensure_artist(f"artist {n}") for n in range(10 * CAMPS + UNHEARD)]
        for n, artist in enumerate(artists):
            for song in range(2):
                track = music.ensure_track(artist, f"song {song} of {artist}", year=1990)
                music.tag_track(track, music.ensure_tag(GENRES[n % CAMPS], "genre"), "town", 1.0)
                for mood in rng.choice(MOODS, 2, replace=False).tolist():
                    music.tag_track(track, music.ensure_tag(mood, "mood"), "town", 1.0)
                music.set_features(track, {"tempo": float(rng.uniform(70, 180))})
        for person in range(PEOPLE):
            user = people.ensure(Account("town", f"p{person}", f"p{person}"), now=NOW)
            place = people.ensure_community(Community("town", f"c{person % 16}", "room", "a place"))
            people.join(place, user, now=NOW)
            for n, artist in enumerate(artists[: 10 * CAMPS]):
                if rng.random() < (0.7, 0.3, 0.05, 0.05)[(n - person) % CAMPS]:
                    event = Event(f"{person}-{n}", user, Subject(artist), Kind.LIKE, "town")
                    store.log.append(event, now=NOW)
    return path
