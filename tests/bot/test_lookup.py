"""Naming songs that the catalogue does not know, and hearing songs, in a conversation."""

import pytest
from catalogues_server import Known, serve_catalogues
from json_server import Answer

from bot.handlers.privacy import PRIVACY
from bot.settings import Settings
from recommender.catalog.lookup import Lookup

MOON = Known(1, "Grethe Unheard", "Moonless Ferry")
LANTERNS = [Known(10, "Osk Villum", "Lanternfjord"), Known(11, "Peri Maddox", "Lanternfjord")]
FOUR = ("listenbrainz", "musicbrainz", "deezer", "itunes")


@pytest.fixture
def there(monkeypatch):
    with serve_catalogues() as server:
        server.songs = [MOON, *LANTERNS]
        monkeypatch.setenv("SEGUE_LOOKUP", ",".join(FOUR))
        monkeypatch.setenv("MUSICBRAINZ_CONTACT", "ann@example.org")
        monkeypatch.setenv("SEGUE_ENRICH", "false")
        for name in ("LISTENBRAINZ_API", "MUSICBRAINZ_API", "DEEZER_API", "ITUNES_API", "YOUTUBE_OEMBED"):
            service = name.partition("_")[0].casefold()
            monkeypatch.setenv(f"{name}_BASE", f"{server.base}/{service}")
        # A busy machine is no slow service.
        monkeypatch.setattr(Lookup.__init__, "__kwdefaults__", {"patience": 30.0, "head_start": 10.0})
        yield server


@pytest.mark.usefixtures("there")
def test_a_song_that_nobody_here_knows_is_found_taken_and_heard(talk):
    liked, again, asked, chosen, heard, youtube = talk(
        "/like grethe unheard - moonless ferry",
        "/like moonless ferry",
        "/like lanternfjord",
        "2",
        "/hear osk villum - lanternfjord",
        "/like https://www.youtube.com/watch?v=zzzzzzzzzzz",
    )
    assert liked.startswith("Found at ListenBrainz. 👍 Noted: you like Moonless Ferry by Grethe Unheard.")
    assert again.startswith("You already like Moonless Ferry by Grethe Unheard.")
    assert asked.startswith('Found at Deezer. Which one is "lanternfjord"?')
    assert [line.strip() for line in asked.splitlines()[1:3]] == [
        "1 Osk Villum - Lanternfjord",
        "2 Peri Maddox - Lanternfjord",
    ]
    assert chosen.startswith("Found at Deezer. 👍 Noted: you like Lanternfjord by Peri Maddox.")
    assert heard.splitlines()[0] == "🎧 Found at ListenBrainz. Lanternfjord by Osk Villum"
    assert "30 seconds: https://cdnt-preview.dzcdn.net/" in heard
    assert "Whole song: Deezer: https://www.deezer.com/track/10" in heard
    assert "YouTube: https://www.youtube.com/results?search_query=Osk%20Villum%20-%20Lanternfjord" in heard
    assert youtube.startswith("I do not know the song behind that YouTube link.")


@pytest.mark.usefixtures("there")
def test_of_three_artists_named_at_once_the_unknown_one_is_looked_up(talk):
    (answer,) = talk("queen, grethe unheard, abba")
    assert "👍 Noted: Queen, ABBA and Grethe Unheard. Found at MusicBrainz." in answer
    assert answer.count("https://") >= 5  # the first list, with where to hear it


def test_where_nobody_knows_it_or_answers_one_sentence_says_so(talk, there):
    (nothing,) = talk("/like qqqqq zzzzz - wwwww vvvvv")
    said = "Nothing with that name at ListenBrainz, MusicBrainz, Deezer and Apple either."
    assert said in nothing
    assert "Teach me with /add Artist - Title." in nothing
    there.wrong = dict.fromkeys(FOUR, Answer({"error": "down"}, 503))
    (silent,) = talk("/like grethe unheard - moonless ferry")
    said = "no answer from ListenBrainz, MusicBrainz, Deezer and Apple right now."
    assert f"I could not look any further: {said}" in silent


def test_every_song_of_a_list_has_its_address_by_the_persons_choice(talk):
    first, told, second, shown, wrong = talk(
        "/recommend 2", "/settings links deezer", "/recommend 2", "/settings", "/settings links napster"
    )
    assert first.count("https://www.youtube.com/results?search_query=") == 2
    assert told == "Links to songs lead to Deezer from the next list on."
    assert second.count("https://www.deezer.com/search/") == 2
    assert "Links to songs: Deezer." in shown
    assert wrong.startswith("Say which service: spotify, youtube, deezer, apple, any.")


def test_privacy_names_every_service_that_is_asked():
    assert all(name in PRIVACY for name in ("ListenBrainz", "MusicBrainz", "Deezer", "Apple", "Spotify"))


@pytest.mark.parametrize("value", ["off", "deezer", "itunes,deezer"])
def test_each_service_can_be_switched_off(monkeypatch, value):
    monkeypatch.setenv("SEGUE_LOOKUP", value)
    assert Settings(_env_file=None).lookup == value


def test_a_service_that_there_is_none_of_is_refused(monkeypatch):
    monkeypatch.setenv("SEGUE_LOOKUP", "deezer,napster")
    with pytest.raises(ValueError, match="lookup"):
        Settings(_env_file=None)


def test_in_a_terminal_a_song_is_told_from_a_file_to_hear(talk):
    _, by_number, by_name, missing = talk(
        "/recommend 2", "/hear 1", "/hear ac/dc - thunderstruck", "/hear ~/nothing-here.mp3"
    )
    assert by_number.startswith("🎧 Hey Jude by The Beatles")
    assert by_name.startswith("🎧 Thunderstruck by AC/DC")
    assert "🎧" not in missing
