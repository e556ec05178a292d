"""How a song stands in a message: one line of HTML that leads to where it can be heard."""

import re
from collections.abc import Mapping

from bot.adapters.telegram.text import link, name
from recommender.types import Song
from storage.records import Subject

Links = Mapping[Subject, Mapping[str, str]]
"""The outside ids of songs, by scheme."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Where a song is listened to, best first: {id} is checked to be letters and digits.
_PAGES = {
    "spotify": ("https://open.spotify.com/track/", "https://open.spotify.com/artist/"),
    "youtube": ("https://youtu.be/", ""),
}


def song_line(song: Song, links: Links, longest: int = 120) -> str:
    """Return a song in one line of HTML, leading to where it can be heard."""
    page = page_of(song, links)
    if song.title is None:
        return link(f"<b>{name(song.artist, longest)}</b>", page)
    year = f" ({song.year})" if song.year else ""
    return f"{name(song.artist, longest)} - {link(f'<b>{name(song.title, longest)}</b>', page)}{year}"


def picture_of(song: Song, links: Links) -> str | None:
    """Return an address whose preview shows the song's cover, None where none is known."""
    return page_of(song, links) or links.get(song.subject, {}).get("cover")


def page_of(song: Song, links: Links) -> str | None:
    """Return the page where a song can be heard, None where no id of it is known."""
    ids = links.get(song.subject, {})
    for scheme, pages in _PAGES.items():
        page = pages[0] if song.title is not None else pages[1]
        if page and _ID.fullmatch(ids.get(scheme, "")):
            return f"{page}{ids[scheme]}"
    return None
