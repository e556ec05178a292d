"""Songs in a library of Apple Music: `Apple Music Library Tracks.json` of Apple's copy of one's data.

How often they were played is in the play activity beside it, so here they are saved songs.
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
