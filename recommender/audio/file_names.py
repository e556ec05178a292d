"""Artist and title of a music file: from its tags by mutagen, else from its path."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from storage.imports.names import clean

_LONGEST = 300  # characters of a tag
_NUMBER = re.compile(r"^\s*(?:\d{1,2}[-.])?\d{1,3}(?:\s*[-._)]\s*|\s+)(?=\D)")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


@dataclass(frozen=True, slots=True)
class FileNames:
    """The names of the song in a file; an empty artist or title is unknown."""

    artist: str = ""
    title: str = ""
    album: str | None = None
    year: int | None = None
    isrc: str | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether artist and title are known."""
        return bool(self.artist and self.title)

    def to_json(self) -> dict[str, Any]:
        """Return the names as JSON values."""
        return asdict(self)


def names_of(path: Path, folder: Path | None = None) -> FileNames:
    """Return the names in the tags of a file, else those in its path below `folder`."""
    tagged = _tagged(path)
    if tagged.is_complete:
        return tagged
    artist, title = _from_path(path, folder)
    return FileNames(tagged.artist or artist, tagged.title or title, tagged.album, tagged.year, tagged.isrc)


def _tagged(path: Path) -> FileNames:
    import mutagen  # noqa: PLC0415 - an extra

    try:
        tags = mutagen.File(path, easy=True)
    except Exception:  # noqa: BLE001 - whatever damaged tags make mutagen raise: they name nothing
        return FileNames()
    if not tags:
        return FileNames()

    def one(name: str) -> str:
        values = tags.get(name) if name in tags else None
        return clean(str(values[0])[:_LONGEST]).text if values else ""

    year = _YEAR.search(one("date"))
    isrc = one("isrc").replace("-", "").upper() or None
    return FileNames(
        one("artist") or one("albumartist"), one("title"), one("album") or None, year and int(year[0]), isrc
    )


def _from_path(path: Path, folder: Path | None) -> tuple[str, str]:
    """Return artist and title: of "Artist - Title.mp3", or of "Artist/Album/03 Title.mp3".

    >>> _from_path(Path("m/Queen - Jealousy.mp3"), Path("m"))
    ('Queen', 'Jealousy')
    >>> _from_path(Path("m/Queen/Jazz/02 Jealousy.mp3"), Path("m"))
    ('Queen', 'Jealousy')
    """
    stem = _NUMBER.sub("", clean(path.stem.replace("_", " ")).text)
    first, *rest = _DASH.split(stem, maxsplit=1)
    if rest:
        return first.strip(), rest[0].strip()
    parents = (
        path.relative_to(folder).parts[:-1] if folder is not None and path.is_relative_to(folder) else ()
    )
    return (clean(parents[0]).text if parents else ""), stem.strip()
