"""Scrobbles as JSON: Last.fm accounts exported by common tools, and exports of a Maloja server."""

from storage.imports.cells import CellError
from storage.imports.entries import Heard, Shape, inner, milliseconds, named, text, when
from storage.imports.json_file import Entry

LASTFM, MALOJA = "lastfm-file", "maloja-file"


def _is_lastfmstats(entry: Entry) -> bool:
    return {"track", "artist", "album", "date"} <= entry.keys() and isinstance(entry["track"], str)


def _lastfmstats(entry: Entry) -> Heard:
    artist, title = named(entry["artist"], entry["track"])
    return Heard(artist, title, when(entry["date"]), album=entry["album"])


def _is_from_api(entry: Entry) -> bool:
    return {"artist", "name"} <= entry.keys() and (
        inner(entry, "date", "uts") is not None or inner(entry, "@attr", "nowplaying") is not None
    )


def _from_api(entry: Entry) -> Heard:
    artist = inner(entry, "artist", "#text") or inner(entry, "artist", "name")
    names = named(artist, entry["name"])
    if "date" not in entry:
        raise CellError("no time")  # the track that was playing during the export
    return Heard(*names, when(entry["date"]["uts"]), album=inner(entry, "album", "#text"))


def _is_maloja(entry: Entry) -> bool:
    return "time" in entry and (isinstance(inner(entry, "track", "artists"), list) or "artists" in entry)


def _maloja(entry: Entry) -> Heard:
    track = entry["track"] if isinstance(entry.get("track"), dict) else entry
    artists = track.get("artists")
    if not isinstance(artists, list) or not artists:
        raise CellError("no artist")
    artist, title = named("; ".join(filter(None, map(text, artists))), track.get("title"))
    seconds = entry.get("duration")
    album = inner(track, "album", "albumtitle") or inner(track, "album", "name")
    return Heard(
        artist,
        title,
        when(entry["time"]),
        None if seconds is None else milliseconds(float(seconds) * 1000),
        album,
    )


SHAPES = (
    Shape(LASTFM, "a Last.fm account, as lastfmstats.com saves it", _is_lastfmstats, _lastfmstats),
    Shape(LASTFM, "a Last.fm account, as its API tells it", _is_from_api, _from_api),
    Shape(MALOJA, "the scrobbles of a Maloja server", _is_maloja, _maloja),
)
