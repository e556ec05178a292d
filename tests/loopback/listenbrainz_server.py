"""ListenBrainz on loopback: similar artists, most played songs, metadata, its errors and rate limits.

Shapes: metabrainz/listenbrainz-server, `labs_api/labs/api/similar_artists.py`, `db/lb_radio_artist.py`,
`webserver/views/popularity_api.py` and `metadata_api.py`; errors as in answers of autumn 2026.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from json_server import Answer, Asked, serve

ALGORITHM = "session_based_days_7500_session_300_contribution_5_threshold_10_limit_100_filter_True_skip_30"
USER = "11111111-2222-4333-8444-555555555555"
_REFUSED = (
    "Due to bad actors and AI scrapers causing undue traffic on our sites, you need to provide an Auth token"
    " for this endpoint. Sorry for this mess."
)
_NO_ALGORITHM = (
    "<!doctype html>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>1 validation error for"
    " SimilarArtistsViewerInput<br>algorithm<br>  value is not a valid enumeration member; permitted: {}"
    " (type=type_error.enum)</p>"
)


def mbid(name: str) -> str:
    """Return the id that something of this name has."""
    return str(UUID(bytes=hashlib.md5(name.encode(), usedforsecurity=False).digest()))


@dataclass
class ListenBrainzServer:
    """What is known there, and what was asked."""

    base: str = ""
    songs: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # by artist: title, listeners
    similar: dict[str, list[str]] = field(default_factory=dict)  # by artist, most similar first
    algorithms: list[str] = field(default_factory=lambda: [ALGORITHM])
    wants_token: bool = True  # for most played songs and for names
    busy: Answer | None = None
    remaining: int = 29
    asked: list[Asked] = field(default_factory=list)

    def know(self, artist: str, *similar: str, listeners: int = 20_000, songs: int = 4) -> None:
        """Let an artist have songs and similar artists."""
        self.songs[artist] = [(f"{artist} song {n}", listeners // (n + 1)) for n in range(songs)]
        self.similar[artist] = list(similar)

    def paths(self) -> list[str]:
        """Return what was asked, without ids."""
        return [one.path.removesuffix("/").rsplit("/", "artist" in one.path)[0] for one in self.asked]

    def __call__(self, asked: Asked) -> Answer:
        """Answer as ListenBrainz does."""
        self.asked.append(asked)
        answer = self.busy or self._answer(asked)
        limits = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": str(self.remaining)}
        limits |= {"X-RateLimit-Reset-In": "10", "X-RateLimit-Reset": "1700000010"}
        return Answer(answer.body, answer.status, limits | answer.headers)

    def _answer(self, asked: Asked) -> Answer:
        names = {mbid(name): name for name in (*self.songs, *self.similar)}
        path, _, ident = asked.path.rpartition("/")
        artist = names.get(asked.query.get("artist_mbids", ident), "")
        if asked.path == "/similar-artists/json":
            return self._similar(asked.query["algorithm"], artist)
        if path == "/1/lb-radio/artist":
            return Answer({mbid(artist): self._plays(artist)[1:], mbid("Other"): self._plays("Other")})
        if asked.path == "/1/metadata/recording/":
            wanted = asked.query["recording_mbids"].split(",")
            return Answer({one: row for one in wanted if (row := self._recording(one))})
        return self._for_users(asked, path, artist)

    def _for_users(self, asked: Asked, path: str, artist: str) -> Answer:
        if self.wants_token and asked.headers.get("Authorization") != f"Token {USER}":
            return Answer({"code": 401, "error": _REFUSED}, 401)
        if path == "/1/popularity/top-recordings-for-artist":
            return Answer(self._plays(artist))
        if asked.path == "/1/metadata/lookup/":
            return self._looked_up(asked.query["artist_name"], asked.query["recording_name"])
        return Answer({"code": 404, "error": "Not Found"}, 404)

    def _similar(self, algorithm: str, artist: str) -> Answer:
        if algorithm not in self.algorithms:
            permitted = ", ".join(f"&#39;{name}&#39;" for name in self.algorithms)
            return Answer(_NO_ALGORITHM.format(permitted), 400)
        rows = [
            {
                "artist_mbid": mbid(name),
                "name": name,
                "comment": "",
                "type": "Group",
                "gender": None,
                "score": 1000 - place,
                "reference_mbid": mbid(artist),
            }
            for place, name in enumerate(self.similar.get(artist, []))
        ]
        return Answer(rows)

    def _plays(self, artist: str) -> list[dict[str, object]]:
        return [
            {
                "artist_mbids": [mbid(artist)],
                "artist_name": artist,
                "caa_id": 2546761764,
                "caa_release_mbid": mbid(f"{artist} album"),
                "length": 240_000,
                "recording_mbid": mbid(title),
                "recording_name": title,
                "release_color": {"blue": 104, "green": 104, "red": 84},
                "release_mbid": mbid(f"{artist} album"),
                "release_name": f"{artist} album",
                "total_listen_count": 10 * listeners,
                "total_user_count": listeners,
            }
            for title, listeners in self.songs.get(artist, [])
        ]

    def _recording(self, ident: str) -> dict[str, object] | None:
        for artist, songs in self.songs.items():
            for title, _ in songs:
                if mbid(title) == ident:
                    return _metadata(artist, title)
        return None

    def _looked_up(self, artist: str, title: str) -> Answer:
        if title not in dict(self.songs.get(artist, [])):
            return Answer({})
        found = {
            "artist_credit_name": artist,
            "artist_mbids": [mbid(artist)],
            "recording_mbid": mbid(title),
            "recording_name": title,
            "release_mbid": mbid(f"{artist} album"),
            "release_name": f"{artist} album",
        }
        return Answer(found)


def _metadata(artist: str, title: str) -> dict[str, object]:
    genre = {"genre_mbid": mbid("trip hop"), "tag": "trip hop"}
    return {
        "artist": {"artist_credit_id": 65, "artists": [{"name": artist}], "name": artist},
        "recording": {"length": 240_000, "name": title, "rels": []},
        "release": {"mbid": mbid(f"{artist} album"), "name": f"{artist} album", "year": 1994},
        "tag": {
            "artist": [{"artist_mbid": mbid(artist), "count": 13, **genre}],
            "recording": [{"count": 3, **genre}, {"count": 4, "tag": "seen live"}],
        },
    }


@contextmanager
def serve_listenbrainz() -> Iterator[ListenBrainzServer]:
    """Run a ListenBrainz until the block ends."""
    server = ListenBrainzServer()
    with serve(server) as base:
        server.base = base
        yield server
