"""`/mood` and `/discover`, typed."""

import csv
import re

from bot.settings import STARTER


def test_a_mood_brings_songs_that_carry_it_and_says_which(talk):
    first, more = talk("/mood rainy sunday", "/more")
    for answer in (first, more):
        head, *lines = answer.splitlines()
        assert head == "For you: rainy and sunday"
        reasons = [line.strip() for line in lines if line.startswith("   ") and "://" not in line]
        assert len(reasons) == 5
        assert all(re.fullmatch(r"it is [a-z ,]+, as you asked", reason) for reason in reasons)
    shown = [re.findall(r"^ \d (.*)", answer, re.MULTILINE) for answer in (first, more)]
    assert not set(shown[0]) & set(shown[1])


def test_a_tag_is_a_mood_and_what_is_none_is_left_out_and_said(talk):
    (answer,) = talk("/mood nocturnal qqqxyz music")
    assert answer.startswith('I do not know "qqqxyz".\nFor you: nocturnal\n')


def test_no_mood_at_all_says_what_is_one(talk):
    (answer,) = talk("/mood qqqxyz")
    assert answer.startswith('I do not know "qqqxyz". Try /recommend sad 80s pop')


def test_discover_keeps_to_a_genre_and_refuses_what_is_none(talk):
    listed, unknown = talk("/discover jazz", "/discover qqqxyz")
    assert listed.startswith("For you: jazz and deep cuts\n")
    assert listed.count("it is jazz, as you asked") == 5
    assert unknown.startswith('I do not know "qqqxyz". Try /recommend sad 80s pop')


def test_on_a_fresh_server_discover_names_nobody_whom_everybody_knows(talk):
    with (STARTER.with_name("related.csv")).open(encoding="utf-8", newline="") as file:
        fame = {row["artist"]: int(row["fame"]) for row in csv.DictReader(file)}
    for answer in talk("/discover", "/discover 8 rock"):
        artists = re.findall(r"^ *\d+ (.+?) - ", answer, re.MULTILINE)
        assert len(artists) >= 5
        assert max(fame[artist] for artist in artists) <= 3
