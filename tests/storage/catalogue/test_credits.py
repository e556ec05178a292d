"""One song has one artist, whichever credit of it came in first."""

from itertools import count, islice, permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.imports import ListenRow, TrackRow
from storage.ingest.importer import fill_starter, run_import
from storage.naming.credit_names import leading, names_in, without_company, without_guests
from storage.search.matching import Matcher
from storage.store import Store
from storage.writer import Writer

FILES = count()
STARTER = Path(__file__).parents[3] / "bot" / "data" / "starter.csv"


class Rows:
    """Plays of (artist, title), or whole rows, as an import yields them."""

    source = platform = "made-up"

    def __init__(self, *names):
        self._names = names

    def rows(self):
        for line, one in enumerate(self._names, 1):
            yield one if isinstance(one, TrackRow) else ListenRow(line, "ann", *one, plays=line)

    def progress(self):
        return 1.0

    def digest(self):
        return "rows"


def catalogue(store):
    """Return every song that may be shown as (artist, title), and how many rows of plays each has."""
    return {
        tuple(row[:2]): row[2]
        for row in store.db.execute(
            "SELECT artists.key, tracks.key, (SELECT count(*) FROM events WHERE track_id = tracks.id)"
            " FROM tracks JOIN artists ON artists.id = tracks.artist_id WHERE tracks.hidden = 0"
        )
    }


def imported(folder, *imports, starter=False):
    path = folder / f"{next(FILES)}.db"
    with Writer(path) as writer:
        if starter:
            fill_starter(writer, STARTER)
        for names in imports:
            run_import(writer, Rows(*names))
        return writer.write(catalogue).result()


@pytest.mark.parametrize(
    ("names", "right"),
    [
        (
            [("Lil Nas X", "INDUSTRY BABY"), ("Lil Nas X & Jack Harlow", "INDUSTRY BABY")],
            {("lil nas x", "industry baby"): 2},
        ),
        (
            [
                ("Tyler, The Creator", "See You Again"),
                ("Tyler, The Creator & Kali Uchis", "See You Again"),
                ("Tyler, The Creator", "See You Again (feat. Kali Uchis)"),
                ("Kali Uchis & Tyler, The Creator", "See You Again"),
            ],
            {("tyler the creator", "see you again"): 4},
        ),
        (
            [("Earth, Wind & Fire, The Emotions", "Boogie Nights"), ("Earth, Wind & Fire", "September")],
            {("earth wind and fire", "boogie nights"): 1, ("earth wind and fire", "september"): 1},
        ),
        (
            [
                ("Florence + The Machine", "One"),
                ("Florence and The Machine", "One"),
                ("Florence & the Machine", "Two"),
            ],
            {("florence and the machine", "one"): 2, ("florence and the machine", "two"): 1},
        ),
        (
            [
                ("Beyonc\u00e9 feat. JAY-Z", "Crazy in Love"),
                ("JAY-Z", "Crazy in Love"),
                ("Jay-Z; Beyonce", "Crazy in Love"),
            ],
            {("beyonce", "crazy in love"): 3},
        ),
        (
            [
                ("Drake & Future", "Life Is Good"),
                ("Future, Drake", "Life Is Good"),
                ("Drake x Future", "Jumpman"),
            ],
            {("drake and future", "life is good"): 2, ("drake and future", "jumpman"): 1},
        ),
        (
            [("Ann Lee & Bob Ray", "Duet"), ("Ann Lee", "Alone"), ("Bob Ray", "Lonely")],
            {("ann lee", "duet"): 1, ("ann lee", "alone"): 1, ("bob ray", "lonely"): 1},
        ),
        (
            [
                ("10 Ft. Ganja Plant", "Chalice"),
                ("10", "Chalice"),
                ("PJ Harvey", "50 Ft. Queenie"),
                ("PJ Harvey", "50"),
            ],
            {
                ("10 ft ganja plant", "chalice"): 1,
                ("10", "chalice"): 1,
                ("pj harvey", "50 ft queenie"): 1,
                ("pj harvey", "50"): 1,
            },
        ),
        (
            [("Testband", "Stay (with Me)"), ("Testband", "Stay"), ("Testband", "Alone (with You)")],
            {("testband", "stay with me"): 1, ("testband", "stay"): 1, ("testband", "alone with you"): 1},
        ),
        (
            [
                ("Ed Sheeran", "I Don't Care (with Justin Bieber)"),
                ("Ed Sheeran", "I Don't Care"),
                ("Justin Bieber", "Sorry"),
            ],
            {("ed sheeran", "i dont care"): 2, ("justin bieber", "sorry"): 1},
        ),
        (
            [("Ashanti", "Foolish"), ("Ashanti", "Unfoolish"), ("Ashanti", "Foollish")],
            {("ashanti", "foolish"): 1, ("ashanti", "unfoolish"): 1, ("ashanti", "foollish"): 1},
        ),
        (
            [
                ("Nick Cave & The Bad Seeds", "Tupelo"),
                ("Nick Cave", "Idiot Prayer"),
                ("The Bad Seeds", "Nothing"),
            ],
            {
                ("nick cave and the bad seeds", "tupelo"): 1,
                ("nick cave", "idiot prayer"): 1,
                ("the bad seeds", "nothing"): 1,
            },
        ),
        (
            [("Drake & Future", "Intro"), ("Drake", "Intro"), ("Future", "Intro")],
            {("drake and future", "intro"): 1, ("drake", "intro"): 1, ("future", "intro"): 1},
        ),
        (
            [
                ("Somebody", "Heroes - 2017 Remaster"),
                ("Somebody", "Heroes"),
                ("Somebody", "Heroes (feat. Nobody Else)"),
            ],
            {("somebody", "heroes"): 3},
        ),
    ],
)
def test_the_catalogue_is_the_same_whatever_came_in_first(tmp_path, names, right):
    for order in [names, names[::-1], *islice(permutations(names[1:] + names[:1]), 4)]:
        assert imported(tmp_path, order) == right
        assert imported(tmp_path, *[[name] for name in order]) == right


def test_songs_the_catalogue_knows_are_found_under_any_credit(tmp_path):
    names = [
        ("Florence and The Machine", "Dog Days Are Over"),
        ("JAY-Z; Beyonc\u00e9", "Crazy in Love"),
        ("JAY-Z & Beyonce", "Crazy in Love"),
        ("Queen", "Don\u00b4t Stop Me Now"),
        ("Earth, Wind & Fire, The Emotions", "September"),
        ("Bob Marley", "No Woman, No Cry"),
    ]
    before = imported(tmp_path, starter=True)
    assert imported(tmp_path, names, starter=True).keys() == before.keys()


NAMES = st.sampled_from(["Ann Lee", "Bob Ray", "Cy", "Dee, The Dog", "Earl & Fay"])
TITLES = st.sampled_from(
    ["Song", "Song (feat. Bob Ray)", "Song (with Ann Lee)", "Tune", "Tune - 2011 Remaster"]
)
# A credit names each artist once.
PAIRS = st.permutations(["Ann Lee", "Bob Ray", "Cy", "Dee, The Dog", "Earl & Fay"]).map(
    lambda names: names[:2]
)
JOINED = st.tuples(PAIRS, st.sampled_from([" & ", ", ", " x ", " feat. ", "; "])).map(
    lambda pair: pair[1].join(pair[0])
)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(NAMES | JOINED, TITLES), min_size=2, max_size=7, unique=True), st.randoms())
def test_any_plays_in_any_order_make_the_same_catalogue(tmp_path, names, rng):
    first = imported(tmp_path, names)
    mixed = rng.sample(names, len(names))
    cut = rng.randrange(len(names) + 1)
    assert imported(tmp_path, mixed) == first
    assert imported(tmp_path, mixed[:cut], mixed[cut:]) == first


def test_two_lengths_are_two_recordings(tmp_path):
    def lengths(first, second):
        return [
            TrackRow(1, "Ann Lee & Bob Ray", "Duet", duration_ms=first),
            TrackRow(2, "Ann Lee", "Duet", duration_ms=second),
        ]

    assert len(imported(tmp_path, lengths(164_000, 166_000))) == 1
    assert len(imported(tmp_path, lengths(164_000, 227_000))) == 2


def test_what_turned_out_to_be_another_song_takes_its_plays_likes_and_facts_along(database):
    with Writer(database) as writer:
        run_import(writer, Rows(("Lil Nas X & Jack Harlow", "INDUSTRY BABY")))
        old = writer.write(
            lambda store: Matcher(store).track("Lil Nas X & Jack Harlow", "INDUSTRY BABY")
        ).result()
        writer.write(
            lambda store: (
                store.music.add_track_id(old.track_id, "isrc", "USSM12104539"),
                store.music.tag_track(old.track_id, store.music.ensure_tag("rap"), "test", 1.0),
            )
        ).result()
        report = run_import(writer, Rows(("Lil Nas X", "INDUSTRY BABY")))
    assert (report.new["artists"], report.new["tracks"]) == (1, 1)
    with Store.open(database) as store:
        new = Matcher(store).track("Lil Nas X", "INDUSTRY BABY")
        assert new != old
        assert Matcher(store).track("Lil Nas X & Jack Harlow", "INDUSTRY BABY") == new
        assert store.music.by_external_id("isrc", "USSM12104539") == new
        assert store.music.tags_of(new) == ["rap"]
        events = store.db.execute("SELECT DISTINCT artist_id, track_id FROM events").fetchall()
        assert events == [tuple(new)]
        assert store.music.track(old.track_id).title == "INDUSTRY BABY"  # an old card still names it


def test_importing_again_changes_nothing(tmp_path):
    names = [
        ("A Band & B Band", "One"),
        ("A Band", "One"),
        ("B Band", "Two"),
        ("A Band", "Two (feat. B Band)"),
    ]
    assert imported(tmp_path, names, names, names[::-1]).keys() == imported(tmp_path, names).keys()


@pytest.mark.parametrize(
    ("credit", "lead", "guests"),
    [
        ("Eminem feat. Dido", "Eminem", ("Dido",)),
        ("Eminem (ft. Dido)", "Eminem", ("Dido",)),
        ("JAY-Z; Beyonc\u00e9", "JAY-Z", ("Beyonc\u00e9",)),
        ("Earth, Wind & Fire", "Earth, Wind & Fire", ()),
        ("10 Ft. Ganja Plant", "10 Ft. Ganja Plant", ()),
        ("Maroon 5 ft. Cardi B", "Maroon 5", ("Cardi B",)),
        ("Little Feat", "Little Feat", ()),
        ("Little Feat & Bonnie Raitt", "Little Feat & Bonnie Raitt", ()),
    ],
)
def test_only_words_that_cannot_mean_anything_else_name_a_guest(credit, lead, guests):
    assert leading(credit) == (lead, guests)


def test_a_title_keeps_what_is_no_guest():
    assert without_guests("Umbrella (feat. JAY-Z) - Live") == ("Umbrella - Live", ("JAY-Z",))
    assert without_guests("A Great Feat of Strength").main == "A Great Feat of Strength"
    assert without_company("Stay (with Me)") == ("Stay", ("Me",))
    assert without_company("With or Without You") == ("With or Without You", ())


def test_the_x_of_a_name_parts_nothing():
    assert names_in("Lil Nas X & Jack Harlow")[:2] == ("lil nas x", "jack harlow")
    assert names_in("Malcolm X") == names_in("X") == names_in("Beatles, The") == ()


@given(st.text(max_size=80))
def test_any_text_has_credits(text):
    assert isinstance(names_in(text), tuple)
    assert leading(text).main or not text
    assert without_company(text).main or not text
