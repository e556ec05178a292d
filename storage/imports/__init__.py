"""Import formats: each has a reader that checks a file and streams its contents as plain rows.

A reader does not use the database; `storage.ingest.importer` stores its rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from storage.imports.export import open_export
from storage.imports.lastfm_2k import LastFm2kReader
from storage.imports.lastfm_matrix import LastfmMatrixReader
from storage.imports.limits import DATA_SET, PERSON, Guarded
from storage.imports.names import clean
from storage.imports.plays import PlaysReader
from storage.imports.plays_columns import ColumnsError
from storage.imports.related import RelatedReader
from storage.imports.spotify_tracks import SpotifyTracksReader
from storage.imports.starter import StarterReader
from storage.imports.texts import TextsReader
from storage.rows import (
    ArtistRow,
    ExternalIds,
    Fact,
    FriendRow,
    HeardRow,
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

__all__ = [
    "FORMATS",
    "ArtistRow",
    "ExternalIds",
    "Fact",
    "Format",
    "FriendRow",
    "HeardRow",
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
    """An import format: its one-line summary and its reader."""

    summary: str
    reader: Callable[[Path, Options], Reader]


def _open_plays(path: Path, options: Options) -> Reader:
    """Open a table; name the columns option in the error if the columns are not recognised."""
    try:
        return PlaysReader(path, options)
    except ImportFormatError as error:
        if isinstance(error.__cause__, ColumnsError) and not options.columns:
            raise ImportFormatError(_NAME_THEM, error) from error
        raise


FORMATS = {
    "auto": Format("anything below and the exports of all services: file, folder or zip", open_export),
    "lastfm-2k": Format(
        "the HetRec 2011 folder: play counts, tags and friends of Last.fm users", LastFm2kReader
    ),
    "lastfm-matrix": Format("a CSV table of users x artists with 0 and 1", LastfmMatrixReader),
    "spotify-tracks": Format("a CSV table of tracks with Spotify's audio features", SpotifyTracksReader),
    "plays": Format("a CSV table of user, artist, track, plays, timestamp, in any order", _open_plays),
    "texts": Format("texts about artists: .txt, .md, .html, .jsonl, a file or a folder", TextsReader),
    "starter": Format("a CSV table of artist, title, year, country, genres, moods", StarterReader),
    "related": Format("a CSV table of artist, fame, other names, related artists", RelatedReader),
}


_PERSONAL = ("auto", "plays")
_NAME_THEM = "{} Or name them with --columns user,artist,track,plays,time (- for one to leave out)."


def open_reader(name: str, path: Path, options: Options | None = None) -> Reader:
    """Return a reader of `path` for the format `name`, after checking the file.

    Raises ImportFormatError with one sentence if the file does not fit the format.
    """
    options = options or Options()
    if name not in FORMATS:
        raise ImportFormatError(f"There is no format {name}; choose one of {', '.join(FORMATS)}.")
    if options.source is not None:
        options = replace(options, source=clean(options.source).text)
    if (name not in _PERSONAL and options.account) or (name != "plays" and options.columns):
        raise ImportFormatError(
            f"The format {name} knows its columns and users; leave out --columns and --as."
        )
    limits = PERSON if options.account else DATA_SET
    return Guarded.opened(partial(FORMATS[name].reader, path, options), path, limits)
