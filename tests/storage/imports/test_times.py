from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports.cells import CellError
from storage.imports.times import moment

WHEN = int(datetime(2009, 5, 4, 23, 8, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "2009-05-04T23:08:00Z",
        "2009-05-04 23:08",
        " 2009-05-05T01:08:00+02:00 ",
        "2009-05-04T23:08:00.123456Z",
        "2009-05-04 23:08:00 UTC",
        "2009/05/04 23:08",
        "04 May 2009 23:08",
        "4 May 2009, 23:08:00",
        "04-May-2009 23:08",
        "04.05.2009 23:08",
        str(WHEN),
        f"{WHEN}.0",
        f"{WHEN}000",
        f"{WHEN}000000",
    ],
)
def test_all_these_name_the_same_minute(text):
    middle = 30 if text.endswith("23:08") else 0  # of a minute whose seconds are not told
    assert moment(text) == WHEN + middle


def test_a_date_is_its_midnight():
    midnight = int(datetime(2009, 5, 4, tzinfo=UTC).timestamp())
    assert {moment(text) for text in ("2009-05-04", "20090504", "4 May 2009", "04.05.2009")} == {midnight}


@pytest.mark.parametrize(
    "text",
    ["05/04/2009", "yesterday", "nan", "inf", "31 Feb 2009 10:00", "12 Foo 2009", "", "1e9", "٣", "9" * 30],
)
def test_what_could_be_two_days_or_none_is_refused(text):
    with pytest.raises(CellError):
        moment(text)


@given(st.text() | st.from_regex(r"[0-9 :./T-]{1,25}", fullmatch=True))
def test_any_text_is_a_time_or_a_reason(text):
    with suppress(CellError):
        assert isinstance(moment(text), int)
