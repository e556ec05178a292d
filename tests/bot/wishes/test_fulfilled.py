"""Wishes on the bundled catalogue: what was said is what comes, and what could not be is named."""

import re


def songs(answer):
    return re.findall(r"^ *\d+ (.+?) - (.+?)(?: \((\d{4})\))?$", answer, re.MULTILINE)


def test_a_wish_of_many_parts_is_kept_in_all_of_them(talk):
    (answer,) = talk("/recommend upbeat 80s synthpop like Depeche Mode but not The Cure")
    assert answer.startswith("Close to Depeche Mode, unlike The Cure: upbeat, 1980s and synthpop\n")
    assert len(songs(answer)) == 5
    assert all(1980 <= int(year) <= 1989 for _, _, year in songs(answer))
    assert "The Cure" not in [artist for artist, *_ in songs(answer)]


def test_a_family_means_all_its_kinds_and_a_language_its_countries(talk):
    metal, portuguese, without = talk(
        "/recommend 8 metal", "/recommend 3 sad songs in Portuguese", "/mood not sad"
    )
    kinds = set(re.findall(r"it is (.+?), as you asked", metal))
    assert len(kinds) > 1
    assert all("metal" in kind for kind in kinds)
    assert portuguese.startswith("For you: sad and portuguese\n")
    assert len(songs(portuguese)) == 3
    assert without.startswith("For you: without sad\n")
    assert len(songs(without)) == 5


def test_the_least_important_part_is_left_out_and_named(talk):
    (answer,) = talk("/recommend fado with female vocals")
    assert answer.startswith("Nothing has all of that, so I left out: female vocals.\nFor you: fado\n")


def test_what_is_not_understood_is_said(talk):
    (answer,) = talk("/recommend jazz qwrtzish")
    assert answer.startswith('I do not know "qwrtzish".\nFor you: jazz\n')


def test_the_same_words_work_without_a_slash_and_small_talk_is_no_song(talk):
    running, happier, thanks, helped, near, more, loved = talk(
        "songs for running",
        "happier",
        "thanks",
        "help me",
        "similar to portishead",
        "more like 2",
        "i love radiohead and muse",
    )
    assert running.startswith("For you: running\n")
    assert happier.startswith("For you: running and more happy\n")
    assert thanks.startswith("You're welcome!")
    assert helped.startswith("🎵 Find music: ")
    assert len(helped.splitlines()) == 7, "six lines and their buttons"
    assert near.startswith("Close to Portishead\n")
    second = songs(near)[1]
    assert more.startswith(f"Close to {second[1]} by {second[0]}\n")
    assert loved.startswith("👍 Noted: Radiohead and Muse.")


def test_a_name_wins_over_a_wish_that_reads_the_same(talk):
    prayer, year = talk("/recommend like a prayer", "/recommend 1979")
    assert prayer.startswith("Close to Like a Prayer by Madonna\n")
    assert year.startswith("Close to 1979 by The Smashing Pumpkins\n")
