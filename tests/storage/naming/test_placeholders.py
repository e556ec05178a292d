"""A name that names nobody is told from one that does."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.naming import placeholders
from storage.naming.placeholders import names_no_song, names_nobody
from storage.store import Store


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(placeholders).failed == 0


@pytest.mark.parametrize(
    "name",
    [
        "Various Artists",
        "VARIOUS ARTISTS",
        "Various",
        "V.A.",
        "VA",
        "Unknown Artist",
        "[unknown]",
        "<unknown>",
        "Unknown",
        "N/A",
        "Unknown Artist 3",
        "Verschiedene Interpreten",
        "Unbekannter Künstler",
        "Varios Artistas",
        "Artista desconocido",
        "Artistes variés",
        "Artiste inconnu",
        "Artisti Vari",
        "AA.VV.",
        "Vários Artistas",
        "Diverse artiesten",
        "Eri esittäjiä",
        "Różni wykonawcy",
        "Неизвестный исполнитель",
        "群星",
        "不明なアーティスト",
        "Çeşitli Sanatç\u0131lar",
        "unknown album",
    ],
)
def test_such_artists_are_nobody(name):
    assert names_nobody(name)


@pytest.mark.parametrize(
    "name",
    ["Unknown Mortal Orchestra", "Various Production", "Unknown T", "Artist vs Poet", "Nobody's Girl", "!!!"],
)
def test_such_artists_are_somebody(name):
    assert not names_nobody(name)


@pytest.mark.parametrize(
    "title",
    [
        "Track 01",
        "Track 1",
        "track01",
        "01 Track",
        "Audio Track 12",
        "Track 1-03",
        "Titel 3",
        "Piste 1",
        "Pista 4",
        "Traccia 05",
        "Faixa 2",
        "Spår 7",
        "Трек 1",
        "トラック 1",
        "트랙 3",
        "Untitled",
        "[untitled]",
        "Untitled 7",
        "Ohne Titel",
        "Sans titre",
        "Sin título",
        "Senza titolo",
        "Unknown Title",
        "N/A",
        "Без названия",
        "無題",
    ],
)
def test_such_titles_are_no_song(title):
    assert names_no_song(title)


@pytest.mark.parametrize(
    "title",
    [
        "Track of My Tears",
        "Tracks of My Tears",
        "Untitled (How Does It Feel)",
        "1979",
        "7",
        "Silence",
        "Pista de Baile",
        "Titelverteidiger",
        "Unknown Pleasures",
    ],
)
def test_such_titles_are_songs(title):
    assert not names_no_song(title)


@given(st.text(max_size=40))
def test_any_name_is_judged(name):
    assert names_nobody(name) in (True, False)
    assert names_no_song(name) in (True, False)


def test_nobody_is_neither_found_nor_counted(database):
    with Store.open(database) as store:
        nobody, band = (store.music.ensure_artist(name) for name in ("Various Artists", "Band"))
        for artist, title in ((nobody, "Le Freak"), (band, "Track 01"), (band, "Song")):
            store.music.ensure_track(artist, title)
        counts = store.music.counts()
        assert (counts["artists"], counts["tracks"]) == (1, 1)
        assert list(store.music.all_artist_ids()) == [band]
        assert [track.title for track in store.music.tracks_of(band, 5)] == ["Song"]
        assert store.music.artist(nobody).name == "Various Artists"
