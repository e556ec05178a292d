"""MusicBrainz client: names, ids, years and tags of songs.  Open data (CC0), no key, one request a second.

MusicBrainz asks every application for its name, version and the operator's address.  Calls block.
"""

import re
from dataclasses import dataclass
from typing import Any

from recommender.catalog.addresses import MUSICBRAINZ
from recommender.catalog.web import AGENT, Web
from storage.naming.text import fold

_PAUSE = 1.1  # seconds; MusicBrainz asks for one
_MOST_ROWS = 10
_SURE = 90  # percent, of MusicBrainz' search score
_MOST_TAGS = 10
MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
YEAR = re.compile(r"((?:19|20)\d{2})")
_SPECIAL = re.compile(r'(["\\])')
_MANY = 5  # votes from which a tag counts as certain


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording at MusicBrainz."""

    mbid: str
    artist_mbid: str
    year: int | None = None
    length_ms: int | None = None
    isrcs: tuple[str, ...] = ()
    release_groups: tuple[str, ...] = ()  # albums and singles it is on, official ones first
    tags: tuple[tuple[str, float], ...] = ()  # name, weight 0 to 1


class MusicBrainz:
    """Client for the MusicBrainz web service."""

    def __init__(self, contact: str, base: str = MUSICBRAINZ, *, pause: float = _PAUSE) -> None:
        """`contact` is the operator's address; `pause` is in seconds between two requests."""
        self._web = Web("MusicBrainz", base, agent=f"{AGENT} ( {contact} )", pause=pause)

    def recording(self, artist: str, title: str) -> Recording | None:
        """Return the song with exactly this artist and title, None without one."""
        query = f'recording:"{_quoted(title)}" AND artist:"{_quoted(artist)}"'
        answer = self._web.get("/ws/2/recording", query=query, limit=_MOST_ROWS, fmt="json")
        for row in answer.get("recordings") or []:
            if int(row.get("score") or 0) >= _SURE and (found := _recording(row, artist, title)):
                return found
        return None

    def search(self, text: str, artist: str, title: str, *, n: int, patience: float) -> list[dict[str, Any]]:
        """Return at most `n` recordings by artist and title, else by any words, likeliest first."""
        if artist:
            words = {"query": f'recording:"{_quoted(title)}" AND artist:"{_quoted(artist)}"'}
        else:
            words = {"query": text, "dismax": "true"}  # plain words, in all fields
        answer = self._web.get_within(patience, "/ws/2/recording", **words, limit=n, fmt="json")
        return list(answer.get("recordings") or [])

    def by_isrc(self, isrc: str, *, patience: float) -> list[dict[str, Any]]:
        """Return the recordings with this ISRC."""
        query = f"isrc:{_quoted(isrc)}"
        answer = self._web.get_within(patience, "/ws/2/recording", query=query, limit=1, fmt="json")
        return list(answer.get("recordings") or [])

    def by_id(self, mbid: str, *, patience: float) -> dict[str, Any]:
        """Return a recording; raise `Missing` if there is none."""
        parts = "artists isrcs tags releases release-groups"
        found = self._web.get_within(patience, f"/ws/2/recording/{mbid}", inc=parts, fmt="json")
        return dict(found)

    def artist_tags(self, mbid: str) -> list[tuple[str, float]]:
        """Return the tags of an artist, as (name, weight 0 to 1)."""
        return tags_in(self._web.get(f"/ws/2/artist/{mbid}", inc="tags", fmt="json").get("tags"))

    def release_groups(self, mbid: str, *, offset: int, n: int) -> tuple[list[dict[str, Any]], int]:
        """Return at most `n` release groups of an artist from `offset` on, and their total number."""
        answer = self._web.get("/ws/2/release-group", artist=mbid, offset=offset, limit=n, fmt="json")
        return list(answer.get("release-groups") or []), int(answer.get("release-group-count") or 0)

    @property
    def requests(self) -> int:
        """The number of requests sent."""
        return self._web.requests

    def close(self) -> None:
        """Close the connection."""
        self._web.close()


def _quoted(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _recording(row: dict[str, Any], artist: str, title: str) -> Recording | None:
    credit = (row.get("artist-credit") or [{}])[0]
    owner = credit.get("artist") or {}
    names = {fold(str(credit.get("name") or "")), fold(str(owner.get("name") or ""))}
    if fold(artist) not in names or fold(str(row.get("title") or "")) != fold(title):
        return None
    return recording_of(row)


def recording_of(row: dict[str, Any]) -> Recording | None:
    """Return the recording in a row of an answer, None if ids are missing."""
    credit = (row.get("artist-credit") or [{}])[0]
    owner = credit.get("artist") or {}
    mbid, owner_mbid = str(row.get("id") or ""), str(owner.get("id") or "")
    if not (MBID.fullmatch(mbid) and MBID.fullmatch(owner_mbid)):
        return None
    year, length = YEAR.match(str(row.get("first-release-date") or "")), row.get("length")
    return Recording(
        mbid,
        owner_mbid,
        int(year[1]) if year else None,
        length if isinstance(length, int) else None,
        tuple(code for code in row.get("isrcs") or [] if _ISRC.fullmatch(str(code))),
        _release_groups(row.get("releases") or []),
        tuple(tags_in(row.get("tags"))),
    )


def _release_groups(releases: list[dict[str, Any]]) -> tuple[str, ...]:
    official_first = sorted(releases, key=lambda release: release.get("status") != "Official")
    ids = [str((release.get("release-group") or {}).get("id") or "") for release in official_first]
    return tuple(dict.fromkeys(mbid for mbid in ids if MBID.fullmatch(mbid)))


def tags_in(rows: list[dict[str, Any]] | None) -> list[tuple[str, float]]:
    """Return tags as (name, weight 0 to 1), most votes first."""
    # ListenBrainz calls the name of a tag "tag".
    tags = [(str(row.get("name") or row.get("tag") or ""), int(row.get("count") or 0)) for row in rows or []]
    tags.sort(key=lambda tag: -tag[1])
    return [(name, min(1.0, count / _MANY)) for name, count in tags[:_MOST_TAGS] if name and count > 0]
