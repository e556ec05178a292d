"""Cover pictures: from the Cover Art Archive by MusicBrainz id, from Spotify's oEmbed by Spotify id.

Neither needs a key.  Only URLs are stored; chats fetch the pictures themselves.  Calls block.
"""

import re
from typing import Any

from recommender.catalog.addresses import COVER_ART, SPOTIFY_OEMBED
from recommender.catalog.web import Missing, Web

_PAUSE = 1.0  # seconds
_MOST_TRIED = 3
_ARCHIVE = re.compile(r"https?://coverartarchive\.org/release(?:-group)?/[0-9a-f-]{36}/[\w.-]{1,40}")
_SPOTIFY = re.compile(r"https://[\w.-]+\.(?:scdn\.co|spotifycdn\.com)/[\w/-]{1,200}")
_SIZES = ("250", "small", "500", "large")


class CoverArtArchive:
    """Client for the Cover Art Archive."""

    def __init__(self, base: str = COVER_ART, *, pause: float = _PAUSE) -> None:
        """Take the service's URL, and the pause between two requests in seconds."""
        self._web = Web("The Cover Art Archive", base, pause=pause)

    def cover(self, release_groups: tuple[str, ...]) -> str | None:
        """Return the URL of the first front cover found, None without one."""
        for mbid in release_groups[:_MOST_TRIED]:
            try:
                images = self._web.get(f"/release-group/{mbid}").get("images") or []
            except Missing:
                continue
            if found := next((url for image in images if (url := _front(image))), None):
                return found
        return None

    def close(self) -> None:
        """Let go of the connection."""
        self._web.close()


def _front(image: dict[str, Any]) -> str | None:
    thumbnails = image.get("thumbnails") or {}
    for size in _SIZES:
        url = str(thumbnails.get(size) or "")
        if image.get("front") and _ARCHIVE.fullmatch(url):
            return url.replace("http://", "https://", 1)
    return None


class SpotifyPictures:
    """Client for Spotify's oEmbed, which gives pages a picture to show with a link."""

    def __init__(self, base: str = SPOTIFY_OEMBED, *, pause: float = _PAUSE) -> None:
        """Take the service's URL, and the pause between two requests in seconds."""
        self._web = Web("Spotify", base, pause=pause)

    def cover(self, track_id: str) -> str | None:
        """Return the URL of a track's cover, None if Spotify has no such track."""
        try:
            answer = self._web.get("/oembed", url=f"https://open.spotify.com/track/{track_id}")
        except Missing:
            return None
        url = str(answer.get("thumbnail_url") or "")
        return url if _SPOTIFY.fullmatch(url) else None

    def close(self) -> None:
        """Let go of the connection."""
        self._web.close()
