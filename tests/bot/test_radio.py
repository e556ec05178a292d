"""`/radio` at a terminal: one song at a time, by a number, on and on."""

import re


def songs(answers):
    shown = (re.search(r"^📻 Radio · song \d+\n(.+?)(?: \(\d{4}\))?$", one, re.MULTILINE) for one in answers)
    return [found[1] for found in shown if found]


def test_a_radio_plays_on_by_one_tap_and_says_how_it_was(talk):
    answers = talk("/radio", "3", "1", "3", "5", "2", "4")
    first, second, liked, third, why, fourth, over = answers
    assert len(set(songs([first, second, third, fourth]))) == 4
    assert songs([liked]) == songs([second])
    assert "👍 More of that." in liked
    assert "1 👍 ✓" in liked
    assert why.startswith(songs([third])[0].partition(" - ")[2])
    assert "👎 Noted: you do not like" in fourth
    assert over == "📻 Radio over\n4 songs played, 1 liked."


def test_each_song_says_why_and_where_it_is_heard(talk):
    (shown,) = talk("/radio Radiohead")
    title, _, reason, address, buttons = shown.split("\n")
    assert title == "📻 Radio · song 1"
    assert reason.startswith("close to Radiohead")
    assert address.startswith("https://")
    assert buttons.split() == ["1", "👍", "2", "👎", "3", "⏭", "4", "⏹", "5", "Why?"]


def test_a_wish_is_kept_all_along(talk):
    for shown in talk("/radio dreamy", "3", "3", "3"):
        assert "dream" in shown


def test_without_words_it_shows_the_one_that_is_on_and_stop_ends_it(talk):
    first, again, over, none = talk("/radio Radiohead", "/radio", "/radio stop", "/radio stop")
    assert songs([first]) == songs([again])
    assert over.startswith("📻 Radio over")
    assert none.startswith("No radio is on.")


def test_what_is_nothing_is_said_and_a_name_that_can_be_many_is_asked(talk):
    unknown, many = talk("/radio qwertzuiop", "/radio hallelujah")
    assert "qwertzuiop" in unknown
    assert many.startswith('Which one is "hallelujah"?')


def test_a_skipped_song_is_no_dislike_and_undo_takes_it_back(talk):
    _, _, undone, history = talk("/radio", "3", "/undo", "/history")
    assert undone.startswith("↩ Taken back: your skip of ")
    assert "(taken back)" in history or "~" in history or "⏭" in history
