"""The library of an Apple Music account: `Apple Music Library Tracks.json` of Apple's data export.

Their plays are in the play activity of the same export, so these are saved tracks.
"""

from storage.imports.entries import Heard, Shape, named
from storage.imports.json_file import Entry
from storage.records import Kind

SOURCE = "apple-file"
_TELLING = {"Date Added To Library", "Track Play Count", "Track Identifier", "Audio File Extension"}


def _fits(entry: Entry) -> bool:
    return {"Title", "Artist"} <= entry.keys() and bool(_TELLING & entry.keys())


def _read(entry: Entry) -> Heard:
    artist, title = named(entry["Artist"], entry["Title"])
    return Heard(artist, title, None, album=entry.get("Album"), kind=Kind.SAVE, plays=None)


SHAPES = (Shape(SOURCE, "the library tracks of Apple Music", _fits, _read),)
