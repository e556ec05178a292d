"""How the columns of a table of plays are found: by their names, by what was said, or by what is in them."""

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
        "accountid person member uid lastfmuser"
    ),
    artist_mbid="artistmbid artmbid musicbrainzartistid mbartistid",
    track_mbid="trackmbid recordingmbid musicbrainztrackid musicbrainzrecordingid mbtrackid",
    isrc="isrc trackisrc",
    spotify="spotifytrackuri trackuri spotifytrackid spotifyid",
    artist=(
        "artistname artist artname band bandname performer artistcreditname "
        "mastermetadataalbumartistname artists artistsname"
    ),
    album="albumname album albumtitle releasename release mastermetadataalbumalbumname",
    track=(
        "trackname track tracktitle song songname songtitle title recordingname "
        "mastermetadatatrackname traname name"
    ),
    plays=(
        "plays playcount playscount count listens listencount listeningcount weight scrobbles "
        "timesplayed numplays nplays totalplays"
    ),
    time=(
        "timestamp uts time datetime date ts playedat utctime listenedat endtime scrobbledat "
        "scrobbletime dateplayed timeplayed listenedatiso entrydate"
    ),
    ms_played="msplayed playedms millisecondsplayed streamdurationms",
    seconds="listeningtime secondsplayed",
)
_MBID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Columns that only this service's exports have.
_SERVICES = (
    ({"entrydate", "streamdurationms"}, "tidal-file"),
    ({"listeningtime", "songtitle", "isrc"}, "deezer-file"),
    ({"uts", "utctime"}, "lastfm-file"),
    ({"albumid", "track", "date"}, "lastfm-file"),
)
# lastfmstats.com writes the account's name behind a column's: "Date#ann"
_SAYS_WHOSE = re.compile(r"(?<=^Date)#.*")
_MOST = 0.9  # of the first rows have to fit; one may be damaged
_EXAMPLE = '--columns user,artist,track,plays,time ("-" for one to leave out)'


class Columns(NamedTuple):
    places: dict[str, int]  # role -> place in a row
    header: bool  # whether the first line names columns
    source: str = "plays"  # the service whose export looks like that


class ColumnsError(StorageError):
    """The columns cannot be told; the message continues a sentence that began with the file's name."""


def find(sample: Sequence[Sequence[str]], said: Sequence[str]) -> Columns:
    """Return which column is what, from the first rows and what was said of them; raise ColumnsError."""
    first = [_SAYS_WHOSE.sub("", name) for name in sample[0]]
    named = find_columns(first, SPELLINGS)
    if said:
        return Columns(_said(said, len(first)), header=len(named) > 1)
    if "artist" in named:
        return Columns(named, header=True, source=_service({squash(name) for name in first}))
    if len(named) > 1 or (named and len(first) == 1):
        raise ColumnsError(
            "has no column of artist names, but {}; call one of them artist, or name all with {}.",
            ", ".join(first)[:200],
            _EXAMPLE,
        )
    for shape, fits in _SHAPES:
        fitting = sum(len(row) == len(shape) and fits(row) for row in sample)
        if len(first) == len(shape) and fitting >= _MOST * len(sample):
            source = "lastfm-file" if fits is _is_lastfm_export else "plays"
            return Columns({role: place for place, role in enumerate(shape) if role}, False, source)
    raise ColumnsError(
        "has no line that names its columns; put one at the top, such as artist,track,plays,timestamp, "
        "or use {}.",
        _EXAMPLE,
    )


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
    return _is_time(row[3])  # but for the song that was playing during the export


# Well-known files without a header: O. Celma's Last.fm 1K and 360K (2010), the export of a Last.fm account.
_SHAPES: tuple[tuple[tuple[str, ...], Callable[[Sequence[str]], bool]], ...] = (
    (("user", "time", "artist_mbid", "artist", "track_mbid", "track"), _is_celma_log),
    (("user", "artist_mbid", "artist", "plays"), _is_celma_totals),
    (("artist", "album", "track", "time"), _is_lastfm_export),
)
