"""Deezer's public API: search, one track, 30 seconds of it.  No key; 50 requests per 5 seconds.

https://developers.deezer.com/api.  Errors come with status 200: code 4 is a full quota, 700 a busy service,
800 nothing there.  The address of a preview is signed and expires after 15 minutes.
"""

import re
from typing import Any

from recommender.catalog.addresses import DEEZER
from recommender.catalog.lookup.found import MOST_FOUND, PATIENCE, FoundSong, Wanted, texts
from recommender.catalog.web import Web
from recommender.errors import Unavailable

_DAY = 86_400
_NOTHING = 800
_QUOTA_SECONDS = 5.0
_ID = re.compile(r"[1-9][0-9]{0,17}|isrc:[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_CDN = r"https://[\w.-]+\.dzcdn\.net/"
_PREVIEW = re.compile(rf"{_CDN}[\w/.?=&~*,%-]{{1,600}}")
_COVER = re.compile(rf"{_CDN}[\w/.-]{{1,200}}")


class Deezer:
    """Client for Deezer."""

    code, title = "dz", "Deezer"
    most, window = 50, 5.0
    kept_seconds, song_seconds = _DAY, 600

    def __init__(self, base: str = DEEZER) -> None:
        """Take the API's URL."""
        self._web = Web(self.title, base)

    def suits(self, wanted: Wanted) -> bool:
        """Return True: any text can be searched."""
        return bool(wanted.key)

    def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return candidates, likeliest first."""
        query = wanted.words
        if wanted.artist:
            query = f'artist:"{_unquoted(wanted.artist)}" track:"{_unquoted(wanted.title)}"'
        rows = self._get("/search", q=query, limit=MOST_FOUND)["data"]
        return [song for row in rows if (song := _song(row))][:MOST_FOUND]

    def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id or ISRC, None if there is none."""
        return _song(self._get(f"/track/{song_id}")) if _ID.fullmatch(song_id) else None

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        answer: dict[str, Any] = self._web.get_within(PATIENCE, path, **parameters)
        error = answer.get("error")
        if not error:
            return answer
        if error.get("code") == _NOTHING:
            return {"data": []}
        raise Unavailable("{} does not answer right now.", self.title, retry_after=_QUOTA_SECONDS)


def _unquoted(text: str) -> str:
    return text.replace('"', " ")


def _song(row: dict[str, Any]) -> FoundSong | None:
    """Return a song, None for an answer without one."""
    song_id, title, preview, isrc = texts(row, "id", "title", "preview", "isrc")
    (artist,) = texts(row.get("artist") or {}, "name")
    if not (artist and title and _ID.fullmatch(song_id)):
        return None
    (cover,) = texts(row.get("album") or {}, "cover_medium")
    known = (("deezer", song_id), *((("isrc", isrc),) if _ISRC.fullmatch(isrc) else ()))
    return FoundSong(
        Deezer.code,
        song_id,
        artist,
        title,
        known,
        cover=cover if _COVER.fullmatch(cover) else "",
        preview=preview if _PREVIEW.fullmatch(preview) else "",
        page=f"https://www.deezer.com/track/{song_id}",
    )
