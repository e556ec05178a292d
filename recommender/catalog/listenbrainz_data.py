"""ListenBrainz: similar artists, and an artist's most played songs.  Open data (CC0); calls block.

Similar artists come from the labs API, which knows several algorithms by name and refuses any other name with
a page that lists them.  Most played songs need a token; without one, its radio is asked for the artist's top
tenth.  Source: metabrainz/listenbrainz-server, `labs_api/labs/api/similar_artists.py`,
`webserver/views/popularity_api.py` and `metadata_api.py`, `db/lb_radio_artist.py`.
"""

import html
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recommender.catalog.web import AGENT, Missing, Refused, Web
from storage.naming.text import fold

log = logging.getLogger(__name__)

ALGORITHMS = (
    "session_based_days_7500_session_300_contribution_5_threshold_10_limit_100_filter_True_skip_30,"
    "session_based_days_7500_session_300_contribution_3_threshold_10_limit_100_filter_True_skip_30"
)
"""The algorithms to try first; the second is the one on ListenBrainz's own pages of artists."""

SIMILAR = 20
"""Similar artists that are taken of up to 100: the first are surest."""
SONGS = 5

_PAUSE = 1.0  # seconds; they ask for at most one request per second
_DAY = 86_400.0
_BAD_REQUEST, _UNAUTHORISED = 400, 401
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALGORITHM = re.compile(r"session_based_days_(\d+)_\w+")
_RADIO: dict[str, str | int] = {
    "mode": "easy",
    "max_similar_artists": 1,
    "max_recordings_per_artist": 8,
    "pop_begin": 90,  # percent of the artist's songs by plays
    "pop_end": 100,
}
_PLAYS_PER_LISTENER = 10  # roughly, for a well-known song
_MANY = 5  # votes from which a tag counts as certain


@dataclass(frozen=True, slots=True)
class SimilarArtist:
    """An artist whose listeners also play another one."""

    mbid: str
    name: str


@dataclass(frozen=True, slots=True)
class TopSong:
    """A song with its number of listeners at ListenBrainz, and its metadata."""

    mbid: str
    title: str
    listeners: int
    length_ms: int | None = None
    album: str | None = None
    year: int | None = None
    tags: tuple[tuple[str, float], ...] = ()  # genre, weight 0 to 1
    artist_tags: tuple[tuple[str, float], ...] = ()


@dataclass
class ListenBrainzData:
    """Client for ListenBrainz' public statistics.

    Every call raises `Unavailable` if the service does not answer, `Refused` if it rejects the request.
    """

    web: Web
    labs: Web
    algorithms: tuple[str, ...]  # names to try, best first
    has_token: bool
    _answering: str = ""  # the algorithm that gave an answer
    _closed: dict[str, float] = field(default_factory=dict)  # path -> end of its pause

    @classmethod
    def at(
        cls,
        base: str,
        labs: str,
        algorithms: str,
        *,
        token: str = "",
        contact: str = "",
        pause: float = _PAUSE,
    ) -> "ListenBrainzData":
        """Return a client.

        `algorithms` are names separated by commas, `contact` is the operator's address, `pause` is in
        seconds between two requests to one host.
        """
        agent = f"{AGENT} ( {contact} )" if contact else AGENT
        return cls(
            Web("ListenBrainz", base, agent=agent, pause=pause, token=token),
            Web("ListenBrainz", labs, agent=agent, pause=pause),
            tuple(name.strip() for name in algorithms.split(",") if name.strip()),
            has_token=bool(token),
        )

    @property
    def requests(self) -> int:
        """The number of requests so far."""
        return self.web.requests + self.labs.requests

    def close(self) -> None:
        """Close the connections."""
        self.web.close()
        self.labs.close()

    def artist_mbid(self, artist: str, title: str) -> str | None:
        """Return the MusicBrainz id of a song's only artist, None if it is not found or access is denied."""
        try:
            found = self._ask("/1/metadata/lookup/", artist_name=artist, recording_name=title)
        except (Missing, Refused):
            return None
        match found:
            case {"artist_mbids": [str(mbid)], "artist_credit_name": str(name)} if fold(name) == fold(artist):
                return mbid if _MBID.fullmatch(mbid) else None
        return None

    def similar(self, mbid: str) -> list[SimilarArtist]:
        """Return at most `SIMILAR` artists, most similar first; none for an artist with too few listeners.

        Tries the algorithms in turn until one answers, last of all those that a refusal lists.
        """
        refusal: Refused | None = None
        wanted = [name for name in dict.fromkeys((self._answering, *self.algorithms)) if name]
        for name in wanted:  # grows
            try:
                rows = self.labs.get("/similar-artists/json", artist_mbids=mbid, algorithm=name)
            except Refused as error:
                if error.status != _BAD_REQUEST:
                    raise
                refusal = error
                wanted += [one for one in _named(error.text) if one not in wanted]
                continue
            refusal = None
            if found := [one for row in _rows(rows) if (one := _similar(row, mbid))]:
                self._answering = name
                return found[:SIMILAR]
            if name == self._answering:
                break
        if refusal is not None:
            raise refusal
        return []

    def songs(self, mbid: str) -> list[TopSong]:
        """Return at most `SONGS` songs of an artist, most played first."""
        plays = self._most_played(mbid)
        best = sorted(plays, key=lambda one: -plays[one])[: 2 * SONGS]
        if not best:
            return []
        known = self._ask("/1/metadata/recording/", recording_mbids=",".join(best), inc="artist tag release")
        songs: dict[str, TopSong] = {}
        for recording in best:
            song = _song(recording, plays[recording], _object(_object(known).get(recording)), mbid)
            if song is not None:  # one title may be several recordings
                songs.setdefault(fold(song.title), song)
        return list(songs.values())[:SONGS]

    def _most_played(self, mbid: str) -> dict[str, int]:
        """Return the number of listeners of recordings, by id."""
        try:
            rows = _rows(self._ask(f"/1/popularity/top-recordings-for-artist/{mbid}"))
        except Refused as error:
            if error.status != _UNAUTHORISED:
                raise
            radio = self._ask(f"/1/lb-radio/artist/{mbid}", **_RADIO)
            rows = _rows(_object(radio).get(mbid))
        found: dict[str, int] = {}
        for row in rows:
            recording = str(row.get("recording_mbid"))
            if _MBID.fullmatch(recording) and mbid == _first(row.get("artist_mbids"), mbid):
                found[recording] = _listeners(row)
        return found

    def _ask(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401 - JSON
        """Return an answer; a path that needs a token we lack is not asked for a day."""
        kind = "/".join(path.split("/")[:4])  # without the id
        if time.monotonic() < self._closed.get(kind, 0.0):
            raise Refused("", retry_after=_DAY, status=_UNAUTHORISED, text="")
        try:
            return self.web.get(path, **parameters)
        except Refused as error:
            if error.status == _UNAUTHORISED:
                self._closed[kind] = time.monotonic() + _DAY
                if self.has_token:
                    log.warning("ListenBrainz does not take our token for %s: see docs/services.md", kind)
            raise


def _rows(answer: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []


def _object(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return answer if isinstance(answer, dict) else {}


def _named(page: str) -> list[str]:
    """Return the algorithms that a refusal names, those over the most days first."""
    found = {one[0]: int(one[1]) for one in _ALGORITHM.finditer(html.unescape(page))}
    return sorted(found, key=lambda name: -found[name])


def _similar(row: dict[str, Any], mbid: str) -> SimilarArtist | None:
    match row:
        case {"artist_mbid": str(other), "name": str(name)} if _MBID.fullmatch(other) and other != mbid:
            return SimilarArtist(other, name) if fold(name) else None
    return None


def _first(mbids: Any, otherwise: str) -> str:  # noqa: ANN401 - JSON
    return str(mbids[0]) if isinstance(mbids, list) and mbids else otherwise


def _listeners(row: dict[str, Any]) -> int:
    people, plays = row.get("total_user_count"), row.get("total_listen_count")
    if isinstance(people, int):
        return people
    return plays // _PLAYS_PER_LISTENER if isinstance(plays, int) else 0


def _song(recording: str, listeners: int, row: dict[str, Any], mbid: str) -> TopSong | None:
    said, release, tags = (_object(row.get(name)) for name in ("recording", "release", "tag"))
    title, length, album, year = (
        said.get("name"),
        said.get("length"),
        release.get("name"),
        release.get("year"),
    )
    if not isinstance(title, str) or not fold(title):
        return None
    of_artist = [tag for tag in _rows(tags.get("artist")) if tag.get("artist_mbid") == mbid]
    return TopSong(
        recording,
        title,
        listeners,
        length if isinstance(length, int) and length > 0 else None,
        album if isinstance(album, str) else None,
        year if isinstance(year, int) else None,
        tuple(_genres(_rows(tags.get("recording")))),
        tuple(_genres(of_artist)),
    )


def _genres(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[str, float]]:
    """Yield the tags that MusicBrainz knows as genres, with a weight of at most 1."""
    for row in rows:
        match row:
            case {"tag": str(name), "count": int(votes), "genre_mbid": str()} if votes > 0 and fold(name):
                yield name, min(1.0, votes / _MANY)
