"""JSON from unknown programs: the names of the fields tell their roles, as in the columns of a table."""

from typing import Any

from storage.imports.cells import MOST_PLAYS, CellError, long_enough, whole
from storage.imports.columns import find_columns
from storage.imports.entries import Heard, Shape, milliseconds, text, when
from storage.imports.json_file import Entry
from storage.imports.plays_columns import SPELLINGS, is_mbid
from storage.imports.times import Order
from storage.records import Kind

SOURCE = "plays"
_HEARD = ("time", "plays", "ms_played", "seconds")  # an entry without any of them is a saved track


def _roles(entry: Entry) -> dict[str, Any]:
    names = [name for name, value in entry.items() if isinstance(value, str | int | float)]
    return {role: entry[names[place]] for role, place in find_columns(names, SPELLINGS).items()}


def _fits(entry: Entry) -> bool:
    return {"artist", "track"} <= _roles(entry).keys()


def _date(entry: Entry) -> str:
    return str(_roles(entry).get("time", ""))


def _read(entry: Entry, *, order: Order | None = None) -> Heard:
    said = _roles(entry)
    artist = text(said.get("artist"))
    if not artist:
        raise CellError("no artist")
    plays = whole(str(said.get("plays", "")), MOST_PLAYS, "play count")
    is_saved = said.keys().isdisjoint(_HEARD)
    if plays == 0 or (plays is None and not is_saved and "time" not in said):
        raise CellError("no plays")
    mbid = str(said.get("track_mbid", ""))
    return Heard(
        artist,
        text(said.get("track")) or None,
        when(said["time"], order) if "time" in said else None,
        long_enough(milliseconds(said.get("ms_played"))),
        said.get("album"),
        (("mbid", mbid.lower()),) if is_mbid(mbid) else (),
        Kind.SAVE if is_saved else Kind.PLAY,
        str(said["user"]) if "user" in said else None,
        plays,
    )


SHAPES = (Shape(SOURCE, "JSON entries with artist, track, time, plays by name", _fits, _read, _date),)
