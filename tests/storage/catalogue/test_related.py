import pytest

from storage.catalogue.related import BUNDLED, RelatedArtists
from storage.errors import InvalidFactError
from storage.search import Search


@pytest.fixture
def known(store):
    return RelatedArtists(store.db)


@pytest.fixture
def artists(store):
    """Return the ids of four artists."""
    return [store.music.ensure_artist(name) for name in ("2Pac", "Nas", "Dr. Dre", "宇多田ヒカル")]


def test_related_artists_come_best_first_and_without_the_artist(known, artists):
    pac, nas, dre, _ = artists
    assert known.relate(pac, BUNDLED, [dre, nas, pac, dre])
    assert known.of(pac) == [(dre, "Dr. Dre"), (nas, "Nas")]
    assert list(known.rows()) == [(pac, nas, 1), (pac, dre, 0)]


def test_what_a_source_says_again_replaces_what_it_said(known, artists):
    pac, nas, dre, _ = artists
    known.relate(pac, BUNDLED, [nas, dre])
    assert not known.relate(pac, BUNDLED, [nas, dre])
    assert known.relate(pac, BUNDLED, [dre])
    assert known.of(pac) == [(dre, "Dr. Dre")]


def test_sources_are_kept_apart_and_the_best_place_counts(known, artists):
    pac, nas, dre, utada = artists
    known.relate(pac, "listenbrainz", [utada, nas])
    known.relate(pac, BUNDLED, [nas, dre])
    assert [name for _, name in known.of(pac)] == ["Nas", "Dr. Dre", "宇多田ヒカル", "Nas"]
    assert list(known.rows()) == [(pac, nas, 0), (pac, dre, 1), (pac, utada, 0)]


def test_fame_is_a_class_and_the_highest_counts(known, artists):
    known.set_fame(artists[0], BUNDLED, 3)
    known.set_fame(artists[0], "listenbrainz", 5)
    known.set_fame(artists[0], BUNDLED, 2)
    assert list(known.fame_rows()) == [(artists[0], 5)]
    with pytest.raises(InvalidFactError, match="Fame is a number from 1 to 5, not 6"):
        known.set_fame(artists[0], BUNDLED, 6)


def test_an_artist_is_found_by_another_name_as_by_the_own(store, known, artists):
    known.add_alias(artists[0], "Tupac")
    known.add_alias(artists[0], "Tupac Shakur")
    known.add_alias(artists[3], "Utada Hikaru")
    store.music.ensure_track(artists[0], "California Love")
    search = Search(store)
    for typed in ("tupac", "TUPAC", "tupac shakur", "tupak"):
        assert search.find(typed)[0].artist == "2Pac", typed
    assert search.find("tupac")[0].exact
    assert search.find("hikaru utada")[0].artist == "宇多田ヒカル"
    assert search.find("tupac california love")[0].title == "California Love"


def test_a_name_of_another_artist_is_no_alias(known, artists):
    assert not known.add_alias(artists[0], "Nas")
    assert known.add_alias(artists[0], "Makaveli")
    assert not known.add_alias(artists[1], "makaveli")
    assert known.named(["nas", "makaveli", "nobody"]) == {"nas": artists[1], "makaveli": artists[0]}
