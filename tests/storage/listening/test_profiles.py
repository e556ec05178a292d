"""A kept profile is what a full reading of the log gives, whatever was done to the log, and in any order."""

from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.catalogue.merging import Merging
from storage.listening.exclusions import Exclusions
from storage.listening.listens import Listen
from storage.listening.profile_reading import REREAD
from storage.listening.profiles import ProfileCache, Profiles
from storage.records import Account, Event, Kind, Subject
from storage.schema.profile_tables import TABLES
from storage.store import Store
from storage.users.linking import Linking

DAY = 86_400
USERS = [Account(platform, "1", "Ann") for platform in ("terminal", "telegram", "discord")]
number = st.integers(0, 9)
moment = st.one_of(st.none(), st.integers(0, 60).map(lambda day: 1_600_000_000 + day * 20 * DAY))


class World:
    """A few users, artists and tracks, and what may happen to their log."""

    def __init__(self, store):
        self.store, self.now, self._key = store, 1_700_000_000, count()
        self.subjects = self.named()

    def named(self):
        """Three artists and their songs, added again where they were erased."""
        music = self.store.music
        artists = [music.ensure_artist(name) for name in ("Queen", "ABBA", "Cher")]
        songs = [Subject(artist, music.ensure_track(artist, title)) for artist in artists for title in "ab"]
        return [*map(Subject, artists), *songs]

    def user(self, n):
        return self.store.people.ensure(USERS[n % 3], now=1)

    def subject(self, n):
        """A subject as it is now: what was merged is not written to any more."""
        ident = self.subjects[n % len(self.subjects)]
        table, row = ("artists", ident.artist_id) if ident.track_id is None else ("tracks", ident.track_id)
        found = self.store.db.execute(f"SELECT coalesce(same_as, id) FROM {table} WHERE id = ?", (row,))
        row = found.fetchone()[0]
        if ident.track_id is None:
            return Subject(row)
        owner = self.store.db.execute("SELECT artist_id FROM tracks WHERE id = ?", (row,)).fetchone()[0]
        return Subject(owner, row)

    def say(self, user, subject, kind, at, plays):
        key, source = f"k{next(self._key)}", USERS[user % 3].platform
        event = Event(key, self.user(user), self.subject(subject), kind, source, at, plays)
        self.store.log.append(event, now=self.now)

    def undo(self, user, n, *_):
        ids = [row[0] for row in self.store.log.standing(self.user(user))]
        if ids:
            self.store.log.undo(
                ids[n % len(ids)], key=f"k{next(self._key)}", user_id=self.user(user), source="x", now=1
            )

    def bring(self, user, subject, kind, at, plays):
        kind = Kind.PLAY if kind in (Kind.BLOCK, Kind.UNBLOCK) else kind
        if at is None and kind is Kind.PLAY:
            listen = self._listen(user, subject, kind, at, plays)
            self.store.listens.add_total(listen._replace(key=f"total {listen.artist_id}"), now=self.now)
        same = [self._listen(user, subject + more, kind, at, plays) for more in (0, 0, 1)]
        self.store.listens.add(same, now=self.now)

    def _listen(self, user, subject, kind, at, plays):
        track = self.subject(subject)
        return Listen(
            f"k{next(self._key)}", self.user(user), *track, kind, at, plays, None, f"file {user % 2}"
        )

    def join(self, user, n, *_):
        one, other = self.user(user), self.user(n)
        if one != other:
            linking = Linking(self.store.db)
            code = f"c{next(self._key)}"
            linking.offer(one, code, now=1)
            linking.join(one, other, code, now=2)

    def part(self, user, *_):
        Linking(self.store.db).part(self.user(user), now=3)

    def merge(self, user, n, *_):
        one, other = self.subject(user), self.subject(n)
        if one.track_id and other.track_id and one != other:
            Merging(self.store.db).tracks({one.track_id: other.track_id})
        elif one.artist_id != other.artist_id:
            Merging(self.store.db).artists({one.artist_id: other.artist_id})

    def take_out(self, user, *_):
        self.store.listens.erase(self.user(user), f"file {user % 2}")

    def keep_out(self, user, n, *_):
        subject, day = self.subject(n), 1_600_000_000 + n * 20 * DAY
        rules = {"artist": {"artist": subject.artist_id}, "source": {"source": f"file {n % 2}"}}
        rules |= {"dates": {"span": (day, day + 90 * DAY)}, "tag": {"tag": "lullaby"}}
        rules |= {"private": {"span": (self.now - 10, self.now + 10)}}
        what = list(rules)[n % 5]
        Exclusions(self.store.db).add(self.user(user), what, now=self.now, **rules[what])

    def let_in(self, user, n, *_):
        known = Exclusions(self.store.db)
        if rules := known.of(self.user(user)):
            known.remove(self.user(user), rules[n % len(rules)].id, now=self.now)

    def tag(self, _, n, *__):
        tag = self.store.music.ensure_tag("lullaby")
        self.store.music.tag_artist(self.subject(n).artist_id, tag, "x", 1.0)
        Exclusions(self.store.db).settle(now=self.now)

    def forget(self, user, *_):
        self.store.people.forget(self.user(user))
        artists = [self.store.music.ensure_artist(name) for name in ("Queen", "ABBA", "Cher")]
        self.subjects = [Subject(artist) for artist in artists]
        self.subjects += [
            Subject(one, self.store.music.ensure_track(one, t)) for one in artists for t in "ab"
        ]


VERBS = [World.say] * 4 + [World.bring] * 2 + [World.undo] * 2
VERBS += [World.keep_out] * 2 + [World.let_in, World.tag]
VERBS += [World.join, World.part, World.merge, World.take_out, World.forget]
kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.UNDO])
steps = st.lists(
    st.tuples(st.sampled_from(VERBS), number, number, kinds, moment, st.sampled_from([None, 1, 40])),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps)
def test_profiles_are_as_in_a_full_reading_after_anything(shared, steps):
    with undone(shared) as store:
        world, cached = World(store), Profiles(store.db, ProfileCache())
        for verb, user, n, kind, at, plays in steps:
            if verb in (World.say, World.bring):
                verb(world, user, n, kind, at, plays)
            else:
                verb(world, user, n)
            assert store.profiles.differences() == 0, verb.__name__
            for (someone,) in store.db.execute("SELECT id FROM users").fetchall():
                assert cached.made(someone, list) == store.profiles.rows(someone)
        assert not wrongly_out(store)
        before = {table: _rows(store, table) for table in REREAD}
        store.profiles.rebuild()
        assert {table: _rows(store, table) for table in REREAD} == before


def out_of(store):
    return {event for (event,) in store.db.execute("SELECT event_id FROM kept_out")}


def wrongly_out(store):
    """Return the events whose users' rules say otherwise, once all who need it have been looked at."""
    known = Exclusions(store.db)
    known.settle(now=1)
    before = out_of(store)
    for (user,) in store.db.execute("SELECT id FROM users").fetchall():
        known.check(user, now=1)
    return before ^ out_of(store)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("profiles") / "segue.db") as store:
        yield store


@contextmanager
def undone(store):
    """Let something happen to a store, and roll it back."""
    store.db.execute("BEGIN IMMEDIATE")
    try:
        yield store
    finally:
        store.db.rollback()


def _rows(store, table):
    """All rows, the sums rounded: a rebuilt one is added up in another order."""
    keep = [
        column
        for column in store.db[table].columns_dict
        if column not in ("played", "played_at", "saved", "skipped")
    ]
    return store.db.execute(f"SELECT {', '.join(keep)} FROM {table}").fetchall()


def test_erasing_what_an_import_judged_erases_its_row(shared):
    with undone(shared) as store:
        world = World(store)
        world.bring(0, 4, Kind.LIKE, None, None)
        assert [row.verdict for row in store.profiles.rows(world.user(0))] == ["like", "like"]
        world.take_out(0)
        assert store.profiles.rows(world.user(0)) == []
        assert store.profiles.differences() == 0


def test_a_listen_that_two_accounts_brought_counts_again_after_they_part(shared):
    with undone(shared) as store:
        world = World(store)
        for user in (0, 1):
            world.bring(user, 4, Kind.PLAY, 1_600_000_000, 1)
        before = [store.profiles.rows(world.user(user)) for user in (0, 1)]
        world.join(0, 1)
        assert [row.plays for row in store.profiles.rows(world.user(0))] == [1, 1]
        world.part(0)
        assert [store.profiles.rows(world.user(user)) for user in (0, 1)] == before
        assert store.profiles.differences() == 0


def test_nothing_is_kept_of_who_was_forgotten(shared):
    with undone(shared) as store:
        world = World(store)
        user = world.user(0)
        world.bring(0, 4, Kind.PLAY, 1_600_000_000, 1)
        world.forget(0)
        for table in TABLES:
            found = store.db.execute(f"SELECT count(*) FROM {table} WHERE user_id = ?", (user,))
            assert found.fetchone() == (0,), table


def test_a_user_may_go_with_all_that_was_undone(shared):
    """Foreign keys then erase events and their undos, in whatever order."""
    with undone(shared) as store:
        world = World(store)
        for at in (1_600_000_000, 1_600_000_777):
            world.say(0, 4, Kind.PLAY, at, 3)
            world.say(0, 5, Kind.LIKE, at, None)
        for n in (0, 1):
            world.undo(0, n)
        store.db.execute("DELETE FROM users WHERE id = ?", (world.user(0),))
        assert [_rows(store, table) for table in TABLES] == [[], [], [], []]


def test_an_undone_play_leaves_exactly_nothing_of_its_sum(shared):
    with undone(shared) as store:
        world = World(store)
        for at in (1_600_000_000, 1_600_000_777, None):
            world.say(0, 4, Kind.PLAY, at, 3)
        for _ in range(2):
            world.undo(0, 0)
        (row,) = store.profiles.rows(world.user(0))
        assert (row.plays, row.untimed, row.played, row.played_at) == (3, 3, 0.0, None)


def test_a_row_that_is_not_as_in_the_log_is_counted_and_made_again(shared):
    with undone(shared) as store:
        world = World(store)
        world.say(0, 4, Kind.PLAY, 1_600_000_000, 3)
        world.say(0, 5, Kind.SKIP, 1_600_000_000, None)
        for damage in (
            "UPDATE profiles SET played = played * 1.01",
            "UPDATE profiles SET skipped_at = skipped_at + 1",
            "DELETE FROM profiles",
            "INSERT INTO listening_days VALUES (1, 2, 3)",
        ):
            assert store.profiles.differences() == 0
            store.db.execute(damage)
            assert store.profiles.differences() > 0, damage
            store.profiles.rebuild()
