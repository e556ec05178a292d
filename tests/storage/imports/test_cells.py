from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports import cells


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("3.0", 3), (" 7 ", 7), ("", None), (r"\N", None), ("0", 0), ("1,000", 1_000)],
)
def test_counts_are_whole_numbers_or_missing(text, number):
    assert cells.whole(text, 1_000, "play count") == number


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "-1", "0.5", "1e300", "1001", "9" * 5_000, "many", "²", "1,001", "1,00"]
)
def test_absurd_counts_are_refused(text):
    with pytest.raises(cells.CellError, match="play count that is no whole number from 0 to 1,000"):
        cells.whole(text, 1_000, "play count")


def test_a_number_out_of_its_range_is_unknown():
    assert [cells.within(text, 0, 1) for text in ("0.5", "1", "1.01", "-0.1", "nan", "inf", "", "x")] == [
        0.5,
        1.0,
        *(None,) * 6,
    ]


def test_flags_are_told_in_many_words():
    assert [cells.flag(text) for text in ("True", "1", "t", "1.0")] == [True] * 4
    assert [cells.flag(text) for text in ("FALSE", "0", "no", "0.0")] == [False] * 4
    assert [cells.flag(text) for text in ("", "nan", "2")] == [None] * 3


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2019-06-14", 2019),
        ("1985", 1985),
        ("1985-03", 1985),
        ("1985.0", 1985),
        ("14 Jun 2019", 2019),
        ("20190614", None),
        ("0000", None),
        ("", None),
        ("19", None),
    ],
)
def test_the_year_is_read_from_dates_of_any_precision(text, year):
    assert cells.year(text) == year


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("['A', \"B's\"]", ["A", "B's"]),
        ("[]", []),
        ("ABBA", ["ABBA"]),
        ("[unknown]", ["[unknown]"]),
        (r"['AC\DC']", [r"AC\DC"]),
        ("[1, 2]", ["[1, 2]"]),
        ("[" * 900 + "]" * 900, ["[" * 900 + "]" * 900]),
        ("[__import__('os')]", ["[__import__('os')]"]),
    ],
)
def test_lists_of_names_are_taken_apart_and_never_run(text, names):
    assert cells.names_in(text) == names


@given(st.text())
def test_any_text_is_read_or_refused(text):
    assert isinstance(cells.names_in(text), list)
    cells.within(text, 0, 1)
    cells.flag(text)
    cells.year(text)
    with suppress(cells.CellError):
        assert cells.whole(text, 10, "cell") in {None, *range(11)}
