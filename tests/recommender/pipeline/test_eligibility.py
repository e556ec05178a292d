"""What one person brought is never recommended to strangers."""

from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from worlds import copied

from recommender.models.population import UserBlock
from recommender.service import MusicService
from recommender.snapshot.eligibility import Eligibility
from recommender.types import Listener, Query
from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store

NOW = 1_700_000_000
HOME = Community("discord", "home", "server", "Home")
AWAY = Community("discord", "away", "server", "Away")
JUNK = [(f"Junk {n}", f"Rubbish {n}") for n in range(5)]


@pytest.fixture
async def fresh(catalogue, tmp_path):
    """A fresh database with the bundled catalogue, as at the first start."""
    times, database = iter(range(10**9)), copied(catalogue, tmp_path)
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + next(times)) as service:
        yield service


async def arrive(music: MusicService, name: str, place: Community | None = HOME) -> Listener:
    return await music.arrive(Account("discord", name, name), place)


async def like(music: MusicService, listener: Listener, subjects: list[Subject]) -> None:
    for subject in subjects:
        await music.reactions.record(listener, subject, Kind.LIKE, key=f"{listener.user_id} {subject}")


async def add(music: MusicService) -> list[Subject]:
    adder = await music.arrive(Account("discord", "adder", "Adder"))
    return [(await music.names.add(adder, artist, title)).subject for artist, title in JUNK]


async def shown(music: MusicService, place: Community | None, people: int = 8, **query) -> Counter:
    """Return what that many newcomers get on their first lists of five."""
    found: Counter = Counter()
    for number in range(people):
        newcomer = await arrive(music, f"newcomer {number} {place}", place)
        slate = await music.recommend(Query(newcomer.user_id, 5, newcomer.community_id, **query))
        found.update(pick.song.subject for pick in slate.picks)
    return found


def of(found: Counter, subjects: list[Subject]) -> int:
    artists = {subject.artist_id for subject in subjects}
    return sum(times for subject, times in found.items() if subject.artist_id in artists)


async def test_five_songs_that_one_person_added_and_liked_reach_no_newcomer(fresh):
    junk = await add(fresh)
    await like(fresh, await arrive(fresh, "ann"), junk)
    await fresh.train()
    for place in (HOME, AWAY, None):
        assert of(await shown(fresh, place), junk) == 0


async def test_famous_songs_that_one_person_liked_do_not_own_the_first_lists(fresh):
    liked = [
        (await fresh.names.resolve(name)).song.subject
        for name in ("Queen", "ABBA", "Nirvana", "Eminem", "Adele")
    ]
    await like(fresh, await arrive(fresh, "ann"), liked)
    await fresh.train()
    for place in (HOME, AWAY, None):
        assert of(await shown(fresh, place), liked) <= 8  # of 40


@pytest.mark.parametrize(
    ("likers", "here", "elsewhere"), [(1, False, False), (2, True, False), (3, True, True)]
)
async def test_two_who_like_a_song_open_it_to_their_place_and_three_to_everybody(
    fresh, likers, here, elsewhere
):
    junk = await add(fresh)
    for number in range(likers):
        await like(fresh, await arrive(fresh, f"fan {number}"), junk)
    await fresh.train()
    tracks = fresh._trainer.snapshot.tracks
    columns = tracks.items.columns(np.array([subject.track_id for subject in junk]))
    nothing = np.zeros(0, dtype=np.int32)
    for place, expected in ((HOME, here), (AWAY, elsewhere)):
        newcomer = await arrive(fresh, f"newcomer {place}", place)
        community = fresh._trainer.snapshot.communities.column(newcomer.community_id)
        allowed = tracks.eligibility.mask(community if community >= 0 else None, nothing)
        assert set(allowed[columns].tolist()) == {expected}


async def test_songs_like_a_given_one_leave_out_what_one_person_brought(fresh):
    junk = await add(fresh)
    queen = (await fresh.names.resolve("Queen")).song.subject
    await like(fresh, await arrive(fresh, "ann"), [*junk, queen])
    await fresh.train()
    bob = await arrive(fresh, "bob")
    slate = await fresh.recommend(Query(bob.user_id, 10, bob.community_id, seeds=(queen,)))
    assert not {pick.song.subject.artist_id for pick in slate.picks} & {song.artist_id for song in junk}


def test_what_somebody_brought_is_open_to_them_alone():
    likes = csr_matrix(np.array([[1, 0, 1], [0, 0, 1], [0, 0, -1]], dtype=np.float32))
    places = csr_matrix(np.array([[1, 0, 1], [1, 1, 1]], dtype=np.float32))
    known = Eligibility.of(UserBlock(likes, places).counts(), np.array([False, True, False]))
    nothing, first = np.empty(0, dtype=np.int32), np.zeros(1, dtype=np.int32)
    assert known.mask(None, nothing).tolist() == [False, True, False]
    assert known.mask(None, first).tolist() == [True, True, False]
    assert known.mask(0, nothing).tolist() == [
        False,
        True,
        False,
    ]  # one there likes the third song, one elsewhere
    assert known.mask(1, nothing).tolist() == [False, True, True]


@pytest.mark.parametrize("style", ["fair", "crowd-pleaser"])
async def test_a_session_does_not_play_to_others_what_one_of_them_brought(fresh, style):
    junk = await add(fresh)
    ann, bob = await arrive(fresh, "ann"), await arrive(fresh, "bob")
    await like(fresh, ann, junk)
    await fresh.train()
    session = (await fresh.sessions.start(ann, "room", "Tonight", key="start")).id
    await fresh.sessions.restyle(ann, session, style)
    await fresh.sessions.join(bob, session)
    planned = (await fresh.sessions.look(session)).next
    assert planned
    assert not {one.song.subject.artist_id for one in planned} & {song.artist_id for song in junk}


async def test_nobody_is_offered_an_artist_whom_one_person_brought(fresh):
    await like(fresh, await arrive(fresh, "ann"), await add(fresh))
    await fresh.train()
    assert not [song for song in await fresh.welcome.artists() if song.artist.startswith("Junk")]


async def test_a_history_that_one_person_imports_is_no_catalogue(fresh, tmp_path):
    (tmp_path / "mine.csv").write_text("artist,track,plays\nJunk 0,Rubbish 0,50\nJunk 1,Rubbish 1,50\n")
    account = Account("discord", "ann", "Ann")
    await fresh.bringing.history(await fresh.arrive(account), account, tmp_path / "mine.csv")
    await fresh.train()
    junk = [(await fresh.names.resolve(f"Junk {n}")).song.subject for n in range(2)]
    assert of(await shown(fresh, HOME), junk) == 0


def test_an_older_database_takes_for_a_catalogue_what_no_person_can_have_brought(tmp_path):
    with Store.open(tmp_path / "old.db") as store, store.db.atomic():
        tagged, heard, added = (store.music.ensure_artist(f"artist {n}", listed=False) for n in range(3))
        tracks = [store.music.ensure_track(artist, "song", listed=False) for artist in (tagged, heard, added)]
        store.music.tag_track(tracks[0], store.music.ensure_tag("rock"), "starter", 1.0)
        for platform, artist, track in (("lastfm-2k", heard, tracks[1]), ("discord", added, tracks[2])):
            user = store.people.ensure(Account(platform, "7", "seven"), now=NOW)
            store.log.append(Event(platform, user, Subject(artist, track), Kind.PLAY, platform), now=NOW)
        for table in ("artists", "tracks"):
            store.db.execute(f"ALTER TABLE {table} DROP COLUMN listed")
        store.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'catalogue_or_person'")
    with Store.open(tmp_path / "old.db") as store:
        assert store.music.listed() == ([tagged, heard], tracks[:2])
