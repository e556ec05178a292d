"""Days, hours and zones as people type them: "fri 18", "Montag 9 Uhr Berlin", "sábado 9pm"."""

import re
from datetime import datetime
from typing import NamedTuple

from bot.replies.i18n import say
from recommender.errors import NotKnown
from storage.chats import local_time
from storage.naming.text import fold

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = (
    ("monday", "montag", "lunes", "lundi", "segunda"),
    ("tuesday", "dienstag", "martes", "mardi", "terca"),
    ("wednesday", "mittwoch", "miercoles", "mercredi", "quarta"),
    ("thursday", "donnerstag", "jueves", "jeudi", "quinta"),
    ("friday", "freitag", "viernes", "vendredi", "sexta"),
    ("saturday", "samstag", "sonnabend", "sabado", "samedi"),
    ("sunday", "sonntag", "domingo", "dimanche"),
)
_LEAST_LETTERS = 2
_HOUR = re.compile(r"(\d{1,2})(?::00|h)?(am|pm)?")
_FILLING = frozenset(
    [
        *("at", "on", "every", "um", "uhr", "am", "jeden", "a", "las", "el", "los", "cada", "de"),
        *("le", "chaque", "as", "toda", "todo"),
    ]
)
_GUESSES = {
    "de": "Europe/Berlin",
    "es": "Europe/Madrid",
    "fr": "Europe/Paris",
    "pt": "America/Sao_Paulo",
}
MIDDAY = 12


class WeeklyTime(NamedTuple):
    """A day of the week (0: Monday), an hour and a zone, as far as they were said."""

    weekday: int | None = None
    hour: int | None = None
    zone: str | None = None


def read_moment(text: str) -> WeeklyTime:
    """Return what a text says; raise `NotKnown` for words that are no day, hour or zone.

    >>> read_moment("fri 18")
    WeeklyTime(weekday=4, hour=18, zone=None)
    >>> read_moment("Montag um 9 Uhr berlin"), read_moment("9pm")
    (WeeklyTime(weekday=0, hour=9, zone='Europe/Berlin'), WeeklyTime(weekday=None, hour=21, zone=None))
    """
    found, words = WeeklyTime(), text.replace(",", " ").split()
    left = []
    for word in words:
        if (hour := _hour(word)) is not None:
            found = found._replace(hour=hour)
        elif (day := _weekday(word)) is not None:
            found = found._replace(weekday=day)
        elif fold(word) not in _FILLING:
            left.append(word)
    if left:
        zone = local_time.find_zone(" ".join(left))
        if zone is None:
            raise NotKnown(
                'I read no day, hour or time zone in "{}". For example: fri 18 Europe/Lisbon', " ".join(left)
            )
        found = found._replace(zone=zone)
    return found


def _hour(word: str) -> int | None:
    said = _HOUR.fullmatch(word.casefold())
    if said is None:
        return None
    hour = int(said[1])
    if said[2]:
        hour = hour % MIDDAY + (MIDDAY if said[2] == "pm" else 0)
    if hour > 23:
        raise NotKnown("An hour is a number from 0 to 23, as in fri 18.")
    return hour


def _weekday(word: str) -> int | None:
    name = fold(word).rstrip(".")
    if len(name) < _LEAST_LETTERS:
        return None
    for day, names in enumerate(_NAMES):
        if any(known == name.removesuffix("s") or known.startswith(name) for known in names):
            return day
    return None


def guessed_zone(language: str) -> str:
    """Return the zone where most people who write a language to us are."""
    return _GUESSES.get(language, local_time.UTC_NAME)


def day_and_hour(weekday: int, hour: int) -> str:
    """Return "Fridays at 18:00" in the language of this task."""
    return say("{}s at {}:00", say(DAYS[weekday]), hour)


def moment(at: int, zone: str) -> str:
    """Return a time as a date with its hour, in a zone."""
    here = datetime.fromtimestamp(at, local_time.zone(zone))
    return f"{here:%Y-%m-%d %H:%M}"
