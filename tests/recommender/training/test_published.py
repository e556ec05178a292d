"""A snapshot learned on one machine serves on another, whose ids are others."""

import itertools
import shutil

import pytest

from recommender.connections.apis import Apis
from recommender.errors import DamagedSnapshot, NotReady
from recommender.service import MusicService
from recommender.snapshot import files
from recommender.training import process, published
from recommender.types import Query
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

NOW = 1_700_000_000
BANDS = [f"Band {n}" for n in range(30)]
ANN = Account("discord", "ann", "Ann")


def filled(path, order, people, key=None):
    """A database with songs and users in this order; everybody likes some, Ann the same wherever she is."""
    with Store.open(path) as store:
        store.db.execute("BEGIN IMMEDIATE")
        if key:
            store.people.set_setting("app", 0, "pseudonyms", key)
        songs = {}
        for name in order:
            band = store.music.ensure_artist(name)
            songs[name] = Subject(band, store.music.ensure_track(band, f"Song of {name}"))
        keys = itertools.count()
        for n, account in enumerate(people):
            user = store.people.ensure(account, now=NOW)
            for k in range(6):
                name = BANDS[k if account == ANN else (n * 5 + k * 3) % len(BANDS)]
                if name in songs:
                    store.log.append(Event(f"k{next(keys)}", user, songs[name], Kind.LIKE, "t", NOW), now=NOW)
        store.db.commit()
    return path


def others(n):
    return [Account("discord", f"user {k}", f"User {k}") for k in range(n)]


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    database = filled(
        tmp_path_factory.mktemp("teacher") / "teacher.db", BANDS, [*others(12), ANN], key="ab" * 32
    )
    process.learn(database, models(database), now=NOW)
    return database


@pytest.fixture
def teacher(taught, tmp_path):
    """A database with a snapshot, of the test's own."""
    shutil.copytree(taught.parent, tmp_path / "teacher")
    return tmp_path / "teacher" / taught.name


def models(database):
    return database.with_name(database.name + ".models")


def names(database, snapshot):
    with Store.open(database, readonly=True) as store:
        found = store.music.artists(snapshot.artists.items.ids.tolist())
    return [found[ident].name for ident in snapshot.artists.items.ids.tolist()]


def test_items_and_users_get_the_ids_of_the_other_database(teacher, tmp_path):
    replica = filled(tmp_path / "replica.db", BANDS[:20][::-1], [ANN], key="ab" * 32)
    at = str(tmp_path / "shelf")
    version = published.publish(teacher, models(teacher), at)
    with Writer(replica) as writer:
        fetched = published.fetch(replica, models(replica), at, writer)
        assert published.fetch(replica, models(replica), at, writer, known=version) is None
    original = files.load(models(teacher))
    assert names(replica, fetched) == names(teacher, original) == BANDS  # what was missing was added
    with Store.open(replica, readonly=True) as store:
        (ann,) = store.people.user_ids()
    row = fetched.artists.listening.users.column(ann)
    assert sorted(fetched.artists.listening.user_items[row].indices.tolist()) == list(range(6))
    assert (fetched.artists.listening.users.ids < 0).sum() == 12  # nobody here is taken for another user
    ids = fetched.artists.items.ids
    assert fetched.artists.items.columns(ids).tolist() == list(range(len(ids)))


def test_users_are_strangers_to_a_database_with_another_key(teacher, tmp_path):
    replica = filled(tmp_path / "replica.db", BANDS, [ANN], key="cd" * 32)
    published.publish(teacher, models(teacher), str(tmp_path / "shelf"))
    with Writer(replica) as writer:
        fetched = published.fetch(replica, models(replica), str(tmp_path / "shelf"), writer)
    assert (fetched.artists.listening.users.ids < 0).all()


def test_who_was_erased_here_does_not_come_back(teacher, tmp_path):
    replica = filled(tmp_path / "replica.db", BANDS, [ANN], key="ab" * 32)
    published.publish(teacher, models(teacher), str(tmp_path / "shelf"))
    with Writer(replica) as writer:
        writer.write(lambda store: store.people.forget(store.people.user_ids()[0])).result()
        with pytest.raises(NotReady, match="forgotten"):
            published.fetch(replica, models(replica), str(tmp_path / "shelf"), writer)


def test_a_damaged_copy_is_refused_and_leaves_nothing(teacher, tmp_path):
    version = published.publish(teacher, models(teacher), str(tmp_path / "shelf"))
    damaged = max((tmp_path / "shelf" / version).glob("*.npy"), key=lambda path: path.stat().st_size)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    replica = filled(tmp_path / "replica.db", BANDS, [ANN])
    with Writer(replica) as writer:
        with pytest.raises(DamagedSnapshot):
            published.fetch(replica, models(replica), str(tmp_path / "shelf"), writer)
        with pytest.raises(NotReady, match="no snapshot"):
            published.fetch(replica, models(replica), str(tmp_path / "empty"), writer)
    assert list(models(replica).iterdir()) == []


def test_only_the_last_two_are_kept(teacher, tmp_path):
    at = tmp_path / "shelf"
    versions = []
    for k in range(3):
        process.learn(teacher, models(teacher), now=NOW + 10 * k)
        versions.append(published.publish(teacher, models(teacher), str(at)))
    assert sorted(path.name for path in at.iterdir()) == [*versions[1:], "current"]


async def test_a_replica_recommends_from_what_another_machine_learned(teacher, tmp_path):
    at = str(tmp_path / "shelf")
    version = published.publish(teacher, models(teacher), at)
    replica = filled(tmp_path / "replica.db", BANDS[:20][::-1], [ANN], key="ab" * 32)
    opened = MusicService.open(replica, seed=1, clock=lambda: NOW + 60.0, apis=Apis(snapshots=at))
    async with await opened as music:
        assert (await music.stats())["snapshot"]["version"] == version
        ann = await music.arrive(ANN)
        served = await music.recommend(Query(ann.user_id, 5))
        shown = {pick.song.artist for pick in served.picks}
        assert shown <= set(BANDS)
        assert not shown & set(BANDS[:6])  # what Ann likes, under the ids of this database
