import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports import names
from storage.imports.names import Name, clean


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("  The\tBeatles \n", "The Beatles"),
        ("Simon &amp; Garfunkel", "Simon & Garfunkel"),
        ("三船\u3000浩", "三船 浩"),
        ("Bjo\u0308rk", "Björk"),
        ("OSKÃO", "OSKÃO"),
        ("L'Âme Immortelle", "L'Âme Immortelle"),
        ("µ-Ziq", "µ-Ziq"),
        ('"Weird Al" Yankovic', '"Weird Al" Yankovic'),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("", ""),
        ("AT&T;", "AT&T;"),
    ],
)
def test_good_names_stay(raw, name):
    assert clean(raw) == Name(name)


@pytest.mark.parametrize(
    ("raw", "name", "repair"),
    [
        ("BallakÃ© Sissoko", "Ballaké Sissoko", names.TWICE_UTF8),
        ("Sigur RÃ³s", "Sigur Rós", names.TWICE_UTF8),
        ("Katy Perry\ue216", "Katy Perry", names.UNPRINTABLE),
        ("a\u202eb\x07", "ab", names.UNPRINTABLE),
        ("\u200b", "", names.UNPRINTABLE),
        (b"Mot\xf6rhead".decode("utf-8", "surrogateescape"), "Motörhead", names.NOT_UTF8),
        (b"d\xfcsseldorf \x80".decode("utf-8", "surrogateescape"), "düsseldorf €", names.NOT_UTF8),
        (b"odd \x81".decode("utf-8", "surrogateescape"), "odd \ufffd", names.NOT_UTF8),
        ("x" * 400, "x" * 300, names.TOO_LONG),
    ],
)
def test_broken_names_are_repaired_and_say_so(raw, name, repair):
    assert clean(raw) == Name(name, repair)


@given(st.text(), st.binary())
def test_every_name_can_be_stored_on_one_line(text, binary):
    for raw in (text, binary.decode("utf-8", "surrogateescape")):
        name = clean(raw).text
        assert name == name.encode("utf-8").decode("utf-8").strip()
        assert len(name) <= names.LONGEST
        assert not set(name) & set("\0\n\r\t\x1b\u202e")
