from collections import Counter
from pathlib import Path

import pytest

from storage.imports import ImportFormatError, RelatedRow, open_reader
from storage.naming.text import fold

BUNDLED = Path(__file__).parents[3] / "bot" / "data"
HEADER = "artist,fame,also,related"
LEAST, MOST = 8, 12  # related artists of each
NAMED_BY_OTHERS = 0.9


@pytest.fixture(scope="module")
def bundled():
    """Return the bundled related artists: rows, and the keys of all artists of the catalogue."""
    rows = list(open_reader("related", BUNDLED / "related.csv").rows())
    songs = open_reader("starter", BUNDLED / "starter.csv").rows()
    return rows, {fold(song.artist): song.artist for song in songs}


def test_a_line_is_an_artist_with_fame_other_names_and_related_artists(read):
    rows = read("related", f'{HEADER}\n2Pac,5,Tupac;Makaveli,"Earth, Wind & Fire;Nas"\n')
    also, related = ("Tupac", "Makaveli"), ("Earth, Wind & Fire", "Nas")
    assert rows == [RelatedRow(2, "2Pac", 5, also, related)]


def test_a_line_that_contradicts_itself_is_skipped(read, reasons):
    lines = ["a,6,,b", "a,,,b", "a,3,,b;B", "a,3,b;b,c", "a,3,,b;A", ",3,,b"]
    assert reasons(read("related", "\n".join([HEADER, *lines]))) == [
        (2, "fame that is no number from 1 to 5"),
        (3, "fame that is no number from 1 to 5"),
        (4, "an empty name, or one that comes twice"),
        (5, "an empty name, or one that comes twice"),
        (6, "an artist beside its own name"),
        (7, "no artist"),
    ]


def test_another_table_is_refused(write):
    with pytest.raises(ImportFormatError, match="its first line should be artist,fame,also,related"):
        open_reader("related", write("artist,title\na,b\n"))


def test_every_bundled_artist_stands_there_once_in_the_order_of_names(bundled):
    rows, artists = bundled
    assert {type(row) for row in rows} == {RelatedRow}
    keys = [fold(row.artist) for row in rows]
    assert keys == sorted(artists)
    assert [row.artist for row in rows if row.artist != artists[fold(row.artist)]] == []


def test_related_artists_are_bundled_themselves_and_spelt_as_there(bundled):
    rows, artists = bundled
    strange = {name for row in rows for name in row.related if artists.get(fold(name)) != name}
    assert strange == set()


def test_every_bundled_artist_has_enough_related_ones(bundled):
    rows, _ = bundled
    assert {row.artist: row.related for row in rows if not LEAST <= len(row.related) <= MOST} == {}


def test_most_bundled_artists_are_named_by_somebody_else(bundled):
    rows, artists = bundled
    named = {fold(name) for row in rows for name in row.related}
    assert len(named) >= NAMED_BY_OTHERS * len(artists)


def test_no_other_name_is_another_artist_or_stands_for_two(bundled):
    rows, artists = bundled
    also = Counter(fold(name) for row in rows for name in row.also)
    assert [name for name, count in also.items() if count > 1 or name in artists] == []


def test_the_catalogue_holds_what_the_world_listens_to(bundled):
    rows, artists = bundled
    assert len(rows) >= 1_500
    assert {"johann sebastian bach", "wolfgang amadeus mozart", "frederic chopin"} <= set(artists)
    assert {row.fame for row in rows} == {1, 2, 3, 4, 5}
    names = {fold(name) for row in rows for name in (row.artist, *row.also)}
    assert {fold(name) for name in ("宇多田ヒカル", "米津玄師", "坂本龍一", "Jorge Ben", "tupac")} <= names
