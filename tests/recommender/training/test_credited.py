"""Who is blocked is gone wherever they are credited, and who is nobody is nowhere."""

import numpy as np
import pytest

from recommender.feedback.matrix import IdIndex
from recommender.service import MusicService
from recommender.training.credited import credited
from recommender.types import Query
from storage.catalogue.credits import Credits
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

SONGS = [
    ("Drake", "Hotline"),
    ("Drake & Future", "Life"),
    ("Future, Drake", "Sexy"),
    ("Rihanna", "Diamonds"),
    ("Rihanna", "Work (feat. Drake)"),
    ("Drake Bell", "Found"),
    ("Earth", "Old Black"),
    ("Earth, Wind & Fire", "September"),
    ("Unknown Artist", "Track 01"),
    ("Various Artists", "Le Freak"),
    ("Rihanna", "Untitled"),
]


def world(store):
    """Eleven songs of one tag, each heard by the same twenty people; a tag says that an act is known."""
    rap = store.music.ensure_tag("rap", "genre")
    store.music.tag_artist(store.music.ensure_artist("Earth, Wind & Fire"), rap, "test", 1.0)
    tracks = [
        Subject(a := store.music.ensure_artist(artist), store.music.ensure_track(a, title))
        for artist, title in SONGS
    ]
    for subject in tracks:
        store.music.tag_track(subject.track_id, rap, "test", 1.0)
    for n in range(20):
        user = store.people.ensure(Account("terminal", f"u{n}", f"u{n}"), now=1)
        for subject in tracks:
            store.log.append(Event(f"{n}:{subject}", user, subject, Kind.PLAY, at=n, source="test"), now=1)
    Credits(store.db).settle()


@pytest.fixture
def filled(tmp_path):
    with Writer(tmp_path / "m.db") as writer:
        writer.write(world).result()
    return tmp_path / "m.db"


async def shown(filled, blocked=None, seeds=()):
    async with await MusicService.open(filled, seed=1) as music:
        await music.train()
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        with Store.open(filled, readonly=True) as store:
            ids = dict(store.db.execute("SELECT name, id FROM artists").fetchall())
        if blocked:
            await music.reactions.record(ann, Subject(ids[blocked]), Kind.BLOCK, key="block")
        query = Query(ann.user_id, 12, seeds=tuple(Subject(ids[name]) for name in seeds))
        slate = await music.recommend(query)
        return {f"{pick.song.artist} - {pick.song.title}" for pick in slate.picks}


async def test_whoever_is_blocked_is_gone_wherever_credited(filled):
    assert await shown(filled, "Drake") == {
        "Rihanna - Diamonds",
        "Drake Bell - Found",
        "Earth - Old Black",
        "Earth, Wind & Fire - September",
    }


async def test_a_name_within_a_name_is_not_blocked_with_it(filled):
    found = await shown(filled, "Earth")
    assert "Earth - Old Black" not in found
    assert "Earth, Wind & Fire - September" in found


async def test_names_that_name_nobody_are_never_shown(filled):
    for found in (await shown(filled), await shown(filled, seeds=["Rihanna"])):
        assert found
        assert not any(word in song for song in found for word in ("Unknown", "Various", "Untitled"))


async def test_what_is_near_an_artist_may_feature_them(filled):
    assert "Rihanna - Work (feat. Drake)" in await shown(filled, seeds=["Drake"])


def test_credits_are_columns(filled):
    with Store.open(filled, readonly=True) as store:
        names = dict(store.db.execute("SELECT id, name FROM artists").fetchall())
        titles = dict(store.db.execute("SELECT id, title FROM tracks").fetchall())
        axes = IdIndex(_ids(names)), IdIndex(_ids(titles))
        on_artists, on_tracks = credited(store.music, *axes)
    assert [(names[a + 1], names[b + 1]) for a, b in on_artists.tolist()] == [("Drake", "Drake & Future")]
    assert [(names[a + 1], titles[t + 1]) for a, t in on_tracks.tolist()] == [("Drake", "Work (feat. Drake)")]


def _ids(names):
    return np.array(sorted(names), dtype=np.int64)
