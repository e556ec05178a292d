"""What the entries of JSON exports have in common: names, times and numbers from values of any type."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from storage.imports.cells import LONGEST_PLAY_MS, SHORTEST_PLAY_MS, CellError, long_enough
from storage.imports.json_file import Entry
from storage.imports.names import clean
from storage.imports.rows import ExternalIds
from storage.imports.times import Order, moment
from storage.records import Kind

NO_MUSIC = "no music (a podcast, an audiobook or a video)"


class Heard(NamedTuple):
    """What one entry says, whoever listened."""

    artist: str
    title: str | None
    at: int | None
    ms_played: int | None = None
    album: str | None = None
    track_ids: ExternalIds = ()
    kind: Kind = Kind.PLAY
    user: str | None = None  # where the entry says itself who listened
    plays: int | None = 1


@dataclass(frozen=True)
class Shape:
    """One kind of entries: how they are recognised and read.  `read` raises CellError for one that is bad.

    Where programs of any country may have written dates, `date` returns that of an entry, and `read` takes
    the `order` of day and month that all of them tell.
    """

    source: str
    summary: str
    fits: Callable[[Entry], bool]
    read: Callable[..., Heard | Iterable[Heard]]
    date: Callable[[Entry], str] | None = None


def text(value: Any) -> str:  # noqa: ANN401 - whatever a file holds
    """Return a name without its accidents; "" where the value is no text."""
    return clean(value).text if isinstance(value, str) else ""


def inner(entry: Any, *path: str) -> Any:  # noqa: ANN401 - whatever a file holds
    """Return what stands under `path` in nested entries, None where anything of it is missing."""
    for name in path:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return entry


def number(value: Any) -> float | None:  # noqa: ANN401 - whatever a file holds
    """Return a finite number; None where the value is none."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e18 else None


def milliseconds(value: Any) -> int | None:  # noqa: ANN401 - whatever a file holds
    """Return how long something was heard, None where the entry does not say; CellError if impossible."""
    if value is None:
        return None
    found = number(value)
    if found is None or not 0 <= found <= LONGEST_PLAY_MS:
        raise CellError("playing time that nobody can have played")
    return int(found)


def when(value: Any, order: Order | None = None) -> int:  # noqa: ANN401 - whatever a file holds
    """Return seconds since 1970 of a time in any of the usual spellings; raise CellError if it is none."""
    return moment(value if isinstance(value, str) else str(value), order)


def named(artist: Any, title: Any) -> tuple[str, str]:  # noqa: ANN401 - whatever a file holds
    """Return artist and title, both there; raise CellError otherwise."""
    names = text(artist), text(title)
    if not all(names):
        raise CellError("no artist" if not names[0] else "no title")
    return names


def heard_as(ms_played: int | None, *, skipped: bool = False) -> Kind:
    """Return PLAY, or SKIP for what was skipped at once; raise CellError for what merely stopped."""
    if skipped and ms_played is not None and ms_played < SHORTEST_PLAY_MS:
        return Kind.SKIP
    long_enough(ms_played)
    return Kind.PLAY
