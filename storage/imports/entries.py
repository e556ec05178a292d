"""Helpers for JSON exports: names, times and numbers from values of any type."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from storage.imports.cells import LONGEST_PLAY_MS, SHORTEST_PLAY_MS, CellError, long_enough
from storage.imports.json_file import Entry
from storage.imports.names import clean
from storage.imports.times import Order, moment
from storage.records import Kind
from storage.rows import ExternalIds

NO_MUSIC = "no music (a podcast, an audiobook or a video)"


class Heard(NamedTuple):
    """The play that one entry describes, without its owner."""

    artist: str
    title: str | None
    at: int | None
    ms_played: int | None = None
    album: str | None = None
    track_ids: ExternalIds = ()
    kind: Kind = Kind.PLAY
    user: str | None = None  # the user, if the entry names one
    plays: int | None = 1


@dataclass(frozen=True)
class Shape:
    """A kind of entry: how to recognise and read it.  `read` raises CellError for a bad entry.

    If programs in any country may have written the dates, `date` returns the date of an entry, and `read`
    takes the `order` of day and month found from all of them.
    """

    source: str
    summary: str
    fits: Callable[[Entry], bool]
    read: Callable[..., Heard | Iterable[Heard]]
    date: Callable[[Entry], str] | None = None


def text(value: Any) -> str:  # noqa: ANN401 - whatever a file holds
    """Return a cleaned name; "" if the value is not text."""
    return clean(value).text if isinstance(value, str) else ""


def inner(entry: Any, *path: str) -> Any:  # noqa: ANN401 - whatever a file holds
    """Return the value under `path` in nested entries, None if any part is missing."""
    for name in path:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return entry


def number(value: Any) -> float | None:  # noqa: ANN401 - whatever a file holds
    """Return a finite number; None if the value is not one."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e18 else None


def milliseconds(value: Any) -> int | None:  # noqa: ANN401 - whatever a file holds
    """Return the playing time in ms, None if the entry has none; raise CellError if it is impossible."""
    if value is None:
        return None
    found = number(value)
    if found is None or not 0 <= found <= LONGEST_PLAY_MS:
        raise CellError("playing time that nobody can have played")
    return int(found)


def when(value: Any, order: Order | None = None) -> int:  # noqa: ANN401 - whatever a file holds
    """Return a time in any known format as seconds since 1970; raise CellError for any other value."""
    return moment(value if isinstance(value, str) else str(value), order)


def named(artist: Any, title: Any) -> tuple[str, str]:  # noqa: ANN401 - whatever a file holds
    """Return artist and title; raise CellError if one is missing."""
    names = text(artist), text(title)
    if not all(names):
        raise CellError("no artist" if not names[0] else "no title")
    return names


def heard_as(ms_played: int | None, *, skipped: bool = False) -> Kind:
    """Return PLAY, or SKIP for a quick skip; raise CellError if the time is too short for a play."""
    if skipped and ms_played is not None and ms_played < SHORTEST_PLAY_MS:
        return Kind.SKIP
    long_enough(ms_played)
    return Kind.PLAY
