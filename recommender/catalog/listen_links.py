"""Links to hear a song: its page at a service if its id there is known, otherwise a search."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from recommender.types import Song

SETTING = "links"
"""A user's setting: the service that links lead to."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 2000  # characters of a URL


class _Service(NamedTuple):
    title: str
    track: str  # page of a track, with {} for its id
    artist: str  # page of an artist; "" if the service has ids of tracks only
    search: str


SERVICES = {
    "spotify": _Service(
        "Spotify",
        "https://open.spotify.com/track/{}",
        "https://open.spotify.com/artist/{}",
        "https://open.spotify.com/search/{}",
    ),
    "youtube": _Service(
        "YouTube", "https://youtu.be/{}", "", "https://www.youtube.com/results?search_query={}"
    ),
    "deezer": _Service(
        "Deezer",
        "https://www.deezer.com/track/{}",
        "https://www.deezer.com/artist/{}",
        "https://www.deezer.com/search/{}",
    ),
    "apple": _Service(
        "Apple Music",
        "https://music.apple.com/us/song/{}",
        "https://music.apple.com/us/artist/{}",
        "https://music.apple.com/us/search?term={}",
    ),
}
"""The services that links lead to, in order of preference."""
_USUAL = "youtube"  # the default for searches: it needs no account


def address(song: Song, ids: Mapping[str, str], service: str = "", *, longest: int = _LONGEST) -> str:
    """Return the URL to hear a song at, at most `longest` characters.

    A page wins over a search, and `service` (a key of `SERVICES`, "" for none) over other services.
    """
    page = exact(song, ids, service)
    return page if page is not None else search(song, service or _USUAL, longest=longest)


def exact(song: Song, ids: Mapping[str, str], service: str = "") -> str | None:
    """Return the page of a song, None if no service's id is known."""
    for name in sorted(SERVICES, key=lambda name: name != service):
        page = SERVICES[name].artist if song.title is None else SERVICES[name].track
        if page and _ID.fullmatch(ids.get(name, "")):
            return page.format(ids[name])
    return None


def search(song: Song, service: str, *, longest: int = _LONGEST) -> str:
    """Return the URL of a search for a song at a service, at most `longest` characters."""
    # A quoted character takes one at least: cutting a name of 10,000 one by one would take seconds.
    base, words = SERVICES[service].search, one_line(song.label[: 2 * longest])[:longest]
    while len(made := base.format(quote(words, safe=""))) > longest and words:
        words = words[:-1]
    return made


def everywhere(song: Song, ids: Mapping[str, str], service: str = "") -> list[tuple[str, str]]:
    """Return (title, URL) for every service: the preferred one first, then those with a known id."""

    def rank(name: str) -> tuple[bool, bool]:
        return name != service, name not in ids

    return [
        (SERVICES[name].title, address(song, _only(ids, name), name)) for name in sorted(SERVICES, key=rank)
    ]


def _only(ids: Mapping[str, str], name: str) -> dict[str, str]:
    return {name: ids[name]} if name in ids else {}


def has_sample(ids: Mapping[str, str]) -> bool:
    """Return whether a store with 30-second previews is known to have the song."""
    return "deezer" in ids or "apple" in ids


def one_line(text: str) -> str:
    """Return a name on one line, without characters that XML 1.0 forbids."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())
