"""New releases on loopback: ListenBrainz's list of some days, and MusicBrainz's release groups of an artist.

Shapes: metabrainz/listenbrainz-server, `webserver/views/explore_api.py` and `db/model/fresh_releases.py`;
https://musicbrainz.org/doc/MusicBrainz_API (browse requests of release groups).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from json_server import Answer, Asked, serve
from listenbrainz_server import mbid


@dataclass(frozen=True)
class Album:
    """A release group of the world."""

    artist: str
    title: str
    day: str
    form: str = "Album"
    also: str = ""

    @property
    def ident(self) -> str:
        return mbid(f"{self.artist} {self.title}")


@dataclass
class ReleasesServer:
    """What came out, and what was asked."""

    base: str = ""
    albums: list[Album] = field(default_factory=list)
    busy: Answer | None = None
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        """Answer as the two services do."""
        self.asked.append(asked)
        if self.busy is not None:
            return self.busy
        if asked.path == "/1/explore/fresh-releases/":
            return self._fresh(asked.query)
        if asked.path == "/ws/2/release-group":
            return self._of_artist(asked.query)
        return Answer({"code": 404, "error": "Not Found"}, 404)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def _fresh(self, query: dict[str, str]) -> Answer:
        assert (query["past"], query["future"]) == ("true", "false")
        until = date.fromisoformat(query["release_date"])
        since = until - timedelta(days=int(query["days"]))
        rows = [
            {
                "artist_credit_name": one.artist,
                "artist_mbids": [mbid(one.artist)],
                "caa_id": None,
                "caa_release_mbid": None,
                "listen_count": 12,
                "release_date": one.day,
                "release_group_mbid": one.ident,
                "release_group_primary_type": one.form,
                "release_group_secondary_type": one.also or None,
                "release_mbid": mbid(f"{one.ident} CD"),
                "release_name": one.title,
                "release_tags": [],
            }
            for one in self.albums
            if since <= date.fromisoformat(one.day) <= until
        ]
        return Answer({"payload": {"releases": rows, "total_count": len(rows)}})

    def _of_artist(self, query: dict[str, str]) -> Answer:
        rows = [one for one in self.albums if mbid(one.artist) == query["artist"]]
        offset = int(query["offset"])
        shown = [
            {
                "disambiguation": "",
                "first-release-date": one.day,
                "id": one.ident,
                "primary-type": one.form,
                "primary-type-id": mbid(one.form),
                "secondary-type-ids": [mbid(one.also)] if one.also else [],
                "secondary-types": [one.also] if one.also else [],
                "title": one.title,
            }
            for one in rows[offset : offset + int(query["limit"])]
        ]
        return Answer(
            {
                "release-group-count": len(rows),
                "release-group-offset": offset,
                "release-groups": shown,
            }
        )


@contextmanager
def serve_releases() -> Iterator[ReleasesServer]:
    """Run both services until the block ends."""
    server = ReleasesServer()
    with serve(server) as base:
        server.base = base
        yield server
