"""Local time of a person or place: when something weekly is due, on which day, and whether it is quiet.

All of it is computed from IANA zones (`zoneinfo`).  An hour that a change of the clock leaves out counts as
the instant after the change, and an hour that comes twice as its first one, so that each week has exactly
one.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

DAY = 86_400
UTC_NAME = "UTC"


class Quiet(NamedTuple):
    """Hours of the day without messages: from `start` to before `end`, over midnight if `start` is later."""

    start: int
    end: int

    def covers(self, hour: int) -> bool:
        """Tell whether an hour of the day is quiet.

        >>> [Quiet(22, 8).covers(hour) for hour in (21, 22, 0, 7, 8)]
        [False, True, True, True, False]
        """
        if self.start <= self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end

    def __str__(self) -> str:
        """Return it as stored: "22-8"."""
        return f"{self.start}-{self.end}"


NIGHT = Quiet(22, 8)
"""The quiet hours of whoever has set none."""


class Due(NamedTuple):
    """The latest time at which something weekly was due."""

    at: int  # seconds since 1970
    week: str  # ISO week of its local date: "2026-W49"


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone by its name; UTC if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(UTC_NAME)


@cache
def _zones() -> dict[str, str]:
    """Return the zones by name and by city, in lower case: "lisbon" and "europe/lisbon" are Europe/Lisbon."""
    names = sorted(
        name for name in available_timezones() if not name.startswith(("posix", "right", "System"))
    )
    cities = {name.rpartition("/")[2].casefold(): name for name in reversed(names) if "/" in name}
    return cities | {name.casefold(): name for name in names}


def find_zone(text: str) -> str | None:
    """Return the zone that a text names, by its name or a city of it; None if there is none.

    >>> find_zone("europe/berlin"), find_zone("New York"), find_zone("Atlantis")
    ('Europe/Berlin', 'America/New_York', None)
    """
    return _zones().get(text.strip().casefold().replace(" ", "_"))


def local(now: float, zone_name: str) -> datetime:
    """Return a time as it is on the clocks of a zone."""
    return datetime.fromtimestamp(now, zone(zone_name))


def local_day(now: float, zone_name: str) -> int:
    """Return the local date as a number of days, ascending by one a day."""
    return local(now, zone_name).date().toordinal()


def instant(day: date, hour: int, zone_name: str) -> int:
    """Return the time of an hour of a local date, in seconds since 1970."""
    when = datetime(day.year, day.month, day.day, hour, tzinfo=zone(zone_name))
    return int(when.astimezone(UTC).timestamp())


def week_of(day: date) -> str:
    """Return the ISO week of a date.

    >>> week_of(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def last_due(now: float, weekday: int, hour: int, zone_name: str) -> Due:
    """Return the latest instant at or before `now` that is `hour` o'clock on a weekday (0: Monday)."""
    today = local(now, zone_name).date()
    day = today - timedelta(days=(today.weekday() - weekday) % 7)
    if instant(day, hour, zone_name) > now:
        day -= timedelta(days=7)
    return Due(instant(day, hour, zone_name), week_of(day))


def next_due(now: float, weekday: int, hour: int, zone_name: str) -> Due:
    """Return the earliest such instant after `now`."""
    day = local(last_due(now, weekday, hour, zone_name).at, zone_name).date() + timedelta(days=7)
    day -= timedelta(days=(day.weekday() - weekday) % 7)
    return Due(instant(day, hour, zone_name), week_of(day))


def tomorrow(now: float, zone_name: str, hour: int = 5) -> int:
    """Return the time of the next morning after a night: `hour` o'clock, today's if that is still to come."""
    day = local(now, zone_name).date()
    today = instant(day, hour, zone_name)
    return today if today > now else instant(day + timedelta(days=1), hour, zone_name)
