"""A table of tracks with Spotify's audio features: names, date, popularity, genre, in many spellings."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from storage.imports import audio_features
from storage.imports.cells import LONGEST_PLAY_MS, CellError, flag, names_in, within, year
from storage.imports.columns import all_spellings, find_columns, spellings
from storage.imports.names import clean
from storage.imports.table import Table
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.rows import ExternalIds, ImportFormatError, Noted, Options, Row, Tag, TrackRow

_TRACK = spellings(
    title="trackname songname songtitle tracktitle title track song name",
    artist="trackartist artistname artistsname artists artist artistnames",
    album="trackalbumname albumname album",
    spotify="trackid spotifyid spotifytrackid trackuri spotifytrackuri uri id",
    isrc="isrc trackisrc",
    released="trackalbumreleasedate albumreleasedate releasedate released",
    year="releaseyear releasedyear year",
    duration_ms="durationms trackdurationms",
    explicit="explicit isexplicit trackexplicit",
    popularity="trackpopularity popularity spotifypopularity",
    genre="playlistgenre trackgenre genre genres artistgenres",
    subgenre="playlistsubgenre subgenre",
    playlist="playlistid playlistname playlist",
)
_ROLES = _TRACK | audio_features.SPELLINGS
_SPOTIFY_ID = re.compile(r"(?:.*track[:/])?([0-9A-Za-z]{22})(?:\?.*)?")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_NO_NAMES = frozenset({"na", "nan", "none", "null"})
_MOST_GENRES = 10


class SpotifyTracksReader(TableReader):
    """Reader of a CSV table, or of a folder that contains one.  It finds columns by their names."""

    def __init__(self, path: Path, options: Options) -> None:
        source = options.source or "spotify-tracks"
        table = _table_in(path) if path.is_dir() else _checked(path)
        super().__init__(table, source, source)
        places = find_columns(table.first, _ROLES)
        self._features = {name: places.pop(name) for name in audio_features.RANGES if name in places}
        self._percent = frozenset(name for name, place in self._features.items() if "%" in table.first[place])
        self._places = {role: places.get(role, -1) for role in _TRACK}
        self._newest = datetime.now(UTC).year + 1

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        cells.append("")  # place -1: the cell of a missing column
        cell = {role: cells[place] for role, place in self._places.items()}
        artist, title = clean(_first_artist(cell["artist"])), clean(cell["title"])
        if not (artist.text and title.text) or {artist.text.lower(), title.text.lower()} <= _NO_NAMES:
            raise CellError("no title or no artist")
        features, set_aside = audio_features.read_features(self._feature_cells(cells))
        released = year(cell["released"]) or year(cell["year"])
        duration = within(cell["duration_ms"], 1, LONGEST_PLAY_MS)
        track = TrackRow(
            line,
            artist.text,
            title.text,
            album=clean(cell["album"]).text or None,
            year=released if released and released <= self._newest else None,
            duration_ms=None if duration is None else round(duration),
            explicit=flag(cell["explicit"]),
            popularity=within(cell["popularity"], 0, 100),
            ids=_ids(cell),
            features=features,
            tags=_genres(cell),
            playlist=cell["playlist"].strip() or None,
        )
        notes = dict.fromkeys((artist.repair, title.repair, set_aside))
        return (*(Noted(line, what) for what in notes if what), track)

    def _feature_cells(self, cells: list[str]) -> dict[str, str]:
        return {
            name: f"{cells[place]}%" if name in self._percent else cells[place]
            for name, place in self._features.items()
        }


def _checked(path: Path) -> Table:
    table = Table(TextFile(path), all_spellings(_ROLES))
    found = find_columns(table.first, _ROLES)
    missing = [role for role in ("title", "artist") if role not in found]
    if missing or len(found) < 3:
        lacks = f"has no column for the {missing[0]}" if missing else "knows of its tracks but their names"
        raise ImportFormatError(
            f"{path} {lacks}; spotify-tracks reads a table with a header such as"
            " track_name, track_artist, track_id, duration_ms, danceability, energy, tempo."
        )
    return table


def _table_in(folder: Path) -> Table:
    found: dict[str, Table] = {}
    for path in sorted(folder.iterdir()):
        if re.search(r"\.(csv|tsv|txt)(\.gz)?$", path.name.lower()):
            try:
                found[path.name] = _checked(path)
            except ImportFormatError:
                continue  # another file of the folder has the tracks
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise ImportFormatError(f"{folder} holds several tables of tracks; name one: {', '.join(found)}.")
    raise ImportFormatError(f"{folder} holds no CSV table of tracks; name a file with track_name, artists.")


def _first_artist(cell: str) -> str:
    """Return the main artist of a track; guests follow in a list or after a semicolon."""
    names = names_in(cell)
    return (names[0] if names else "").split(";")[0]


def _ids(cell: dict[str, str]) -> ExternalIds:
    spotify = _SPOTIFY_ID.fullmatch(cell["spotify"].strip())
    isrc = _ISRC.fullmatch(cell["isrc"].strip().upper().replace("-", ""))
    return (*([("spotify", spotify[1])] if spotify else []), *([("isrc", isrc[0])] if isrc else []))


def _genres(cell: dict[str, str]) -> tuple[Tag, ...]:
    listed = names_in(cell["genre"]) + names_in(cell["subgenre"])
    parts = [part for name in listed for part in re.split("[;,|]", name)]
    names = dict.fromkeys(clean(part).text.lower() for part in parts)
    return tuple(Tag(name, "genre") for name in names if name and name not in _NO_NAMES)[:_MOST_GENRES]
