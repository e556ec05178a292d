"""Parsing of times in the formats that people and programs write."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from storage.imports.cells import CellError

# No service logged plays earlier; "1970" comes from a player with a stopped clock.
EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())

Order = Literal["day", "month"]
"""The part that comes first in dates like 05/04/2009."""

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]*)?")
_TO_THE_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}")
_HALF_A_MINUTE = 30
# Spreadsheet dates: days from 1990 to 2064, with the time of day as a fraction.
_SERIAL = re.compile(r"(?:3[3-9]|4[0-9]|5[0-9])[0-9]{3}\.[0-9]{2,12}")
_SHEETS_BEGIN = int(datetime(1899, 12, 30, tzinfo=UTC).timestamp())
_COMPACT_DATE = re.compile(r"(19|20)[0-9]{6}")

_CLOCK = (
    r"(?:[ T]+(?P<hour>[0-9]{1,2})[:.h](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?: *(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_ZONE = r"(?: *(?P<zone>[A-Z]{1,4}))?(?: *(?P<offset>[+-][0-9]{2}:?[0-9]{2}))?(?: *[\[(].{1,40}[\])])?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.? +)?"
_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\.?"
_WITH_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}[ -]+{_NAME}[ -]+(?P<year>[0-9]{{4}}|[0-9]{{2}}){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}{_NAME} +{_DAY} +(?P<year>[0-9]{{4}}){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}{_NAME} +{_DAY}{_CLOCK}{_ZONE} +(?P<year>[0-9]{{4}})",  # the format of C's asctime
    )
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?:[./年-] ?)(?P<month>[0-9]{1,2})(?:[./月-] ?)(?P<day>[0-9]{1,2})[.日]?"
    rf"{_CLOCK}{_ZONE}"
)
_DOTTED = re.compile(
    rf"(?P<day>[0-9]{{1,2}})\. ?(?P<month>[0-9]{{1,2}})\. ?(?P<year>[0-9]{{4}}|[0-9]{{2}}){_CLOCK}{_ZONE}"
)
_EITHER = re.compile(
    rf"(?P<first>[0-9]{{1,2}})([/-])(?P<other>[0-9]{{1,2}})\2(?P<year>[0-9]{{4}}|[0-9]{{2}}){_CLOCK}{_ZONE}"
)
# Words between the parts of a date: "October 24, 2017 at 10:11PM", "14 de noviembre de 2023".
_BETWEEN = re.compile(r"[,\s]+(?:(?:at|um|kl|klo|om|de|del|of|o|alle|ore|a las|às|à)\b\.?[,\s]*)*")
_MONTHS = {
    stem: number
    for number, stems in enumerate(
        (
            "jan ene gen sty oca янв",
            "feb fev fevr lut sub фев",
            "mar mrz mae maa mrt мар",
            "apr avr abr kwi nis апр",
            "may mai mag maj mei мая маи",
            "jun juin giu cze haz июн",
            "jul juil lug lip tem июл",
            "aug aou ago sie agu авг",
            "sep set wrz eyl сен",
            "oct okt ott out paz eki окт",
            "nov lis kas ноя",
            "dec dez dic des gru ara дек",
        ),
        1,
    )
    for stem in stems.split()
}
_ZONES = {
    "Z": 0,
    "UT": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "BST": 1,
    "WEST": 1,
    "CET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}


def moment(text: str, order: Order | None = None) -> int:
    """Return a time in seconds since 1970; a time without a zone is UTC.

    A time given to the minute becomes its middle, at most 30 seconds wrong.

    The formats are ISO 8601, seconds, milliseconds or finer since 1970, RFC 822, spreadsheet days, and dates
    with a month's name or dots between day, month and year.  A date like 05/04/2009 is one day in London and
    another in New York: it needs an `order`, which `date_order` finds from a whole column.

    >>> moment("2009-05-04T23:08:57Z") == moment("1241478537000") == moment("04 May 2009, 23:08:57")
    True

    Raises CellError for any other text.
    """
    text = text.strip()
    try:
        if _SERIAL.fullmatch(text):
            return _SHEETS_BEGIN + round(float(text) * 86_400)
        if _NUMBER.fullmatch(text) and not _COMPACT_DATE.fullmatch(text):
            return _since_1970(float(text))
        return _written(text, order)
    except CellError:
        raise
    except (ValueError, OverflowError):
        raise CellError("time in no format known (2009-05-04T23:08:57Z is one)") from None


def is_either(text: str) -> bool:
    """Tell whether a date has the form 05/04/2009, with the day or the month first.

    >>> is_either("11/14/23, 9:56 PM"), is_either("2009/05/04")
    (True, False)
    """
    return _EITHER.fullmatch(_spaced(text)) is not None


def date_order(texts: Iterable[str]) -> Order | None:
    """Return whether day or month comes first in the dates of a column, None if that is unclear.

    A number above 12 is a day.  Without one, the order that makes the dates sorted wins, since logs are
    sorted.
    """
    day = month = False
    sorted_as: dict[Order, _Sorted] = {"day": _Sorted(), "month": _Sorted()}
    for text in texts:
        found = _EITHER.fullmatch(_spaced(text))
        if found is None:
            continue
        first, other, year = int(found["first"]), int(found["other"]), _full_year(found["year"])
        day, month = day or first > 12, month or other > 12
        sorted_as["day"].add((year, other, first))
        sorted_as["month"].add((year, first, other))
    if day or month:
        return None if day and month else "day" if day else "month"
    likely = [order for order, dates in sorted_as.items() if dates.is_sorted]
    return likely[0] if len(likely) == 1 else None


class _Sorted:
    """Checks whether dates are sorted, oldest or newest first."""

    def __init__(self) -> None:
        self._last: tuple[int, int, int] | None = None
        self._rises = self._falls = False

    def add(self, date: tuple[int, int, int]) -> None:
        """Add the next date as (year, month, day)."""
        if self._last is not None:
            self._rises |= date > self._last
            self._falls |= date < self._last
        self._last = date

    @property
    def is_sorted(self) -> bool:
        """Tell whether all dates so far are sorted."""
        return not (self._rises and self._falls)


def _since_1970(number: float) -> int:
    while abs(number) >= 1e11:  # the year 5138 in seconds: so it is milliseconds, or finer
        number /= 1000
    return int(number)


def _written(text: str, order: Order | None) -> int:
    try:
        when = datetime.fromisoformat(text.removesuffix(" UTC").replace("/", "-"))
    except ValueError:
        return _matched(_spaced(text), order)
    middle = _HALF_A_MINUTE if _TO_THE_MINUTE.fullmatch(text.removesuffix(" UTC").replace("/", "-")) else 0
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()) + middle


def _matched(text: str, order: Order | None) -> int:
    for pattern in _WITH_NAMES:
        if found := pattern.fullmatch(text):
            return _joined(found, _month(found["name"]), int(found["day"]))
    if found := _YEAR_FIRST.fullmatch(text) or _DOTTED.fullmatch(text):
        return _joined(found, int(found["month"]), int(found["day"]))
    found = _EITHER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if order is None:
        raise CellError("a date whose day and month cannot be told apart")
    first, other = int(found["first"]), int(found["other"])
    return _joined(found, *((other, first) if order == "day" else (first, other)))


def _joined(found: re.Match[str], month: int, day: int) -> int:
    hour, half = int(found["hour"] or 0), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(found[0])
        hour = hour % 12 + 12 * (half == "p")
    second = int(found["second"] or (_HALF_A_MINUTE if found["hour"] else 0))
    clock = hour, int(found["minute"] or 0), second
    return int(datetime(_full_year(found["year"]), month, day, *clock, tzinfo=_zone(found)).timestamp())


def _zone(found: re.Match[str]) -> timezone:
    if offset := found["offset"]:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    name = found["zone"]
    if name and name not in _ZONES:
        raise ValueError(name)
    return timezone(timedelta(hours=_ZONES.get(name or "Z", 0)))


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    number = _MONTHS.get(plain[:4]) or _MONTHS.get(plain[:3])
    if number is None:
        raise ValueError(name)
    return number


def _spaced(text: str) -> str:
    return _BETWEEN.sub(" ", text[:100]).strip()
