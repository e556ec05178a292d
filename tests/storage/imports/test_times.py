import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports.cells import CellError
from storage.imports.times import date_order, moment

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
        "04.05.2009 23:08:00 +00:00",
        "5.5.2009 01:08 +0200",
        "04 May 2009 11:08 PM",
        "Mon, 04 May 2009 23:08:00 GMT",
        "Mon, 4 May 2009 19:08:00 EDT",
        "May 4, 2009 at 11:08PM",
        "May 4, 2009, 11:08:00\u202fPM UTC",
        "Mon May  4 23:08:00 2009",
        "Tue May 05 2009 01:08:00 GMT+0200 (CEST)",
        "4. Mai 2009 um 23:08",
        "4 de mayo de 2009, 23:08",
        "4 mai 2009 à 23:08",
        "4 мая 2009, 23:08",
        "2009-05-04 23:08:00 +00:00",
        "2009.05.04 23:08",
        "2009年5月4日 23:08",
        "2009-05-04T23:08:00.000Z[UTC]",
        str(WHEN),
        f"{WHEN}.0",
        f"{WHEN}000",
        f"{WHEN}000000",
    ],
)
def test_all_these_name_the_same_minute(text):
    seconds = re.search(r":08[:.]00|^[0-9.]+$", text)
    middle = 0 if seconds else 30  # of a minute whose seconds are not told
    assert moment(text) == WHEN + middle


def test_a_date_is_its_midnight():
    midnight = int(datetime(2009, 5, 4, tzinfo=UTC).timestamp())
    assert {moment(text) for text in ("2009-05-04", "20090504", "4 May 2009", "04.05.2009")} == {midnight}


@pytest.mark.parametrize(
    "text",
    [
        "05/04/2009",
        "yesterday",
        "nan",
        "inf",
        "31 Feb 2009 10:00",
        "12 Foo 2009",
        "4 May 2009 13:08 PM",
        "4 May 2009 10:08 XYZ",
        "",
        "1e9",
        "٣",
        "9" * 30,
    ],
)
def test_what_could_be_two_days_or_none_is_refused(text):
    with pytest.raises(CellError):
        moment(text)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["05/04/2009 10:00", "31/01/2009 10:00"], "day"),
        (["05/04/2009", "", "11/14/23, 9:56 PM"], "month"),
        (["05-04-2009", "31-01-2009"], "day"),
        (["05/04/2009"], None),
        (["31/01/2009", "01/31/2009"], None),
        (["30/04/2009", "01/05/2009"], "day"),
        (["11/05/2009", "12/05/2009", "01/06/2009"], "day"),
        (["04/12/2009", "05/01/2009", "05/02/2009"], "month"),
        (["05/04/2009", "06/04/2009"], None),
        (["2009-04-05", "yesterday"], None),
    ],
)
def test_a_whole_column_tells_what_stands_first(column, order):
    assert date_order(column) == order


def test_a_date_of_a_column_is_read_in_its_order():
    fourth = int(datetime(2009, 5, 4, 23, 8, 30, tzinfo=UTC).timestamp())
    assert moment("04/05/2009 23:08", "day") == moment("5/4/09, 11:08 PM", "month") == fourth
    with pytest.raises(CellError):
        moment("13/13/2009", "day")


def test_a_date_that_may_be_two_days_says_so():
    with pytest.raises(CellError, match="day and month cannot be told apart"):
        moment("05/04/2009")


@given(st.text() | st.from_regex(r"[0-9 :./T-]{1,25}", fullmatch=True))
def test_any_text_is_a_time_or_a_reason(text):
    with suppress(CellError):
        assert isinstance(moment(text), int)
