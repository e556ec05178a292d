"""Names that an older Segue stored are read by the rules of today."""

from storage.catalogue.upkeep import RULES
from storage.records import Event, Kind, Subject
from storage.search.matching import Matcher
from storage.store import Store


def as_before(path):
    """Fill a database as it was when an acute accent parted words and nobody knew of credits."""
    with Store.open(path) as store, store.db.atomic():
        user = store.db.execute("INSERT INTO users (created_at) VALUES (0)").lastrowid
        for number, (artist, key) in enumerate(
            [
                ("Florence + the Machine", "florence the machine"),
                ("Florence and the Machine", "florence and the machine"),
                ("Lil Nas X & Jack Harlow", "lil nas x and jack harlow"),
                ("Lil Nas X", "lil nas x"),
                ("Various Artists", "various artists"),
            ],
            1,
        ):
            store.db.execute("INSERT INTO artists (id, name, key) VALUES (?, ?, ?)", (number, artist, key))
        for number, (artist, title, key) in enumerate(
            [
                (1, "Don\u00b4t", "don t"),
                (2, "Don't", "dont"),
                (3, "Industry", "industry"),
                (4, "Industry", "industry"),
                (5, "Le Freak", "le freak"),
                (4, "Track 01", "track 01"),
            ],
            1,
        ):
            store.db.execute(
                "INSERT INTO tracks (id, artist_id, title, key) VALUES (?, ?, ?, ?)",
                (number, artist, title, key),
            )
            said = Event(f"k{number}", user, Subject(artist, number), Kind.PLAY, at=number, source="test")
            store.log.append(said, now=1)
        store.db.execute("DELETE FROM credits")
        store.db.execute("DELETE FROM settings")


def test_an_older_database_ends_up_as_a_new_one_would(database):
    as_before(database)
    for _ in range(2):  # the second time there is nothing to do
        with Store.open(database) as store:
            shown = store.db.execute(
                "SELECT artist_id, key FROM tracks WHERE hidden = 0 ORDER BY 1, 2"
            ).fetchall()
            assert shown == [(2, "dont"), (4, "industry")]
            heard = store.db.execute("SELECT track_id, count(*) FROM events GROUP BY 1 ORDER BY 1").fetchall()
            assert heard == [(2, 2), (4, 2), (5, 1), (6, 1)]
            assert Matcher(store).track("Florence + The Machine", "Don`t") == Subject(2, 2)
            assert store.people.setting("app", 0, "names") == str(RULES)
