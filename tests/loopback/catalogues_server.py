"""A server on loopback that speaks as ListenBrainz, MusicBrainz, Deezer, iTunes and pages behind links do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from json_server import Answer, Asked, serve

from recommender.connections.apis import LOOKUPS, Apis
from storage.naming.text import fold

BAND = "9a6cdd4c-9ad1-4a33-8a3e-{:012d}"
SONG = "8a6cdd4c-9ad1-4a33-8a3e-{:012d}"
ALBUM = "7a6cdd4c-9ad1-4a33-8a3e-{:012d}"
QUOTA = {"error": {"type": "Exception", "message": "Quota limit exceeded", "code": 4}}
NO_DATA = {"error": {"type": "DataException", "message": "no data", "code": 800}}


@dataclass(frozen=True)
class Known:
    """A song of the world, by number."""

    number: int
    artist: str
    title: str

    @property
    def isrc(self) -> str:
        return f"GBAYE{self.number:07d}"

    def fits(self, words: str) -> bool:
        """Return whether all words are in the names of the song."""
        named = fold(f"{self.artist} {self.title}").split()
        return bool(words.strip()) and all(word in named for word in fold(words).split())


def deezer(song: Known) -> dict[str, Any]:
    return {
        "id": song.number,
        "readable": True,
        "title": song.title,
        "title_short": song.title,
        "isrc": song.isrc,
        "link": f"https://www.deezer.com/track/{song.number}",
        "duration": 212,
        "rank": 900_000,
        "explicit_lyrics": False,
        "preview": f"https://cdnt-preview.dzcdn.net/api/1/1/{song.number}.mp3?hdnea=exp=17~acl=/api/*~hmac=ab",
        "artist": {"id": 1, "name": song.artist, "type": "artist"},
        "album": {
            "id": 2,
            "cover_medium": f"https://cdn-images.dzcdn.net/images/cover/{song.number}/250x250.jpg",
        },
        "type": "track",
    }


def itunes(song: Known) -> dict[str, Any]:
    return {
        "wrapperType": "track",
        "kind": "song",
        "artistId": 1,
        "trackId": song.number,
        "artistName": song.artist,
        "trackName": song.title,
        "previewUrl": f"https://audio-ssl.itunes.apple.com/itunes-assets/{song.number}.plus.aac.p.m4a",
        "artworkUrl100": f"https://is1-ssl.mzstatic.com/image/thumb/{song.number}.jpg/100x100bb.jpg",
        "trackViewUrl": f"https://music.apple.com/us/album/x/1?i={song.number}&uo=4",
        "releaseDate": "1972-02-25T08:00:00Z",
        "trackTimeMillis": 123_000,
    }


def musicbrainz(song: Known) -> dict[str, Any]:
    band = {"id": BAND.format(song.number), "name": song.artist}
    return {
        "id": SONG.format(song.number),
        "score": 100,
        "title": song.title,
        "length": 123_000,
        "first-release-date": "1972-02-25",
        "artist-credit": [{"name": song.artist, "artist": band}],
        "isrcs": [song.isrc],
        "tags": [{"count": 5, "name": "folk"}],
        "releases": [],
    }


def listenbrainz(song: Known) -> dict[str, Any]:
    return {
        "recording": {"name": song.title, "length": 123_000, "first_release_date": "1972-02-25", "rels": []},
        "artist": {"name": song.artist, "artists": [{"artist_mbid": BAND.format(song.number)}]},
        "tag": {
            "recording": [{"count": 8, "genre_mbid": ALBUM.format(9), "tag": "chamber folk"}],
            "artist": [{"artist_mbid": BAND.format(song.number), "count": 13, "tag": "folk"}],
        },
        "release": {
            "caa_id": 829521842,
            "caa_release_mbid": ALBUM.format(song.number),
            "name": "An album",
            "year": 1994,
        },
    }


@dataclass
class Catalogues:
    """What the services know, were asked, and how they misbehave; `wrong` holds an answer by service."""

    songs: list[Known] = field(default_factory=list)
    knows: dict[str, set[int]] = field(default_factory=dict)  # service -> numbers; a service left out: all
    wrong: dict[str, Answer] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)  # seconds before an answer
    asked: list[tuple[str, float, Asked]] = field(default_factory=list)
    base: str = ""

    def services(self) -> list[str]:
        """Return which services were asked, in order."""
        return [service for service, _, _ in self.asked]

    def __call__(self, asked: Asked) -> Answer:
        _, service, *rest = asked.path.split("/", 2)
        self.asked.append((service, time.monotonic(), asked))
        time.sleep(self.slow.get(service, 0.0))
        if service in self.wrong:
            return self.wrong[service]
        speak: dict[str, Callable[[str, Asked], Answer]] = {
            "deezer": self._deezer,
            "itunes": self._itunes,
            "musicbrainz": self._musicbrainz,
            "listenbrainz": self._listenbrainz,
        }
        return speak.get(service, _page)(f"/{rest[0] if rest else ''}", asked)

    def found(self, service: str, words: str) -> list[Known]:
        """Return the songs of a service in whose names all words are."""
        known = self.knows.get(service)
        songs = [song for song in self.songs if known is None or song.number in known]
        return [song for song in songs if song.fits(words)]

    def _numbered(self, number: int) -> Known | None:
        return next((song for song in self.songs if song.number == number), None)

    def _deezer(self, path: str, asked: Asked) -> Answer:
        if path == "/search":
            words = asked.query["q"].replace('artist:"', "").replace('track:"', "").replace('"', "")
            rows = [deezer(song) for song in self.found("deezer", words)]
            for row in rows:
                del row["isrc"]  # which only /track/ID tells
            return Answer({"data": rows[: int(asked.query["limit"])], "total": len(rows)})
        wanted = path.removeprefix("/track/")
        found = next((s for s in self.songs if wanted in (str(s.number), f"isrc:{s.isrc}")), None)
        return Answer(deezer(found) if found else NO_DATA)

    def _itunes(self, path: str, asked: Asked) -> Answer:
        if path == "/search":
            assert (asked.query["media"], asked.query["entity"]) == ("music", "song")
            rows = [itunes(song) for song in self.found("itunes", asked.query["term"])]
        else:
            song = self._numbered(int(asked.query["id"]))
            rows = [itunes(song)] if song else []
        return Answer({"resultCount": len(rows), "results": rows})

    def _musicbrainz(self, path: str, asked: Asked) -> Answer:
        if path.startswith("/ws/2/recording/"):
            song = self._numbered(int(path[-12:]))
            return Answer(musicbrainz(song)) if song else Answer({"error": "Not Found"}, 404)
        query = asked.query["query"]
        if query.startswith("isrc:"):
            rows = [song for song in self.songs if song.isrc == query[5:]]
        else:
            assert ("dismax" in asked.query) == ("recording:" not in query)
            words = (
                query.replace("recording:", "").replace("artist:", "").replace(" AND ", " ").replace('"', "")
            )
            rows = self.found("musicbrainz", words)
        return Answer({"count": len(rows), "offset": 0, "recordings": [musicbrainz(song) for song in rows]})

    def _listenbrainz(self, path: str, asked: Asked) -> Answer:
        limits = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "29", "X-RateLimit-Reset-In": "10"}
        assert asked.query["inc"] == "artist tag release"
        if path == "/1/metadata/recording/":
            mbid = asked.query["recording_mbids"]
            song = self._numbered(int(mbid[-12:]))
            return Answer({mbid: listenbrainz(song)} if song else {}, headers=limits)
        named = f"{asked.query['artist_name']} {asked.query['recording_name']}"
        for song in self.found("listenbrainz", named):
            body = {
                "artist_credit_name": song.artist,
                "artist_mbids": [BAND.format(song.number)],
                "recording_mbid": SONG.format(song.number),
                "recording_name": song.title,
                "release_mbid": ALBUM.format(song.number),
                "release_name": "An album",
                "metadata": listenbrainz(song),
            }
            return Answer(body, headers=limits)
        return Answer({}, headers=limits)


def _page(path: str, asked: Asked) -> Answer:
    """Answer as YouTube's, SoundCloud's and Spotify's oEmbed do, and as pages of Tidal and Bandcamp."""
    url = asked.query.get("url", "")
    if "youtube.com/watch?v=" in url:
        return Answer({"title": "Pink Moon (Official Video)", "author_name": "Nick Drake - Topic"})
    if url.startswith("https://soundcloud.com/"):
        return Answer({"title": "Pink Moon by Nick Drake", "author_name": "Nick Drake"})
    if "open.spotify.com" in url:
        return Answer({"title": "Pink Moon", "type": "rich", "provider_name": "Spotify"})
    titles = {"/track/77": "Nick Drake - Pink Moon", "/nickdrake/track/pink-moon": "Pink Moon, by Nick Drake"}
    if path == "/s/abc123":
        return Answer(status=302, headers={"Location": "https://www.deezer.com/track/1?host=0"})
    if path in titles:
        page = (
            f'<html><head><title>x</title><meta property="og:title" content="{titles[path]}"></head></html>'
        )
        return Answer(html=page)
    return Answer({"error": "Not Found"}, 404)


@contextmanager
def serve_catalogues() -> Iterator[Catalogues]:
    """Run the server until the block ends."""
    catalogues = Catalogues()
    with serve(catalogues) as base:
        catalogues.base = base
        yield catalogues


def apis_of(catalogues: Catalogues, *, lookups: tuple[str, ...] = LOOKUPS, pause: float = 0.0) -> Apis:
    """Return settings that lead every lookup to this server."""
    base = catalogues.base
    return Apis(
        lookups=lookups,
        listenbrainz_base=f"{base}/listenbrainz",
        musicbrainz_contact="ann@example.org",
        musicbrainz_base=f"{base}/musicbrainz",
        listenbrainz_pause=pause,
        musicbrainz_pause=pause,
        deezer_base=f"{base}/deezer",
        deezer_links_base=f"{base}/deezerlinks",
        itunes_base=f"{base}/itunes",
        youtube_base=f"{base}/youtube",
        soundcloud_base=f"{base}/soundcloud",
        oembed_base=f"{base}/spotify",
        tidal_base=f"{base}/tidal",
        bandcamp_base=f"{base}/bandcamp/{{}}",
    )
