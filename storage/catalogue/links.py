"""Links and codes that name a track or artist: Spotify, YouTube, Apple Music, Deezer, Tidal ..., ISRC."""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from storage.records import Link

_URL = re.compile(
    r"https?://[^\s<>]+|(?:www\.|m\.|music\.|open\.)?(?:spotify|youtube|apple|deezer)\.com/[^\s<>]+"
    r"|youtu\.be/[^\s<>]+",
    re.IGNORECASE,
)
_SENTENCE_END = ".,;:!?)]}'\""
_SPOTIFY_URI = re.compile(r"spotify:(track|artist):([0-9A-Za-z]{22})\b")
_SPOTIFY_PATH = re.compile(r"^(?:/intl-[a-z-]+)?(?:/embed)?/(track|artist)/([0-9A-Za-z]{22})$")
_YOUTUBE_ID = re.compile(r"^[\w-]{11}$")
_APPLE_PATH = re.compile(r"^/(?:[a-z]{2}/)?(album|song|artist)/(?:([^/]+)/)?(?:id)?(\d+)$")
_DEEZER_PATH = re.compile(r"^/(?:[a-z]{2}(?:-[a-z]{2})?/)?(track|artist)/([1-9][0-9]{0,17})$")
_DEEZER_SHORT = re.compile(r"^/(s/[0-9A-Za-z]{1,40})$")
_TIDAL_PATH = re.compile(r"^/(?:browse/)?(track|artist)/([1-9][0-9]{0,17})(?:/u)?$")
_SOUNDCLOUD_PATH = re.compile(r"^/([\w-]{1,80}/[\w-]{1,200})$")
_SOUNDCLOUD_PAGES = frozenset(["sets", "tracks", "albums", "likes", "reposts", "followers", "following"])
_BANDCAMP_HOST = re.compile(r"^([a-z0-9-]{1,63})\.bandcamp\.com$")
_BANDCAMP_PATH = re.compile(r"^/track/([\w-]{1,200})$")
# Country, registrant, year, designation (ISO 3901): GB-UM7-10-29604, dashes or spaces optional.
_ISRC = re.compile(r"^(?:ISRC[:\s]*)?([A-Z]{2})[-\s]?([A-Z0-9]{3})[-\s]?(\d{2})[-\s]?(\d{5})$", re.IGNORECASE)


def parse_link(text: str) -> Link | None:
    """Return the track or artist that a link or code in `text` names, None if there is none.

    A code must stand alone; a link may be among other words.
    """
    text = text.strip()[:2000]
    if code := _ISRC.match(text):
        return Link("isrc", "".join(code.groups()).upper())
    if uri := _SPOTIFY_URI.search(text):
        return _spotify(uri[1], uri[2])
    for found in _URL.findall(text):
        if link := _parse_url(found.rstrip(_SENTENCE_END)):
            return link
    return None


def _parse_url(found: str) -> Link | None:
    try:
        url = urlsplit(found if "://" in found else f"https://{found}")
        host = (url.hostname or "").lower()
    except ValueError:  # not a valid address: half a bracket, for example
        return None
    for suffix, parse in _SITES.items():
        if host == suffix or host.endswith(f".{suffix}"):
            return parse(url)
    return None


def _spotify(kind: str, value: str) -> Link:
    return Link("spotify", value, "artist" if kind == "artist" else "track")


def _parse_spotify(url: SplitResult) -> Link | None:
    path = _SPOTIFY_PATH.match(url.path.rstrip("/"))
    return _spotify(path[1], path[2]) if path else None


def _parse_youtube(url: SplitResult) -> Link | None:
    path = [part for part in url.path.split("/") if part]
    if path[:1] == ["watch"]:
        value = parse_qs(url.query).get("v", [""])[0]
    elif path[:1] and path[0] in ("shorts", "embed", "live", "v"):
        value = path[1] if len(path) > 1 else ""
    else:
        value = ""
    return _youtube(value)


def _parse_youtu_be(url: SplitResult) -> Link | None:
    return _youtube(url.path.strip("/"))


def _youtube(value: str) -> Link | None:
    return Link("youtube", value) if _YOUTUBE_ID.match(value) else None


def _parse_apple(url: SplitResult) -> Link | None:
    """Return the track of a song page or an album page with `?i=`, or an artist; None for an album."""
    path = _APPLE_PATH.match(url.path.rstrip("/"))
    if path is None:
        return None
    page, slug, page_id = path.groups()
    song = parse_qs(url.query).get("i", [""])[0]
    if page == "album" and not song.isdecimal():
        return None
    words = unquote(slug or "").replace("-", " ").strip()
    return Link(
        "apple", song if page == "album" else page_id, "artist" if page == "artist" else "track", words
    )


def _parse_deezer(url: SplitResult) -> Link | None:
    """Return the track or artist of a page; a short link of the app has "s/..." for its id."""
    short = _DEEZER_SHORT.match(url.path) if url.hostname == "link.deezer.com" else None
    if short:
        return Link("deezer", short[1])
    path = _DEEZER_PATH.match(url.path.rstrip("/"))
    return Link("deezer", path[2], "artist" if path[1] == "artist" else "track") if path else None


def _parse_tidal(url: SplitResult) -> Link | None:
    path = _TIDAL_PATH.match(url.path.rstrip("/"))
    return Link("tidal", path[2], "artist" if path[1] == "artist" else "track") if path else None


def _parse_soundcloud(url: SplitResult) -> Link | None:
    """Return the track of a page "artist/track"; None for playlists and artists."""
    path = _SOUNDCLOUD_PATH.match(url.path.rstrip("/"))
    is_track = path is not None and path[1].partition("/")[2] not in _SOUNDCLOUD_PAGES
    return Link("soundcloud", path[1]) if path is not None and is_track else None


def _parse_bandcamp(url: SplitResult) -> Link | None:
    """Return the track of an artist's page, as "artist/track"."""
    host, path = _BANDCAMP_HOST.match(url.hostname or ""), _BANDCAMP_PATH.match(url.path.rstrip("/"))
    return Link("bandcamp", f"{host[1]}/{path[1]}") if host and path else None


_SITES: dict[str, Callable[[SplitResult], Link | None]] = {
    "spotify.com": _parse_spotify,
    "youtube.com": _parse_youtube,
    "youtube-nocookie.com": _parse_youtube,
    "youtu.be": _parse_youtu_be,
    "music.apple.com": _parse_apple,
    "deezer.com": _parse_deezer,
    "tidal.com": _parse_tidal,
    "soundcloud.com": _parse_soundcloud,
    "bandcamp.com": _parse_bandcamp,
}
