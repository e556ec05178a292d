"""Spotify's two exports of a user's streams.

*Extended streaming history* (`Streaming_History_Audio_*.json`, formerly `endsong_*.json`) has a row per
stream with its end.  *Account data* (`StreamingHistory_music_*.json`) has the last year, with ends to the
minute.  The user's location, device and address are in the files and stay unread.
"""

import re
from urllib.parse import unquote_plus

from storage.imports.cells import CellError
from storage.imports.entries import NO_MUSIC, Heard, Shape, heard_as, inner, milliseconds, named, number, when
from storage.imports.json_file import Entry
from storage.imports.times import EARLIEST
from storage.records import Kind
from storage.rows import ExternalIds

SOURCE = "spotify-file"
_TRACK = re.compile(r"spotify:track:([0-9A-Za-z]{22})")
_LOCAL = re.compile(r"spotify:local:(?P<artist>[^:]*):(?P<album>[^:]*):(?P<title>[^:]*):[0-9]*")
_OTHERS = ("episode_name", "spotify_episode_uri", "audiobook_title", "audiobook_uri")
_API_TIMES = {"played_at", "added_at"}
_PASSED_OVER = "fwdbtn"
_ARTIST, _TITLE = "master_metadata_album_artist_name", "master_metadata_track_name"


def _is_extended(entry: Entry) -> bool:
    return "ms_played" in entry and "ts" in entry and _TITLE in entry


def _extended(entry: Entry) -> Heard:
    if entry.get("incognito_mode"):
        raise CellError("heard in a private session")
    if any(entry.get(name) for name in _OTHERS):
        raise CellError(NO_MUSIC)
    uri = str(entry.get("spotify_track_uri"))
    artist, title, album = _names(entry, uri)
    ms_played = milliseconds(entry["ms_played"])
    skipped = entry.get("skipped") is True or entry.get("reason_end") == _PASSED_OVER
    kind = heard_as(ms_played, skipped=skipped)
    return Heard(artist, title, _began(entry, ms_played or 0), ms_played, album, _ids(uri), kind)


def _names(entry: Entry, uri: str) -> tuple[str, str | None, str | None]:
    """Return artist, title and album; empty names if Spotify has deleted the track and kept only its id."""
    if local := _LOCAL.fullmatch(uri):
        artist, title = named(unquote_plus(local["artist"]), unquote_plus(local["title"]))
        return artist, title, unquote_plus(local["album"]) or None
    if not entry.get(_TITLE) and not entry.get(_ARTIST):
        if not _ids(uri):
            raise CellError("a song without a name")
        return "", None, None
    return *named(entry.get(_ARTIST), entry[_TITLE]), entry.get("master_metadata_album_album_name")


def _ids(uri: str) -> ExternalIds:
    track = _TRACK.fullmatch(uri)
    return (("spotify", track[1]),) if track else ()


def _began(entry: Entry, ms_played: int) -> int:
    """Return when a stream began, in seconds since 1970.

    An offline stream is repeated each time the device reports: `ts` is then the time of the report, and only
    the offline timestamp shows that both are one stream.
    """
    ended = when(entry["ts"])
    if entry.get("offline") is True and number(entry.get("offline_timestamp")):
        stamp = when(entry["offline_timestamp"])
        if EARLIEST <= stamp <= ended:
            return stamp
    return ended - ms_played // 1000


def _is_account_data(entry: Entry) -> bool:
    return {"endTime", "msPlayed"} <= entry.keys() and ("trackName" in entry or "podcastName" in entry)


def _account_data(entry: Entry) -> Heard:
    if "trackName" not in entry:
        raise CellError(NO_MUSIC)
    artist, title = named(entry.get("artistName"), entry["trackName"])
    ms_played = milliseconds(entry["msPlayed"])
    kind = heard_as(ms_played)
    return Heard(artist, title, when(entry["endTime"]) - (ms_played or 0) // 1000, ms_played, kind=kind)


def _is_from_api(entry: Entry) -> bool:
    artists, name = inner(entry, "track", "artists"), inner(entry, "track", "name")
    return isinstance(artists, list) and bool(artists) and bool(name) and bool(_API_TIMES & entry.keys())


def _from_api(entry: Entry) -> Heard:
    """Read an item of Spotify's API: `played_at` of recently played tracks, `added_at` of saved ones."""
    track = entry["track"]
    artist, title = named(inner(track["artists"][0], "name"), track["name"])
    at = when(entry["played_at"]) if "played_at" in entry else None
    kind = Kind.SAVE if at is None else Kind.PLAY
    album = inner(track, "album", "name")
    return Heard(artist, title, at, None, album, _ids(str(track.get("uri"))), kind, plays=1 if at else None)


SHAPES = (
    Shape(SOURCE, "pages of Spotify's API: recently played, saved songs", _is_from_api, _from_api),
    Shape(SOURCE, "Spotify's extended streaming history", _is_extended, _extended),
    Shape(SOURCE, "Spotify's account data", _is_account_data, _account_data),
)
