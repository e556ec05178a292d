"""A server on loopback that speaks Spotify's shapes: tokens, PKCE, search, own songs, playlists."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from json_server import Answer, Asked, serve

from storage.naming.text import fold

CLOSED = (
    "audio-features",
    "audio-analysis",
    "recommendations",
    "related-artists",
    "top-tracks",
    "v1/tracks?",
    "v1/artists?",
    "users/",
)


def track(number: int, artist: str, title: str, **more: Any) -> dict[str, Any]:
    """Return a track as Spotify tells of it."""
    return {
        "id": f"{number:022d}",
        "name": title,
        "type": "track",
        "is_local": False,
        "duration_ms": 200_000,
        "explicit": False,
        "external_ids": {"isrc": f"GBAYE{number:07d}"},
        "artists": [{"id": "a" * 22, "name": artist}],
        "album": {
            "name": "An album",
            "release_date": "1997-05-21",
            "images": [
                {"url": f"https://i.scdn.co/image/ab{number}big", "width": 640},
                {"url": f"https://i.scdn.co/image/ab{number}mid", "width": 300},
                {"url": f"https://i.scdn.co/image/ab{number}small", "width": 64},
            ],
        },
        **more,
    }


@dataclass
class SpotifyServer:
    """What the server knows, was asked, and how it misbehaves."""

    tracks: list[dict[str, Any]] = field(default_factory=list)
    recent: list[Any] = field(default_factory=list)
    saved: list[Any] = field(default_factory=list)
    top: list[Any] = field(default_factory=list)
    playlists: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    busy: str = ""  # a Retry-After: every call is 429
    failing: int = 0  # so many calls are 503
    forbidden: bool = False  # every call is 403
    lifetime: int = 3600  # seconds of a token, as told
    revoked: bool = False  # consent is withdrawn
    base: str = ""
    secret: str = field(default_factory=lambda: secrets.token_hex(8))
    tokens: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # code -> (challenge, redirect)

    def agree(self, link: str) -> str:
        """Do what a person does at Spotify; return the address they are sent to."""
        asked = dict(parse_qsl(urlsplit(link).query))
        assert urlsplit(link).path == "/authorize"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe(150)
        self.codes[code] = (asked["code_challenge"], asked["redirect_uri"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def paths(self) -> list[str]:
        """Return what was asked of the API, without tokens."""
        return [one.path for one in self.asked if one.path != "/api/token"]

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.path == "/api/token":
            return self._token(dict(parse_qsl(asked.body.decode())), asked)
        if self.failing:
            self.failing -= 1
            return Answer({"error": {"status": 503, "message": "Service unavailable"}}, 503)
        if self.busy:
            return Answer({"error": {"status": 429, "message": "slow down"}}, 429, {"Retry-After": self.busy})
        if self.forbidden or any(part in f"{asked.path}?" for part in CLOSED):
            return Answer({"error": {"status": 403, "message": "Forbidden"}}, 403)
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Answer({"error": {"status": 401, "message": "The access token expired"}}, 401)
        path = asked.path.removeprefix("/v1/").strip("/")
        return self._routes().get((asked.method, path), self._other)(asked)

    def _routes(self) -> dict[tuple[str, str], Callable[[Asked], Answer]]:
        return {
            ("GET", "search"): self._search,
            ("GET", "me"): lambda _: Answer({"id": "ann_id", "display_name": "Ann at Spotify"}),
            ("GET", "me/player/recently-played"): lambda _: self._page([{"track": t} for t in self.recent]),
            ("GET", "me/tracks"): lambda _: self._page([{"track": t} for t in self.saved]),
            ("GET", "me/top/tracks"): lambda _: self._page(self.top),
            ("POST", "me/playlists"): self._playlist,
        }

    def _page(self, items: list[Any]) -> Answer:
        return Answer({"items": items, "next": None, "total": len(items), "limit": 10})

    def _search(self, asked: Asked) -> Answer:
        assert int(asked.query["limit"]) <= 10
        wanted, market = fold(asked.query["q"]), asked.query.get("market")
        found = []
        for one in self.tracks:
            names = fold(f"by {one['artists'][0]['name']} {one['name']}")
            is_meant = asked.query["q"] == f"isrc:{one['external_ids'].get('isrc')}" or all(
                word in names for word in wanted.split()
            )
            if is_meant and (market is None or market in one.get("available_markets", [market])):
                found.append(one)
        return Answer({"tracks": {"items": [*found, None], "total": len(found), "next": None}})

    def _playlist(self, asked: Asked) -> Answer:
        playlist_id = f"{len(self.playlists) + 1:022d}"
        self.playlists[playlist_id] = {"made": asked.body.decode(), "items": ""}
        return Answer({"id": playlist_id}, 201)

    def _other(self, asked: Asked) -> Answer:
        kind, _, rest = asked.path.removeprefix("/v1/").partition("/")
        if kind == "tracks":
            found = next((one for one in self.tracks if one["id"] == rest), None)
            return Answer(found) if found else Answer({"error": {"status": 404, "message": "Not found"}}, 404)
        playlist, _, what = rest.partition("/")
        if kind == "playlists" and what == "items" and playlist in self.playlists:
            self.playlists[playlist]["items"] = asked.body.decode()
            return Answer({"snapshot_id": "1"}, 201)
        return Answer({"error": {"status": 404, "message": "Service not found"}}, 404)

    def _token(self, asked: dict[str, str], request: Asked) -> Answer:
        if asked["grant_type"] == "client_credentials":
            wanted = "Basic " + base64.b64encode(f"app:{self.secret}".encode()).decode()
            if request.headers["Authorization"] != wanted:
                return Answer({"error": "invalid_client"}, 400)
            return Answer(self._fresh())
        if asked["grant_type"] == "refresh_token":
            is_good = asked["refresh_token"] in self.refresh and not self.revoked
            self.refresh.discard(asked["refresh_token"])
            return Answer(self._personal()) if is_good else Answer({"error": "invalid_grant"}, 400)
        challenge, redirect = self.codes.pop(asked["code"], ("", ""))
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
            return Answer({"error": "invalid_grant", "error_description": "Invalid authorization code"}, 400)
        assert asked["redirect_uri"] == redirect
        return Answer(self._personal())

    def _personal(self) -> dict[str, Any]:
        refresh = secrets.token_urlsafe(32)
        self.refresh.add(refresh)
        scope = "playlist-modify-private user-library-read user-read-recently-played user-top-read"
        return {**self._fresh(), "refresh_token": refresh, "scope": scope}

    def _fresh(self) -> dict[str, Any]:
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}


@contextmanager
def serve_spotify() -> Iterator[SpotifyServer]:
    """Run the server until the block ends."""
    spotify = SpotifyServer()
    with serve(spotify) as base:
        spotify.base = base
        yield spotify
