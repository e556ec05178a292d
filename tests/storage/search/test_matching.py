"""Names from outside find the song they mean, and no other."""

import csv
import doctest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation.matching import measure
from storage.catalogue.related import RelatedArtists
from storage.imports import ListenRow
from storage.ingest.importer import run_import
from storage.naming import credit_names, wording
from storage.naming.wording import artist_keys, is_misspelt, latin, recording, slip
from storage.search.matching import Matcher
from storage.store import Store
from storage.writer import Writer

DATA = Path(__file__).parents[3] / "bot" / "data"


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Heroes - 2017 Remaster", "heroes"),
        ("Heroes (Remastered 2017) [feat. Somebody]", "heroes"),
        ("Run - 2015 - Remaster", "run"),
        ("Heroes - Live", "heroes live"),
        ("Song (Somebody Remix)", "song somebody remix"),
        ("Nothing (With You)", "nothing with you"),
        ("Stay (with Me)", "stay with me"),
        ("50 Ft. Queenie", "50 ft queenie"),
        ("Remaster", "remaster"),
        ("Mono", "mono"),
        ("1999", "1999"),
    ],
)
def test_only_what_is_no_part_of_the_recording_goes(title, key):
    assert recording(title) == key


def test_other_spellings_of_an_artist_are_tried():
    assert "the beatles" in artist_keys("Beatles, The")
    assert "eminem" in artist_keys("Eminem feat. Dido")
    assert "glen hansard and marketa irglova" in artist_keys("Glen Hansard, Markéta Irglová")
    assert latin("группа крови") == "gruppa krovi"


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(wording).failed == doctest.testmod(credit_names).failed == 0


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("foolish", "unfoolish"),
        ("stranger", "strangers"),
        ("falling", "calling"),
        ("changes", "chances"),
        ("hoping", "hopping"),
        ("angel", "angle"),
        ("starring", "staring"),
        ("resolution", "revolution"),
        ("united", "untied"),
        ("tonight", "twonight"),
        ("stronger", "stranger"),
        ("desert", "dessert"),
        ("immorality", "immortality"),
        ("generation", "veneration"),
        ("believe", "belief"),
    ],
)
def test_words_that_differ_by_a_letter_are_two_titles(title, other):
    assert slip(title, other) is slip(other, title) is None


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("hyperballad", "hyperbalad"),
        ("lisztomania", "lizstomania"),
        ("mercedes benz", "mercedez benz"),
        ("rubycon part i", "rubicon part i"),
        ("fluorescent adolescent", "flourescent adolescent"),
    ],
)
def test_what_can_hardly_be_a_word_is_a_slip(title, other):
    assert slip(title, other)
    assert slip(other, title)


def test_misspelt_is_what_differs_by_letters_alone():
    assert is_misspelt("hyperbalad", "hyperballad")
    assert not is_misspelt("symphony no 5", "symphony no 6")
    assert not is_misspelt("rubycon part i", "rubycon part ii")
    assert not is_misspelt("love", "live")
    assert not is_misspelt("strangers", "stranger")
    assert not is_misspelt("hello again", "hello")


@given(st.text(max_size=60))
def test_any_text_has_a_wording(text):
    assert isinstance(recording(text), str)
    assert all(artist_keys(text) or [text])


def test_the_labelled_names_are_matched_rightly_and_mostly():
    figures = measure(DATA / "starter.csv", DATA / "matching.csv")
    assert figures["all"]["precision"] == 1.0
    assert figures["all"]["recall"] >= 0.93
    assert figures["other names"]["recall"] == 1.0
    assert figures["all"]["names"] >= 400
    with (DATA / "matching.csv").open(encoding="utf-8") as file:
        assert figures["all"]["names"] == len(list(csv.DictReader(file)))


class Rows:
    source = platform = "made-up"

    def __init__(self, *names):
        self._names = names

    def rows(self):
        for line, (artist, title) in enumerate(self._names, 1):
            yield ListenRow(line, "ann", artist, title, 1_600_000_000 + 1_000 * line)

    def progress(self):
        return 1.0

    def digest(self):
        return "rows"


def test_an_import_adds_no_song_that_is_there_under_another_wording(database):
    names = [
        ("ABBA", "SOS"),
        ("ABBA", "SOS - Remastered 2001"),
        ("abba feat. Cher", "S.O.S."),
        ("ABBA", "SOS (Live)"),
    ]
    with Writer(database) as writer:
        report = run_import(writer, Rows(*names))
        assert (report.new["artists"], report.new["tracks"], report.new["listens"]) == (1, 3, 4)
        again = run_import(writer, Rows(*names))
    assert (again.kept, again.new["tracks"]) == (0, 0)


def test_an_isrc_decides_before_names(database):
    with Store.open(database) as store:
        track = store.music.ensure_track(store.music.ensure_artist("ABBA"), "SOS")
        store.music.add_track_id(track, "isrc", "SEAYD7501010")
        found = Matcher(store).track("Abba (SE)", "S.O.S", (("isrc", "SEAYD7501010"),))
    assert found is not None
    assert found.track_id == track


def test_songs_under_another_name_are_the_artists_and_those_of_a_member_are_not(database):
    def fill(store):
        for artist, song, other in (
            ("2Pac", "Dear Mama", "Tupac"),
            ("Eric B. & Rakim", "Paid in Full", "Rakim"),
        ):
            artist_id = store.music.ensure_artist(artist)
            store.music.ensure_track(artist_id, song, year=1995)
            RelatedArtists(store.db).add_alias(artist_id, other)

    with Writer(database) as writer:
        writer.write(fill).result()
        run_import(
            writer, Rows(("Tupac", "Dear Mama"), ("TUPAC", "Hit 'Em Up"), ("Rakim", "Guess Who's Back"))
        )
        sql = "SELECT name, title FROM tracks JOIN artists ON artists.id = artist_id ORDER BY tracks.id"
        rows = writer.write(lambda store: store.db.execute(sql).fetchall()).result()
    assert rows[2:] == [("2Pac", "Hit 'Em Up"), ("Rakim", "Guess Who's Back")]
