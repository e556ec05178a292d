"""The columns of a table of plays: found by name, by the user's options, or by their contents."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from storage.errors import StorageError
from storage.imports.cells import CellError
from storage.imports.columns import find_columns, spellings
from storage.imports.table import squash
from storage.imports.times import moment

SPELLINGS = spellings(
    user=(
        "userid user username usersha1 useridhash usermboxsha1sum listener listenerid account "
        "accountid person member uid lastfmuser benutzer utilisateur usuario"
    ),
    artist_mbid="artistmbid artmbid musicbrainzartistid mbartistid",
    track_mbid="trackmbid recordingmbid musicbrainztrackid musicbrainzrecordingid mbtrackid",
    isrc="isrc trackisrc",
    spotify="spotifytrackuri trackuri spotifytrackid spotifyid",
    artist=(
        "artistname artist artname band bandname performer artistcreditname "
        "mastermetadataalbumartistname artists artistsname artistnames artistname1 "
        "interpret interpreten künstler interprete intérprete artiste artista artiest kunstner uitvoerende "
        "wykonawca исполнитель アーティスト"
    ),
    album="albumname album albumtitle releasename release mastermetadataalbumalbumname albumtitel álbum",
    track=(
        "trackname track tracktitle song songname songtitle title recordingname "
        "mastermetadatatrackname traname name "
        "titel lied liedtitel songtitel musiktitel titre chanson morceau nom título titulo canción cancion "
        "nombre titolo brano nome faixa música musica nummer låt utwór tytuł название "
        "композиция 曲名 タイトル"
    ),
    plays=(
        "plays playcount playscount count listens listencount listeningcount weight scrobbles "
        "timesplayed numplays nplays totalplays trackplaycount wiedergaben abspielungen aufrufe "
        "wiedergabeanzahl lectures écoutes ecoutes reproducciones riproduzioni ascolti reproduções"
    ),
    time=(
        "timestamp uts time datetime date ts playedat utctime listenedat endtime scrobbledat "
        "scrobbletime dateplayed timeplayed listenedatiso entrydate savedat datetimeplayed "
        "scrobbledate played playdate playedtime listeneddate "
        "playedon listendate listenedon datum zeitpunkt zeit uhrzeit heure fecha hora data "
        "datadia tidspunkt дата"
    ),
    day="date day datum fecha data jour dia tag dateplayed scrobbledate playeddate",
    ms_played="msplayed playedms millisecondsplayed streamdurationms",
    seconds="listeningtime secondsplayed",
)
_SPOTIFY = re.compile(r"[0-9A-Za-z]{22}")
_MBID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Columns that only this service's exports have.
_SERVICES = (
    ({"entrydate", "streamdurationms"}, "tidal-file"),
    ({"listeningtime", "songtitle", "isrc"}, "deezer-file"),
    ({"uts", "utctime"}, "lastfm-file"),
    ({"albumid", "track", "date"}, "lastfm-file"),
)
# lastfmstats.com appends the account's name to a column's name: "Date#ann"
_SAYS_WHOSE = re.compile(r"(?<=^Date)#.*")
_MOST = 0.9  # the share of the first rows that must fit; one may be damaged
_FEW = 3  # from so many rows on one may be damaged, though it is more than a tenth
_EXAMPLE = '--columns user,artist,track,plays,time ("-" for one to leave out)'
_NAME_THEM = "has no column of artist names, but {}; call one of them artist."
_NAMELESS = "has no line that names its columns; put one at the top, such as artist,track,plays,timestamp."


class Columns(NamedTuple):
    """The columns of a table, by role."""

    places: dict[str, int]  # role -> place in a row
    header: bool  # whether the first line is a header
    source: str = "plays"  # the service whose export has these columns


class ColumnsError(StorageError):
    """The columns cannot be recognised; the message continues a sentence that begins with the file's name."""


def find(sample: Sequence[Sequence[str]], said: Sequence[str]) -> Columns:
    """Return the columns, found from the first rows and the user's names; raise ColumnsError."""
    first = [_SAYS_WHOSE.sub("", name) for name in sample[0]]
    named = find_columns(first, SPELLINGS)
    if said:
        return Columns(_said(said, len(first)), header=len(named) > 1)
    if "artist" in named:
        return Columns(named, header=True, source=_service({squash(name) for name in first}))
    if len(named) > 1 or (named and len(first) == 1):
        raise ColumnsError(_NAME_THEM, ", ".join(first)[:200])
    for shape, fits in _SHAPES:
        fitting = sum(len(row) == len(shape) and fits(row) for row in sample)
        enough = min(_MOST * len(sample), len(sample) - 1 if len(sample) >= _FEW else len(sample))
        if len(first) == len(shape) and fitting >= enough:
            source = "lastfm-file" if fits in (_is_lastfm_export, _is_lastexport) else "plays"
            return Columns({role: place for place, role in enumerate(shape) if role}, False, source)
    raise ColumnsError(_NAMELESS)


def _service(columns: set[str]) -> str:
    return next((source for telling, source in _SERVICES if telling <= columns), "plays")


def _said(said: Sequence[str], width: int) -> dict[str, int]:
    if len(said) != width:
        raise ColumnsError(
            "has {} columns and --columns names {}; name each as in {}.",
            width,
            len(said),
            _EXAMPLE,
        )
    places: dict[str, int] = {}
    for place, name in enumerate(said):
        if name.strip() in ("", "-", "_"):
            continue
        roles = {role for role, names in SPELLINGS.items() if squash(name) in (squash(role), *names)}
        if not roles or roles & places.keys():
            what = "twice" if roles else "unknown"
            raise ColumnsError(
                "cannot be read: column {} is {} in --columns; use {}.",
                name,
                what,
                ", ".join(SPELLINGS),
            )
        places[roles.pop()] = place
    if "artist" not in places:
        raise ColumnsError("cannot be read without an artist; name them in their order with {}.", _EXAMPLE)
    return places


def is_mbid(text: str) -> bool:
    """Tell whether a text is a MusicBrainz id."""
    return _MBID.fullmatch(text) is not None


def _is_time(text: str) -> bool:
    try:
        moment(text)
    except CellError:
        return False
    return True


def _is_celma_log(row: Sequence[str]) -> bool:
    return _is_time(row[1]) and all(is_mbid(cell) or not cell for cell in (row[2], row[4]))


def _is_celma_totals(row: Sequence[str]) -> bool:
    return (is_mbid(row[1]) or not row[1]) and row[3].strip().isdecimal() and bool(row[2].strip())


def _is_lastfm_export(row: Sequence[str]) -> bool:
    return _is_time(row[3])  # except for the track that was playing during the export


def _is_lastexport(row: Sequence[str]) -> bool:
    return (
        _is_time(row[0])
        and bool(row[1].strip() and row[2].strip())
        and all(is_mbid(cell.strip()) or not cell.strip() for cell in row[4:])
    )


def _is_applet(row: Sequence[str]) -> bool:
    return _is_time(row[0]) and (_SPOTIFY.fullmatch(row[3].strip()) is not None or row[4].startswith("http"))


# Well-known files without a header: O. Celma's Last.fm 1K and 360K (2010), Last.fm accounts exported by two
# tools (lastexport.py with and without ids), and the rows that an IFTTT applet adds to a sheet.
_SHAPES: tuple[tuple[tuple[str, ...], Callable[[Sequence[str]], bool]], ...] = (
    (("user", "time", "artist_mbid", "artist", "track_mbid", "track"), _is_celma_log),
    (("user", "artist_mbid", "artist", "plays"), _is_celma_totals),
    (("artist", "album", "track", "time"), _is_lastfm_export),
    (("time", "track", "artist", "album", "track_mbid", "artist_mbid", ""), _is_lastexport),
    (("time", "track", "artist", "album", "track_mbid"), _is_lastexport),
    (("time", "track", "artist", "spotify", ""), _is_applet),
    (("time", "track", "artist", "album"), _is_lastexport),
)
