"""Names behind links of services without an open search, read as a link preview reads them.

YouTube, SoundCloud and Spotify answer by oEmbed (https://oembed.com), Tidal and Bandcamp by the Open Graph
title of the page (https://ogp.me).  No key.  Calls block, and raise the errors of `Web.get`.
"""

import re
from html.parser import HTMLParser

from recommender.catalog import addresses
from recommender.catalog.lookup.found import PATIENCE, Wanted, texts
from recommender.catalog.web import Web
from recommender.errors import Unavailable
from storage.catalogue.links import parse_link
from storage.records import Link

_BRACKETS = re.compile(
    r"\s*[(\[][^)\]]*(?:video|audio|lyric|visuali[sz]er|remaster|official|hd|4k)[^)\]]*[)\]]", re.IGNORECASE
)
_OF_CHANNEL = re.compile(r"\s+-\s+Topic$|\s*VEVO$|\s+Official$", re.IGNORECASE)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_BANDCAMP_TITLE = re.compile(r"(?P<title>.+), by (?P<artist>.+)")


class LinkedPages:
    """Client for the pages behind links."""

    def __init__(
        self,
        *,
        youtube: str = addresses.YOUTUBE_OEMBED,
        soundcloud: str = addresses.SOUNDCLOUD_OEMBED,
        spotify: str = addresses.SPOTIFY_OEMBED,
        tidal: str = addresses.TIDAL,
        bandcamp: str = addresses.BANDCAMP,
        deezer: str = addresses.DEEZER_LINKS,
    ) -> None:
        """Take the services' URLs; `bandcamp` has {} for an artist."""
        self._bandcamp_base = bandcamp
        # Redirects are not followed: the owner of a page could send us anywhere.
        self._webs = {
            "youtube": Web("YouTube", youtube),
            "soundcloud": Web("SoundCloud", soundcloud),
            "spotify": Web("Spotify", spotify),
            "tidal": Web("Tidal", tidal, follows=False),
            "bandcamp": Web("Bandcamp", "", follows=False),
            "deezer": Web("Deezer", deezer, follows=False),
        }
        self._readers = {
            "youtube": self._youtube,
            "soundcloud": self._soundcloud,
            "spotify": self._spotify,
            "tidal": self._tidal,
            "bandcamp": self._bandcamp,
            "deezer": self._deezer,
        }

    def name(self, link: Link) -> Wanted | Link | None:
        """Return the name behind a link, or the target of a short link; None without one."""
        read = self._readers.get(link.scheme)
        if read is None or link.kind != "track":
            return None
        try:
            return read(link)
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # not the documented shape
            raise Unavailable("{} gives an answer that I cannot read.", link.scheme) from error

    def close(self) -> None:
        """Close the connections."""
        for web in self._webs.values():
            web.close()

    def _oembed(self, scheme: str, url: str) -> tuple[str, str]:
        answer = self._webs[scheme].get_within(PATIENCE, "/oembed", url=url, format="json")
        title, author = texts(answer, "title", "author_name")
        return title, author

    def _youtube(self, link: Link) -> Wanted | None:
        title, author = self._oembed(link.scheme, f"https://www.youtube.com/watch?v={link.value}")
        title = _BRACKETS.sub("", title)
        if not title:
            return None
        return Wanted.read(title if _DASH.search(title) else f"{_OF_CHANNEL.sub('', author)} - {title}")

    def _soundcloud(self, link: Link) -> Wanted | None:
        title, author = self._oembed(link.scheme, f"https://soundcloud.com/{link.value}")
        title = title.removesuffix(f" by {author}")
        if not title:
            return None
        return Wanted.read(title if _DASH.search(title) else f"{author} - {title}")

    def _spotify(self, link: Link) -> Wanted | None:
        title, _ = self._oembed(link.scheme, f"https://open.spotify.com/track/{link.value}")
        return Wanted(title) if title else None  # it does not name the artist

    def _tidal(self, link: Link) -> Wanted | None:
        title = self._open_graph(link.scheme, f"/track/{link.value}")
        return Wanted.read(title) if title else None

    def _bandcamp(self, link: Link) -> Wanted | None:
        artist, _, track = link.value.partition("/")
        title = self._open_graph(link.scheme, f"{self._bandcamp_base.format(artist)}/track/{track}")
        found = _BANDCAMP_TITLE.fullmatch(title)
        return Wanted.read(f"{found['artist']} - {found['title']}") if found else None

    def _deezer(self, link: Link) -> Link | None:
        """Return the target of a short link of Deezer's app."""
        answer = self._webs[link.scheme].page_within(PATIENCE, f"/{link.value}")
        return parse_link(answer.headers.get("Location", ""))

    def _open_graph(self, scheme: str, path: str) -> str:
        reader = _Title()
        reader.feed(self._webs[scheme].page_within(PATIENCE, path).text)
        return reader.title


class _Title(HTMLParser):
    """Parser for the Open Graph title of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("property") == "og:title" and not self.title:
            self.title = " ".join((given.get("content") or "").split())
