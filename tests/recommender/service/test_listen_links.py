"""Where songs are heard: the known page, else a search at the service that a user chose."""

import pytest

from recommender.catalog.listen_links import SERVICES, SETTING, address, everywhere
from recommender.types import Song
from storage.records import Subject

CREEP, RADIOHEAD = Song(Subject(1, 1), "Radiohead", "Creep"), Song(Subject(1), "Radiohead")


@pytest.mark.parametrize("service", SERVICES)
def test_a_known_id_wins_over_any_search(service):
    assert address(CREEP, {"deezer": "3135556"}, service) == "https://www.deezer.com/track/3135556"


def test_of_several_pages_the_chosen_services_is_taken():
    ids = {"spotify": "6b2oQwSGFkzsMtQruIWm2p", "apple": "1440"}
    assert address(CREEP, ids) == "https://open.spotify.com/track/6b2oQwSGFkzsMtQruIWm2p"
    assert address(CREEP, ids, "apple") == "https://music.apple.com/us/song/1440"


def test_an_artist_has_pages_where_ids_name_artists():
    assert address(RADIOHEAD, {"youtube": "aaaaaaaaaaa"}) == (
        "https://www.youtube.com/results?search_query=Radiohead"
    )
    assert address(RADIOHEAD, {"deezer": "399"}) == "https://www.deezer.com/artist/399"


def test_an_id_that_is_none_becomes_no_address():
    assert "evil" not in address(CREEP, {"spotify": "x/../evil?"})


def test_a_search_keeps_to_its_length_in_every_script():
    song = Song(Subject(1, 1), "宇多田ヒカル" * 9, "光\ud800\n")
    for service in SERVICES:
        found = address(song, {}, service, longest=150)
        assert found.startswith("https://")
        assert len(found) <= 150
        assert found.isascii()


def test_everywhere_begins_with_the_choice_and_then_what_is_known():
    titles = [title for title, _ in everywhere(CREEP, {"deezer": "1"}, "apple")]
    assert titles == ["Apple Music", "Deezer", "Spotify", "YouTube"]


async def test_the_setting_decides_the_links_of_its_user_alone(music, ann):
    song = await music.names.song((await music.names.complete("rock 0 song 0"))[0].subject)
    await music.communities.set_wish(ann.user_id, SETTING, "spotify")
    links = await music.communities.links((song,), ann.user_id)
    assert links[song.subject]["page"].startswith("https://open.spotify.com/search/rock%200")
    assert "page" not in (await music.communities.links((song,))).get(song.subject, {})
