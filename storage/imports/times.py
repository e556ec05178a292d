"""Points in time as people and programs write them."""

import re
from datetime import UTC, datetime

from storage.imports.cells import CellError

# Nobody logged single listens before; a "1970" is a player whose clock had stopped.
EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]*)?")
_TO_THE_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}")
_HALF_A_MINUTE = 30
_COMPACT_DATE = re.compile(r"(19|20)[0-9]{6}")
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})(?:[ -]([A-Za-z]{3})[a-z]*\.?[ -]|\.([0-9]{1,2})\.)([0-9]{4})"
    r"(?:,? +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def moment(text: str) -> int:
    """Return seconds since 1970 (UTC) of one point in time; without a zone it is taken for UTC.

    A time known to the minute is taken at its middle, which is never wrong by more than 30 seconds.

    Read are ISO 8601, seconds, milliseconds or finer since 1970, "dd Mon yyyy hh:mm" and "dd.mm.yyyy hh:mm".
    A date as 05/04/2009 is not: it means one day in London and another one in New York.

    >>> moment("2009-05-04T23:08:57Z") == moment("1241478537000") == moment("04 May 2009, 23:08:57")
    True

    Raises CellError where it is none of them.
    """
    text = text.strip()
    try:
        if _NUMBER.fullmatch(text) and not _COMPACT_DATE.fullmatch(text):
            return _since_1970(float(text))
        if found := _DAY_FIRST.fullmatch(text):
            return _day_first(found)
        return _iso(text)
    except (ValueError, OverflowError):
        raise CellError("time in no format known (2009-05-04T23:08:57Z is one)") from None


def _since_1970(number: float) -> int:
    while abs(number) >= 1e11:  # the year 5138 in seconds: so it is milliseconds, or finer still
        number /= 1000
    return int(number)


def _iso(text: str) -> int:
    text = text.removesuffix(" UTC").replace("/", "-")
    when = datetime.fromisoformat(text)
    middle = _HALF_A_MINUTE if _TO_THE_MINUTE.fullmatch(text) else 0
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()) + middle


def _day_first(found: re.Match[str]) -> int:
    day, name, number, year, hour, minute, second = found.groups()
    month = _MONTHS.index(name.lower()) + 1 if name else int(number)
    clock = (int(hour or 0), int(minute or 0), int(second or (_HALF_A_MINUTE if hour else 0)))
    return int(datetime(int(year), month, int(day), *clock, tzinfo=UTC).timestamp())
