"""Every song of a list on Telegram leads to where it is heard."""

from bot.adapters.telegram.render import render
from bot.adapters.telegram.render.card import Scene
from bot.adapters.telegram.render.slate import picture_of, slate_card
from bot.replies import Button, Done
from recommender.types import Explanation, Pick, Query, ServedSlate, Song
from storage.records import Subject

CREEP, ANON = Song(Subject(1, 1), "Radiohead", "Creep"), Song(Subject(2, 2), "A & B", "X")
SLATE = ServedSlate(
    7, Query(1), tuple(Pick(n, song, Explanation("start")) for n, song in enumerate((CREEP, ANON)))
)


def test_a_known_id_is_a_page_and_any_other_song_a_search():
    card = slate_card(SLATE, "<b>For you</b>", Scene({CREEP.subject: {"deezer": "3135556"}}))
    assert '<a href="https://www.deezer.com/track/3135556"><b>Creep</b></a>' in card.text
    assert "https://www.youtube.com/results?search_query=A%20%26%20B%20-%20X" in card.text
    assert card.cover == "https://www.deezer.com/track/3135556"


def test_a_song_of_a_store_has_a_button_for_thirty_seconds():
    rows = slate_card(SLATE, "<b>For you</b>", Scene({CREEP.subject: {"apple": "1"}})).rows
    assert [key.callback_data for key in rows[0]][-1] == "do:hear:a1t1"
    assert not any(str(key.callback_data).startswith("do:hear") for key in rows[1])


def test_the_page_that_the_user_chose_wins():
    chosen = {CREEP.subject: {"spotify": "6b2oQwSGFkzsMtQruIWm2p", "page": "https://www.deezer.com/search/x"}}
    assert 'href="https://www.deezer.com/search/x"' in slate_card(SLATE, "x", Scene(chosen)).text


def test_a_search_is_no_picture():
    assert picture_of(CREEP, {}) is None
    assert (
        picture_of(CREEP, {CREEP.subject: {"cover": "https://x.example/c.jpg"}}) == "https://x.example/c.jpg"
    )


def test_an_answer_with_a_sound_is_sent_as_one_with_its_links():
    buttons = (Button("Deezer", url="https://www.deezer.com/track/1"), Button("Undo", "run:undo"))
    (card,) = render(Done("🎧 Creep", CREEP, buttons, "https://x.dzcdn.net/1.mp3"))
    assert (card.sample.url, card.sample.artist, card.sample.title) == (
        "https://x.dzcdn.net/1.mp3",
        "Radiohead",
        "Creep",
    )
    (row,) = card.rows
    assert [(key.url, key.callback_data) for key in row] == [
        ("https://www.deezer.com/track/1", None),
        (None, "run:undo"),
    ]
