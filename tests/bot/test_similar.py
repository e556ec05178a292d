"""`/similar` with several names, with one to keep away from, and by what the likeness goes."""

import re

import pytest


def songs(answer):
    return re.findall(r"^ ?\d+ (.+?)(?: \(\d{4}\))?$", answer, re.MULTILINE)


def test_two_names_are_both_asked_for(talk):
    both, one = talk("/similar portishead + queen", "/similar portishead")
    assert both.startswith("Close to Portishead and Queen\n")
    causes = re.findall(r"close to (?:.+ by )?(Portishead|Queen) \(", both)
    assert set(causes) == {"Portishead", "Queen"}
    assert songs(both) != songs(one)


def test_what_is_to_be_kept_away_from_is_not_shown_and_moves_the_list(talk):
    for asked in ("/similar massive attack - portishead", "/similar massive attack without portishead"):
        away, near = talk(asked, "/similar massive attack")
        assert away.startswith("Close to Massive Attack, unlike Portishead\n")
        assert not [song for song in songs(away) if song.startswith("Portishead")]
        assert "trip hop" in near
        assert away.count("trip hop") < near.count("trip hop")


def test_an_artist_and_a_title_are_one_song_and_not_a_difference(talk):
    (shown,) = talk("/similar queen - bohemian rhapsody")
    assert shown.startswith("Close to Bohemian Rhapsody by Queen\n")


def test_by_the_words_alone_is_said_and_kept_by_more(talk):
    first, more = talk("/similar portishead by:words", "/more")
    assert first.startswith("Close to Portishead by the words for it\n")
    assert more.startswith("Close to Portishead by the words for it\n")
    assert not set(songs(first)) & set(songs(more))


@pytest.mark.parametrize("facet", ["sound", "listeners"])
def test_a_likeness_that_nothing_is_known_of_says_what_to_do(talk, facet):
    (answer,) = talk(f"/similar portishead by:{facet}")
    assert answer.endswith(f"Leave out by:{facet} and I go by all that I know.")


def test_an_unknown_likeness_is_explained(talk):
    answers = talk("/similar portishead by:", "/similar portishead by:smell", "/similar by:sound")
    assert set(answers) == {
        "Say a song and by:sound, by:words or by:listeners: /similar Portishead by:words."
    }


def test_a_name_among_several_that_can_be_many_is_not_guessed(talk):
    (answer,) = talk("/similar queen + hallelujah")
    assert answer.startswith('"hallelujah" can be: ')
    assert answer.endswith("Say it as artist - title.")


def test_a_crowd_of_names_is_too_many(talk):
    assert talk("/similar " + " + ".join(["queen"] * 6)) == ["That is more than 5 at once. Name fewer."]
