"""Every table answers for what it holds of a user; a new one that does not turns this red."""

import re

import pytest

from storage.catalogue.credits import Credits
from storage.chats.cards import Cards
from storage.chats.deliveries import Deliveries
from storage.imports import ListenRow
from storage.ingest.importer import run_import
from storage.migrations import nothing_that_turned_out_to_be_an_erased_row
from storage.records import Account, Community
from storage.search import Search
from storage.services.connections import Connections
from storage.users.communities import Communities
from storage.users.erasures import Erasures
from storage.writer import Writer

# Columns that may hold who somebody is, and how forgetting a user clears each.
HOW = {
    ("accounts", "external_id"): "with the user",
    ("accounts", "name"): "with the user",
    ("api_answers", "body"): "with the account",
    ("api_answers", "key"): "with the account",
    ("api_tokens", "name"): "with the account",
    ("cards", "message"): "with the slate",
    ("cards", "place"): "with the slate",
    ("communities", "external_id"): "removed where nobody is left in it and no log names it",
    ("communities", "name"): "removed where nobody is left in it and no log names it",
    ("connections", "external_id"): "with the user",
    ("connections", "name"): "with the user",
    ("connections", "secret"): "with the user",
    ("deliveries", "body"): "cleared by its sender",
    ("deliveries", "sender"): "cleared by its sender",
    ("events", "key"): "with the user",
    ("radios", "key"): "with the user",
    ("sessions", "card"): "a message in a group, of the bot",
    ("sessions", "key"): "made anonymous for its host and requester",
    ("sessions", "name"): "blanked",
    ("sessions", "place"): "a channel of a group",
    ("outbox", "key"): "names a fact that others are told to erase; gone once they are told",
    ("results", "body"): "with the user",
    ("user_names", "external_id"): "with the user",
    ("session_songs", "key"): "made anonymous for its host and requester",
    ("sign_ins", "secret"): "with the user",
    ("uploads", "name"): "with the account",
    ("answers", "body"): "all are erased",
    ("answers", "question"): "all are erased",
    # Of music; what only this user brought is removed.
    ("artists", "key"): "removed",
    ("artists", "name"): "removed",
    ("tags", "key"): "removed",
    ("tags", "name"): "removed",
    ("tracks", "key"): "removed",
    ("credits", "key"): "removed, where nobody bears the name",
    ("artist_aliases", "key"): "what comes with Segue, or an operator brought",
    ("artist_aliases", "name"): "what comes with Segue, or an operator brought",
    ("documents", "key"): "what an operator brought",
    # Of nobody.
    ("settings", "name"): "the name of a setting; its value goes by its scope",
    ("link_moves", "key"): "ids, with the link",
}
PERSONAL = re.compile(
    r"name|key|external|account|person|sender|author|owner|place|message|body|secret|question|card"
)


def columns(store):
    return [
        (table.name, column.name)
        for table in store.db.tables
        if not re.search(r"_fts|sqlite_|_migrations", table.name)
        for column in table.columns
        if column.type in ("TEXT", "BLOB")
    ]


def test_every_column_that_may_say_who_somebody_is_has_an_answer(store):
    unanswered = [one for one in columns(store) if PERSONAL.search(one[1]) and one not in HOW]
    assert unanswered == [], "say in HOW, and in storage/users/erasures.py, how forgetting clears these"
    assert HOW.keys() <= set(columns(store)), "these are no more"


def test_every_column_that_names_a_user_goes_with_the_user(store):
    for table in store.db.tables:
        keys = {key.column: key for key in table.foreign_keys}
        for column in table.columns:
            if (
                re.search(r"user|friend|host_id|guest_id|member|listener", column.name)
                and column.type == "INTEGER"
            ):
                if (table.name, column.name) in {("artists", "listeners"), ("tracks", "listeners")}:
                    continue  # counts
                if (table.name, column.name) == ("erased_users", "user_id"):
                    continue  # stays, so that no restore brings the user back
                assert column.name in keys, f"{table.name}.{column.name} needs REFERENCES users"
    actions = store.db.execute(
        'SELECT tables.name, keys."from", keys.on_delete FROM sqlite_master AS tables,'
        " pragma_foreign_key_list(tables.name) AS keys WHERE keys.\"table\" = 'users'"
    ).fetchall()
    kept = {(table, column) for table, column, action in actions if action != "CASCADE"}
    assert kept == {("sessions", "user_id"), ("session_songs", "user_id")}, (
        "whose rows stay, without the user"
    )


def test_erasures_are_counted(store):
    assert store.people.forget(store.people.ensure(Account("discord", "1", "Ada"), now=1)) == {
        "accounts": 1,
        "users": 1,
    }
    store.people.forget(7)
    assert Erasures(store.db).count() == 2


@pytest.fixture
def spoken(store):
    """Two users; the delivery of one is taken for nobody else's."""
    ann, bo = (store.people.ensure(Account("telegram", number, "x"), now=1) for number in ("1", "11"))
    kept = Deliveries(store.db)
    kept.keep("telegram:9", 1, "ann's", now=1, sender="1")
    kept.keep("telegram:9", 2, "bo's", now=1, sender="11")
    kept.keep("discord:9", 3, "somebody's elsewhere", now=1, sender="1")
    return ann, bo, kept


def test_deliveries_of_the_forgotten_alone_are_cleared(store, spoken):
    ann, _, kept = spoken
    store.people.forget(ann)
    assert [one.body for one in kept.taken_up("telegram:9", since=0)] == ["bo's"]
    assert [one.body for one in kept.taken_up("discord:9", since=0)] == ["somebody's elsewhere"]


def test_a_misspelt_word_is_found_after_words_were_erased(store):
    """Ids of words are given again: whoever keeps words in memory reads them anew."""
    bo = store.people.ensure(Account("discord", "2", "Bo"), now=1)
    ada = store.people.ensure(Account("discord", "1", "Ada"), now=1)
    store.music.add_by_hand(bo, "Kraftwerk", "Autobahn")
    store.music.add_by_hand(ada, "Zyxoph", "Quolgrit")
    assert Search(store).find("zyxohp")
    store.people.forget(ada)
    assert not Search(store).find("zyxohp")
    words = {word for (word,) in store.db.execute("SELECT word FROM words")}
    assert words == {"kraftwerk", "autobahn"}
    store.music.add_by_hand(bo, "Plomtar", "Quolgrit")
    assert Search(store).find("plomtra")
    assert Search(store).find("quolgrti")


class Plays:
    """What one person played, as an import yields it."""

    source, platform = "made-up", "telegram"

    def __init__(self, person, *names):
        self._person, self._names = person, names

    def rows(self):
        return (ListenRow(n, self._person, *names, plays=n) for n, names in enumerate(self._names, 1))

    def progress(self):
        return 1.0

    def digest(self):
        return self._person


@pytest.fixture
def writer(database):
    with Writer(database) as opened:
        yield opened


@pytest.fixture
def played(writer):
    """Import what a person played; return the user."""

    def play(person, *names):
        user = writer.write(lambda store: store.people.ensure(Account("telegram", person, person), now=1))
        run_import(writer, Plays(person, *names), user_id=user.result())
        return user.result()

    return play


JOINT = (
    ("Zyxoph Quolg", "Alpha Drubwick"),
    ("Brimvast Lorn", "Beta Drubwick"),
    ("Zyxoph Quolg & Brimvast Lorn", "Alpha Drubwick"),
    ("Zyxoph Quolg, Brimvast Lorn", "Gamma Drubwick"),
    ("Zyxoph Quolg", "Delta (with Brimvast Lorn)"),
)


def test_credits_that_turned_out_to_be_others_go_with_who_brought_them(writer, played, database):
    user = played("7001", *JOINT)
    assert writer.write(lambda store: store.music.hidden()).result()[0]
    writer.write(lambda store: store.people.forget(user)).result()
    assert writer.fold().result()
    held = b"".join(path.read_bytes() for path in database.parent.glob("segue.db*")).lower()
    assert [word for word in (b"zyxoph", b"quolg", b"brimvast", b"drubwick") if word in held] == []


def test_others_may_import_what_the_forgotten_brought(writer, played):
    user = played("7001", *JOINT)
    writer.write(lambda store: store.people.forget(user)).result()
    played("7002", *JOINT)
    shown = "SELECT count(*) FROM tracks WHERE hidden = 0"
    assert writer.write(lambda store: store.db.execute(shown).fetchone()).result() == (4,)


def test_a_guest_whom_only_the_forgotten_named_is_named_no_longer(writer, played):
    def fill(store):
        artist = store.music.ensure_artist("Radiohead")
        store.music.ensure_track(artist, "Creep", year=1992)
        store.music.ensure_track(artist, "Nude (feat. Thom Quux)", year=2007)

    writer.write(fill).result()
    user = played("7001", ("Radiohead & Zyxoph Quolg", "Creep"), ("Radiohead", "Nude (feat. Thom Quux)"))
    writer.write(lambda store: store.people.forget(user)).result()
    keys = writer.write(lambda store: store.db.execute("SELECT key FROM credits").fetchall()).result()
    assert {key for (key,) in keys} == {"thom quux", "radiohead"}


def test_a_catalogue_keeps_what_turned_out_to_be_a_song_of_the_forgotten(writer, played):
    user = played("7001", ("Zyxoph Quolg", "Alpha Drubwick"))

    def fill(store):
        joint = store.music.ensure_artist("Zyxoph Quolg & Brimvast Lorn")
        store.music.ensure_track(joint, "Alpha Drubwick")
        Credits(store.db).settle()

    writer.write(fill).result()
    writer.write(lambda store: store.people.forget(user)).result()
    found = writer.write(lambda store: Search(store).find("alpha drubwick")).result()
    assert [match.title for match in found][:1] == ["Alpha Drubwick"]


def test_rows_that_are_the_same_as_an_erased_one_go_when_a_database_is_opened(store):
    kept, other = (store.music.ensure_artist(name, listed=False) for name in ("Kraftwerk", "Zyxoph"))
    store.db.execute("UPDATE artists SET hidden = 1, same_as = 4711 WHERE id = ?", (other,))
    nothing_that_turned_out_to_be_an_erased_row(store.db)
    assert list(store.music.artists([kept, other])) == [kept]
    assert Search(store).find("zyxoph") == []


def test_what_only_an_import_brought_goes_when_the_import_is_taken_back(writer, played):
    user = played("7001", *JOINT, ("Kraftwerk", "Autobahn"))
    played("7002", ("Kraftwerk", "Autobahn"))
    writer.write(lambda store: Connections(store.db).remove(user, "made-up")).result()
    names = "SELECT name FROM artists UNION SELECT title FROM tracks"
    rows = writer.write(lambda store: store.db.execute(names).fetchall()).result()
    assert rows == [("Autobahn",), ("Kraftwerk",)]


@pytest.mark.parametrize("how", ["by its last member", "by an administrator"])
def test_an_erased_group_leaves_none_of_the_ids_it_ever_had(store, how):
    ann = store.people.ensure(Account("telegram", "1", "Ann"), now=1)
    groups = [Community("telegram", number, "group", "Friday") for number in ("-771", "-772")]
    ids = [store.people.ensure_community(group) for group in groups]
    store.people.join(ids[0], ann, now=1)
    for old, new in (("-771", "-10077"), ("-772", "-10088")):
        Cards(store.db).move("telegram", old, new)
    if how == "by its last member":
        store.people.forget(ann)
    else:
        Communities(store.db).erase(ids[0])
    moved = store.db.execute("SELECT name, value FROM settings WHERE name LIKE 'moved:%'").fetchall()
    assert moved == [("moved:telegram:-772", "-10088")]
