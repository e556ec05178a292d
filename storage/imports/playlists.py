"""Playlists in the slices of the Million Playlist Dataset: every playlist is one background user."""

from collections.abc import Iterator

from storage.imports.cells import CellError
from storage.imports.entries import Heard, Shape, inner, text, when
from storage.imports.json_file import Entry

SOURCE = "mpd"
_URI = "spotify:track:"


def _fits(entry: Entry) -> bool:
    return "pid" in entry and isinstance(entry.get("tracks"), list)


def _read(entry: Entry) -> Iterator[Heard]:
    """Yield the tracks of one playlist, as plays at its last change."""
    if not isinstance(entry["pid"], int | str):
        raise CellError("no playlist id")
    changed = entry.get("modified_at")
    at = None if changed is None else when(changed)
    for track in entry["tracks"]:
        artist, title = text(inner(track, "artist_name")), text(inner(track, "track_name"))
        if not artist or not title:
            continue
        uri = str(track.get("track_uri"))
        ids = (("spotify", uri.removeprefix(_URI)),) if uri.startswith(_URI) else ()
        album, user = track.get("album_name"), f"playlist {entry['pid']}"
        yield Heard(artist, title, at, album=album, track_ids=ids, user=user)


SHAPES = (Shape(SOURCE, "slices of the Million Playlist Dataset", _fits, _read),)
