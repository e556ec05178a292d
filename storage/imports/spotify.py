"""Spotify's two exports of what somebody streamed.

*Extended streaming history* (`Streaming_History_Audio_*.json`, once `endsong_*.json`) has a row per stream
with the moment it ended.  *Account data* (`StreamingHistory_music_*.json`) has the last year, the end to the
minute.  Where a person was, on which device and from which address is in the files and read by nobody here.
"""

import re

from storage.imports.cells import CellError
from storage.imports.entries import NO_MUSIC, Heard, Shape, heard_as, milliseconds, named, when
from storage.imports.json_file import Entry

SOURCE = "spotify-file"
_TRACK = re.compile(r"spotify:track:([0-9A-Za-z]{22})")
_PASSED_OVER = "fwdbtn"
_ARTIST, _TITLE = "master_metadata_album_artist_name", "master_metadata_track_name"


def _is_extended(entry: Entry) -> bool:
    return "ms_played" in entry and "ts" in entry and _TITLE in entry


def _extended(entry: Entry) -> Heard:
    if entry.get("incognito_mode"):
        raise CellError("heard in a private session")
    if not entry.get(_TITLE):
        raise CellError(NO_MUSIC)
    artist, title = named(entry.get(_ARTIST), entry[_TITLE])
    ms_played = milliseconds(entry["ms_played"])
    skipped = entry.get("skipped") is True or entry.get("reason_end") == _PASSED_OVER
    kind = heard_as(ms_played, skipped=skipped)
    track = _TRACK.fullmatch(str(entry.get("spotify_track_uri")))
    return Heard(
        artist,
        title,
        when(entry["ts"]) - (ms_played or 0) // 1000,
        ms_played,
        entry.get("master_metadata_album_album_name"),
        (("spotify", track[1]),) if track else (),
        kind,
    )


def _is_account_data(entry: Entry) -> bool:
    return {"endTime", "msPlayed"} <= entry.keys() and ("trackName" in entry or "podcastName" in entry)


def _account_data(entry: Entry) -> Heard:
    if "trackName" not in entry:
        raise CellError(NO_MUSIC)
    artist, title = named(entry.get("artistName"), entry["trackName"])
    ms_played = milliseconds(entry["msPlayed"])
    kind = heard_as(ms_played)
    return Heard(artist, title, when(entry["endTime"]) - (ms_played or 0) // 1000, ms_played, kind=kind)


SHAPES = (
    Shape(SOURCE, "Spotify's extended streaming history", _is_extended, _extended),
    Shape(SOURCE, "Spotify's account data", _is_account_data, _account_data),
)
