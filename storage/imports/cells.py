"""Table cells: the text of one field as a value, or the reason why it has none."""

import ast
import math
import re
import warnings

MOST_PLAYS = 10_000_000  # of one item by one user: half a lifetime of listening
LONGEST_PLAY_MS = 24 * 3_600_000
SHORTEST_PLAY_MS = 30_000
"""The minimum playing time of a play, in ms, by the rules of the services themselves."""

_MISSING = frozenset({"", r"\n"})  # and the text form of NULL in MySQL
_LIST_LENGTH = 10_000
# "1,234" and "1.234.567", as people and spreadsheets write them.
_SEPARATOR = re.compile("[.,'\u2019 \u00a0\u202f]")
_GROUPED = re.compile("[0-9]{1,3}(?:[.,'\u2019 \u00a0\u202f][0-9]{3}){1,3}")


class CellError(ValueError):
    """An unreadable cell; the message is the reason in the report."""


def present(text: str) -> bool:
    """Tell whether a cell has a value."""
    return text.strip().lower() not in _MISSING


def whole(text: str, top: int, what: str) -> int | None:
    """Return a whole number from 0 to `top`, None for an empty cell; a CellError names `what`.

    >>> whole("1,234", 10_000, "play count"), whole("3.0", 10_000, "play count")
    (1234, 3)
    """
    if text.isdecimal() and len(text) < 12:
        number = float(text)
    else:
        if not present(text):
            return None
        number = _float(text)
        if not number.is_integer() and _GROUPED.fullmatch(text.strip()):
            number = float(_SEPARATOR.sub("", text.strip()))
    if not (0 <= number <= top and number.is_integer()):
        raise CellError(f"{what} that is no whole number from 0 to {top:,}")
    return int(number)


def long_enough(ms_played: int | None) -> int | None:
    """Return the playing time, or None unchanged; raise CellError if it is too short for a play."""
    if ms_played is not None and ms_played < SHORTEST_PLAY_MS:
        raise CellError("played for less than 30 seconds")
    return ms_played


def within(text: str, low: float, high: float) -> float | None:
    """Return a number from `low` to `high`; None if the cell has no such number."""
    number = _float(text)
    return number if low <= number <= high else None


def flag(text: str) -> bool | None:
    """Return the meaning of "True", "yes", "1", "f", ...; None for any other text."""
    return {"true": True, "t": True, "yes": True, "1": True, "1.0": True}.get(
        text.strip().lower(),
        False if text.strip().lower() in {"false", "f", "no", "0", "0.0"} else None,
    )


def year(text: str) -> int | None:
    """Return the year of a date of any precision: "2019-06-14", "1985-03", "1985.0", "14 Jun 2019"."""
    found = re.search(r"(?<![0-9])(?:1[89]|20)[0-9]{2}(?![0-9])", text)
    return int(found[0]) if found else None


def names_in(text: str) -> list[str]:
    """Return the names in a cell with one name or a Python list of names: "['A', 'B']"."""
    stripped = text.strip()
    if stripped.startswith("[") and stripped.endswith("]") and len(stripped) <= _LIST_LENGTH:
        try:
            with warnings.catch_warnings(action="ignore"):  # a backslash in a name is not an error
                listed = ast.literal_eval(stripped)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return [text]
        if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
            return listed
    return [text]


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
