"""Apple's iTunes Search API: songs of the store and 30 seconds of them.  No key; about 20 requests a minute.

https://performance-partners.apple.com/search-api.  Previews may be played to promote the store, beside a link
to it.
"""

import re
from typing import Any

from recommender.catalog.addresses import ITUNES
from recommender.catalog.lookup.found import MOST_FOUND, PATIENCE, FoundSong, Wanted, texts
from recommender.catalog.web import Web

_DAY = 86_400
_ID = re.compile(r"[1-9][0-9]{0,17}")
_HOSTS = r"https://[\w.-]+\.(?:apple\.com|mzstatic\.com)/"
_MEDIA = re.compile(rf"{_HOSTS}[\w/.:%-]{{1,400}}")
_PAGE = re.compile(r"https://(?:music|itunes)\.apple\.com/[\w/.?=&%~-]{1,400}")


class Itunes:
    """Client for the iTunes Store."""

    code, title = "it", "Apple"
    most, window = 20, 60.0
    kept_seconds, song_seconds = _DAY, _DAY

    def __init__(self, base: str = ITUNES) -> None:
        """Take the API's URL."""
        self._web = Web(self.title, base)

    def suits(self, wanted: Wanted) -> bool:
        """Return True: any text can be searched."""
        return bool(wanted.key)

    def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return candidates, likeliest first."""
        return self._songs("/search", term=wanted.words, media="music", entity="song", limit=MOST_FOUND)

    def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id, None if there is none; it knows no ISRCs."""
        if not _ID.fullmatch(song_id):
            return None
        return next(iter(self._songs("/lookup", id=song_id)), None)

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _songs(self, path: str, **parameters: str | int) -> list[FoundSong]:
        rows = self._web.get_within(PATIENCE, path, **parameters)["results"]
        return [song for row in rows if (song := _song(row))][:MOST_FOUND]


def _song(row: dict[str, Any]) -> FoundSong | None:
    """Return a song, None for an album, an artist or a video."""
    song_id, artist, title, kind = texts(row, "trackId", "artistName", "trackName", "kind")
    if kind != "song" or not (artist and title and _ID.fullmatch(song_id)):
        return None
    cover, preview, page = texts(row, "artworkUrl100", "previewUrl", "trackViewUrl")
    return FoundSong(
        Itunes.code,
        song_id,
        artist,
        title,
        (("apple", song_id),),
        cover=cover.replace("100x100bb", "300x300bb") if _MEDIA.fullmatch(cover) else "",
        preview=preview if _MEDIA.fullmatch(preview) else "",
        page=page if _PAGE.fullmatch(page) else f"https://music.apple.com/us/song/{song_id}",
    )
