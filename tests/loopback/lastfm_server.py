"""A server on loopback that speaks the part of Last.fm's API that Segue uses, in Last.fm's XML."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs


@dataclass
class Person:
    """Somebody at Last.fm."""

    plays: list[tuple[int, str, str]] = field(default_factory=list)  # (at, artist, title)
    loved: list[tuple[int, str, str]] = field(default_factory=list)
    tagged: dict[str, list[str]] = field(default_factory=dict)  # tag -> artists
    playing: tuple[str, str] | None = None
    is_private: bool = False


class LastfmServer:
    """What the server knows and was asked; tests change it as they like."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.asked: list[dict[str, str]] = []
        self.artist_tags: dict[str, dict[str, int]] = {}
        self.broken = 0  # so many answers are 503 from now on
        self.key = "key"
        self.base = ""

    def answer(self, query: dict[str, str]) -> tuple[int, str]:
        self.asked.append(query)
        if self.broken:
            self.broken -= 1
            return 503, "<html>busy</html>"
        if query.get("api_key") != self.key:
            return 403, _error(10, "Invalid API key - You must be granted a valid key by last.fm")
        if query["method"] == "artist.getTopTags":
            return 200, _ok(_artist_tags(self.artist_tags.get(query["artist"], {})))
        person = self.people.get(query.get("user", ""))
        if person is None:
            return 404, _error(6, "User not found")
        if person.is_private and query["method"] == "user.getRecentTracks":
            return 403, _error(17, "Login: User required to be logged in")
        return 200, _ok(_METHODS[query["method"]](person, query))


_XML = '<?xml version="1.0" encoding="UTF-8"?>'


def _error(code: int, words: str) -> str:
    return f'{_XML}<lfm status="failed"><error code="{code}">{words}</error></lfm>'


def _ok(body: str) -> str:
    return f'{_XML}<lfm status="ok">{body}</lfm>'


def _info(person: Person, _: dict[str, str]) -> str:
    return f"<user><name>x</name><playcount>{len(person.plays)}</playcount></user>"


def _recent(person: Person, query: dict[str, str]) -> str:
    first, last = int(query.get("from", 0)), int(query.get("to", 1 << 40))
    found = sorted((play for play in person.plays if first <= play[0] < last), reverse=True)
    rows, pages = _page(found, query)
    body = "".join(
        f'<track><artist mbid="">{escape(a)}</artist><name>{escape(t)}</name><mbid/>'
        f'<album mbid="">LP</album><date uts="{at}">then</date></track>'
        for at, a, t in rows
    )
    if person.playing and "to" not in query:
        artist, title = person.playing
        body = (
            f'<track nowplaying="true"><artist mbid="">{escape(artist)}</artist><name>{escape(title)}</name>'
            f'<mbid/><album mbid=""></album></track>{body}'
        )
    return f'<recenttracks user="x" page="{query.get("page", 1)}" totalPages="{pages}">{body}</recenttracks>'


def _loved(person: Person, query: dict[str, str]) -> str:
    rows, pages = _page(person.loved, query)
    body = "".join(
        f'<track><name>{escape(t)}</name><mbid/><url>u</url><date uts="{at}">then</date>'
        f"<artist><name>{escape(a)}</name><mbid/><url>u</url></artist></track>"
        for at, a, t in rows
    )
    return f'<lovedtracks user="x" page="{query.get("page", 1)}" totalPages="{pages}">{body}</lovedtracks>'


def _page(rows: list[tuple[int, str, str]], query: dict[str, str]) -> tuple[list[tuple[int, str, str]], int]:
    size, number = int(query.get("limit", 50)), int(query.get("page", 1))
    return rows[(number - 1) * size : number * size], max(1, -(-len(rows) // size))


def _artist_tags(tags: dict[str, int]) -> str:
    body = "".join(
        f"<tag><count>{count}</count><name>{escape(tag)}</name><url>u</url></tag>"
        for tag, count in tags.items()
    )
    return f'<toptags artist="x">{body}</toptags>'


def _top_tags(person: Person, _: dict[str, str]) -> str:
    body = "".join(
        f"<tag><name>{escape(tag)}</name><count>{len(artists)}</count><url>u</url></tag>"
        for tag, artists in person.tagged.items()
    )
    return f'<toptags user="x">{body}</toptags>'


def _tagged(person: Person, query: dict[str, str]) -> str:
    found = person.tagged[query["tag"]]
    artists = "".join(f"<artist><name>{escape(artist)}</name><mbid/></artist>" for artist in found)
    return f'<taggings user="x" tag="{escape(query["tag"])}"><artists>{artists}</artists></taggings>'


_METHODS = {
    "user.getInfo": _info,
    "user.getRecentTracks": _recent,
    "user.getLovedTracks": _loved,
    "user.getTopTags": _top_tags,
    "user.getpersonaltags": _tagged,
}


@contextmanager
def serve_lastfm() -> Iterator[LastfmServer]:
    """Run the server until the block ends."""
    lastfm = LastfmServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            query = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
            status, body = lastfm.answer({name: values[0] for name, values in query.items()})
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        lastfm.base = f"http://127.0.0.1:{server.server_port}/2.0/"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield lastfm
        finally:
            server.shutdown()
            thread.join()
