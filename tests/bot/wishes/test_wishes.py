"""What people type, taken apart: labelled phrasings, and phrases made of known parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.wishes.grammar import parse
from bot.wishes.vocabulary import lexicon
from storage.naming.text import fold

HERE = Path(__file__).parent
NAMES = frozenset(
    fold(name)
    for name in [
        "ABBA",
        "AC/DC",
        "Arctic Monkeys",
        "Bad Bunny",
        "Björk",
        "Black Sabbath",
        "Coldplay",
        "Daft Punk",
        "Depeche Mode",
        "Drake",
        "Earth, Wind & Fire",
        "Florence + The Machine",
        "Kraftwerk",
        "Manu Chao",
        "Metallica",
        "Miles Davis",
        "Muse",
        "Nirvana",
        "Nothing But Thieves",
        "Pink Floyd",
        "Portishead",
        "Queen",
        "Radiohead",
        "Rammstein",
        "Shakira",
        "Simon & Garfunkel",
        "Tame Impala",
        "Taylor Swift",
        "The Cure",
        "The Who",
        "Tyler, The Creator",
    ]
)
GENRES = ("metal", "jazz", "hip hop", "techno", "synthpop", "bossa nova", "r&b", "drum and bass")
MOODS = ("sad", "happy", "dreamy", "dark", "chill")
OCCASIONS = ("running", "studying", "christmas", "dinner")
ARTISTS = ("Radiohead", "The Cure", "Earth, Wind & Fire", "Nothing But Thieves", "Björk")


def named(text: str):
    key = fold(text)
    return "artist" if {key, f"the {key}"} & NAMES else ""


def labelled(language: str) -> Iterator[tuple[str, str]]:
    for line in (HERE / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        phrase, _, label = line.partition(" |")
        yield phrase, label.strip()


def understood(phrase: str) -> str:
    wish = parse(phrase, named)
    return f"{wish}{f' [{wish.intent}]' if wish.intent not in ('', 'songs') else ''}".strip()


@pytest.mark.parametrize(
    ("language", "least"),
    [("english", 300), ("german", 80), ("spanish", 80), ("french", 40), ("portuguese", 40)],
)
def test_what_people_write_is_understood(language, least):
    cases = list(labelled(language))
    wrong = [
        f"{phrase}: {understood(phrase)} instead of {label}"
        for phrase, label in cases
        if understood(phrase) != label
    ]
    assert len(cases) >= least
    assert len(wrong) <= 0.05 * len(cases), "\n".join(wrong)


@given(
    some.lists(some.sampled_from(MOODS), max_size=1),
    some.lists(some.sampled_from(GENRES), min_size=1, max_size=1),
    some.sampled_from(["", "1960", "1980", "2000"]),
    some.lists(some.sampled_from(OCCASIONS), max_size=1),
    some.lists(some.sampled_from(ARTISTS), max_size=2, unique=True),
    some.sampled_from(["", "polka", "The Cure"]),
    some.sampled_from([None, 3, 12]),
)
def test_a_phrase_made_of_known_parts_is_taken_apart_again(
    moods, genres, decade, occasions, near, without, count
):
    said = [*moods, *genres, "songs", *([f"from the {decade}s"] if decade else [])]
    said += [f"for {occasion}" for occasion in occasions] + ([f"like {' and '.join(near)}"] if near else [])
    text = " ".join([*([str(count)] if count else []), *said, *([f"but not {without}"] if without else [])])
    parts = [f"mood:{mood}" for mood in moods] + [f"genre:{genre}" for genre in genres]
    parts += [f"era:{decade}-{int(decade) + 9}"] if decade else []
    parts += [f"activity:{occasion}" for occasion in occasions] + [f"like:{name}" for name in near]
    parts += [f"-{'like' if without == 'The Cure' else 'genre'}:{without}"] if without else []
    assert str(parse(text, named)) == " ".join(parts + ([f"n:{count}"] if count else []))


@given(some.text(max_size=80))
def test_no_line_breaks_the_parser_and_only_its_own_words_are_unknown(text):
    assert all(word in text for word in parse(text, named).unknown)


def test_every_word_of_the_vocabulary_means_itself():
    wrong = [
        phrase
        for phrase, entry in lexicon().items()
        if entry.parts
        and [(p.kind, p.value) for p in parse(phrase).parts] != [(p.kind, p.value) for p in entry.parts]
    ]
    assert wrong == []
