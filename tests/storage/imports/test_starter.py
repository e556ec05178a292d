from collections import Counter
from pathlib import Path

import pytest

from storage.imports import ImportFormatError, Tag, TrackRow, open_reader
from storage.imports.starter import GENRES, MOODS
from storage.naming.text import fold

CATALOGUE = Path(__file__).parents[3] / "bot" / "data" / "starter.csv"
HEADER = "artist,title,year,country,genres,moods"


def test_a_line_is_a_song_with_its_tags_the_most_fitting_first(read):
    rows = read("starter", f'{HEADER}\nABBA,"Knowing Me, Knowing You",1976,SE,pop;disco,heartbroken\n')
    tags = (Tag("pop", "genre", 1.0), Tag("disco", "genre", 0.75), Tag("heartbroken", "mood", 1.0))
    assert rows == [TrackRow(2, "ABBA", "Knowing Me, Knowing You", country="SE", year=1976, tags=tags)]


def test_what_is_outside_the_lists_is_skipped(read, reasons):
    lines = ["a,b,1980,SE,polka,sad", "a,b,1980,SE,pop,", "a,b,1880,SE,pop,sad", "a,b,1980,Sweden,pop,sad"]
    lines += ["a,b,1980,SE,pop;pop,sad", "a,b,1980,SE,pop;rock;folk;jazz,sad", ",b,1980,SE,pop,sad"]
    assert reasons(read("starter", "\n".join([HEADER, *lines]))) == [
        (2, "other than one to three known genres"),
        (3, "other than one to three known moods"),
        (4, "year in which nothing was recorded"),
        (5, "country that is no ISO 3166 alpha-2 code"),
        (6, "other than one to three known genres"),
        (7, "other than one to three known genres"),
        (8, "no artist or no title"),
    ]


def test_another_table_is_refused(write):
    with pytest.raises(
        ImportFormatError, match="its first line should be artist,title,year,country,genres,moods"
    ):
        open_reader("starter", write("artist,title\na,b\n"))


def test_the_bundled_catalogue_is_sound(read):
    rows = read("starter", CATALOGUE)
    assert {type(row) for row in rows} == {TrackRow}
    assert len(rows) >= 1_000
    twice = Counter((fold(row.artist), fold(row.title)) for row in rows)
    assert [song for song, count in twice.items() if count > 1] == []
    assert len({row.country for row in rows}) >= 15
    assert min(row.year for row in rows) <= 1959
    assert max(row.year for row in rows) >= 2020


def test_an_artist_of_the_catalogue_comes_from_one_country_and_is_spelt_in_one_way(read):
    countries, spellings = {}, {}
    for row in read("starter", CATALOGUE):
        countries.setdefault(fold(row.artist), set()).add(row.country)
        spellings.setdefault(fold(row.artist), set()).add(row.artist)
    assert {artist: found for artist, found in countries.items() if len(found) > 1} == {}
    assert {artist: found for artist, found in spellings.items() if len(found) > 1} == {}


def test_the_catalogue_uses_its_genres_and_moods(read):
    used = Counter(tag.name for row in read("starter", CATALOGUE) for tag in row.tags)
    assert len(GENRES & used.keys()) >= 25
    assert used.keys() >= MOODS
