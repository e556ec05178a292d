"""Files from outside: each format has a reader that checks a file and streams what it says as plain rows.

A reader knows nothing of the database; `storage.importer` stores what it yields.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from storage.imports.export import open_export
from storage.imports.lastfm_2k import LastFm2kReader
from storage.imports.lastfm_matrix import LastfmMatrixReader
from storage.imports.names import clean
from storage.imports.plays import PlaysReader
from storage.imports.related import RelatedReader
from storage.imports.rows import (
    ArtistRow,
    ExternalIds,
    Fact,
    FriendRow,
    ImportFormatError,
    ListenRow,
    Noted,
    Options,
    Reader,
    RelatedRow,
    Row,
    Skipped,
    Tag,
    TaggingRow,
    TextRow,
    TrackRow,
)
from storage.imports.spotify_tracks import SpotifyTracksReader
from storage.imports.starter import StarterReader
from storage.imports.texts import TextsReader
from storage.records import CHATS

__all__ = [
    "FORMATS",
    "ArtistRow",
    "ExternalIds",
    "Fact",
    "Format",
    "FriendRow",
    "ImportFormatError",
    "ListenRow",
    "Noted",
    "Options",
    "Reader",
    "RelatedRow",
    "Row",
    "Skipped",
    "Tag",
    "TaggingRow",
    "TextRow",
    "TrackRow",
    "open_reader",
]


@dataclass(frozen=True, slots=True)
class Format:
    summary: str
    reader: Callable[[Path, Options], Reader]


FORMATS = {
    "auto": Format("anything below and the exports of all services: file, folder or zip", open_export),
    "lastfm-2k": Format(
        "the HetRec 2011 folder: play counts, tags and friends of Last.fm users", LastFm2kReader
    ),
    "lastfm-matrix": Format("a CSV table of users x artists with 0 and 1", LastfmMatrixReader),
    "spotify-tracks": Format("a CSV table of tracks with Spotify's audio features", SpotifyTracksReader),
    "plays": Format("a CSV table of user, artist, track, plays, timestamp, in any order", PlaysReader),
    "texts": Format("texts about artists: .txt, .md, .html, .jsonl, a file or a folder", TextsReader),
    "starter": Format("a CSV table of artist, title, year, country, genres, moods", StarterReader),
    "related": Format("a CSV table of artist, fame, other names, related artists", RelatedReader),
}


_PERSONAL = ("auto", "plays")


def open_reader(name: str, path: Path, options: Options | None = None) -> Reader:
    """Return a reader of `path` in the format of this name, the file checked.

    Raises ImportFormatError with one sentence if the file cannot be read so.
    """
    options = options or Options()
    if name not in FORMATS:
        raise ImportFormatError(f"There is no format {name}; choose one of {', '.join(FORMATS)}.")
    if options.source is not None:
        options = replace(options, source=clean(options.source).text)
    if options.source in CHATS:
        raise ImportFormatError(
            f"A source cannot be named {options.source}, where people talk; choose another name."
        )
    if (name not in _PERSONAL and options.account) or (name != "plays" and options.columns):
        raise ImportFormatError(
            f"The format {name} knows its columns and users; leave out --columns and --as."
        )
    return FORMATS[name].reader(path, options)
