import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.naming import text
from storage.naming.text import fold, printable, unstylised, words


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Björk", "bjork"),
        ("BEYONCÉ", "beyonce"),
        ("Guns N\u2019 Roses", "guns n' roses"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("Sigur Rós", "Sigur Ro\u0301s"),
        ("Łona", "lona"),
        ("Ænima", "aenima"),
        ("İstanbul", "istanbul"),
        ("straße", "STRASSE"),
        ("Μίκης", "ΜΙΚΗΣ"),
        ("Алёна", "алена"),
        ("ﾊｲｽｲﾉﾅｻ", "ハイスイノナサ"),
        ("אֲבִיב", "אביב"),
        ("فَيْرُوز", "فيروز"),
        ("أم كلثوم", "ام كلثوم"),
        ("AC/DC", "ac dc"),
        ("Florence + The Machine", "Florence and the Machine"),
        *(("Don't", f"Don{sign}t") for sign in "\u00b4\u0060\u2019\u2018\u02bc\u2032\u2035"),
        *(("Don't", f"Don{sign}t") for sign in "\uff07\ua78c\u02b9\u201b"),
        ("blink-182", "blink\u2012182"),
        ("Jay\u2011Z", "JAY\u2212Z"),
        ("  Pink\tFloyd ", "pink floyd"),
        ("fﬁ", "ffi"),
    ],
)
def test_what_people_would_call_the_same_name_has_one_key(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("がく", "かく"),
        ("май", "маи"),
        ("Queen", "Queens"),
        ("1999", "1989"),
        ("+", "and"),
        ("!!!", "???"),
        ("हिंदी", "हदी"),
    ],
)
def test_what_people_would_tell_apart_has_two_keys(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_a_key_is_its_own_key_and_has_single_spaces(name):
    key = fold(name)
    assert fold(key) == key
    assert key == " ".join(key.split())


@given(st.text())
def test_case_and_composition_never_matter(name):
    assert fold(unicodedata.normalize("NFD", name[:50])) == fold(unicodedata.normalize("NFC", name[:50]))


@given(st.text(min_size=1).filter(printable))
def test_no_name_that_can_be_seen_folds_to_nothing(name):
    assert fold(printable(name)[:300])
    assert words(printable(name)[:300])


def test_initials_are_also_one_word():
    assert words("R.E.M.") == ["r", "e", "m", "rem"]
    assert words("M.I.A. feat. J. Cole") == ["m", "i", "a", "feat", "j", "cole", "mia"]


def test_only_signs_between_letters_make_a_stylised_name():
    names = (
        "P!nk",
        "Ke$ha",
        "$hort",
        "deadmau5",
        "Help!",
        "1999",
        "A$AP",
        "blink-182",
        "Panic! At The Disco",
    )
    assert [unstylised(name) for name in names] == [
        "pink",
        "kesha",
        "short",
        None,
        None,
        None,
        "asap",
        None,
        None,
    ]


def test_each_character_of_an_unspaced_script_is_a_word():
    assert words("東京事変 live") == ["東", "京", "事", "変", "live"]
    assert words("방탄소년단") == ["방탄소년단"]
