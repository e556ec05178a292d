"""ListenBrainz, by its public API: listens, loved and hated tracks.

Stored: listens with their time and ids, and verdicts.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from recommender.catalog.addresses import LISTENBRAINZ
from recommender.catalog.web import Missing, Web
from recommender.connections.source import MOST_AT_ONCE, MarkedSong, PlayedSong
from recommender.errors import NotKnown
from storage.imports import ExternalIds
from storage.records import Kind

_PAUSE = 0.35  # seconds: the limit is thirty requests per ten seconds
_MOST_OPINIONS = 100  # per page
_KINDS = {1: Kind.LIKE, -1: Kind.DISLIKE}
_IDS = {
    "mbid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "isrc": re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"),
    "spotify": re.compile(r"[0-9A-Za-z]{22}"),
}
_LONGEST_PLAY_MS = 24 * 3_600_000


class ListenBrainz:
    """Reads public ListenBrainz profiles."""

    name = "listenbrainz"
    title = "ListenBrainz"

    def __init__(self, base: str = LISTENBRAINZ) -> None:
        """Take the API's URL as `base`."""
        self._web = Web(self.title, base, pause=_PAUSE)

    def count(self, person: str) -> int:
        """Return the number of a user's listens."""
        return int(self._get(person, f"/1/user/{quote(person, safe='')}/listen-count")["payload"]["count"])

    def listens(
        self, person: str, *, before: int | None = None, after: int | None = None
    ) -> list[PlayedSong]:
        """Return listens strictly between two times, newest first."""
        # `min_ts` would return the following page, not the newest.
        path = f"/1/user/{quote(person, safe='')}/listens"
        payload = self._get(person, path, count=MOST_AT_ONCE, max_ts=before)["payload"]
        found = [listen for one in payload["listens"] if (listen := _listen(one))]
        return [one for one in found if (before is None or one.at < before) and one.at > (after or 0)]

    def opinions(self, person: str) -> list[MarkedSong]:
        """Return all loved and hated tracks of a user."""
        path, found, total = f"/1/feedback/user/{quote(person, safe='')}/get-feedback", 0, 1
        opinions: list[MarkedSong] = []
        while found < total:
            page = self._get(person, path, count=_MOST_OPINIONS, offset=found, metadata="true")
            if not page["feedback"]:
                break
            found, total = found + len(page["feedback"]), int(page["total_count"])
            opinions += [opinion for one in page["feedback"] if (opinion := _opinion(one))]
        return opinions

    def tags(self, person: str) -> Iterator[tuple[str, str]]:
        """Yield nothing: tags are given at MusicBrainz, which does not publish the users."""
        del person
        yield from ()

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _get(self, person: str, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - JSON
        try:
            return self._web.get(path, **parameters)
        except Missing as error:
            raise NotKnown(
                "ListenBrainz knows nobody called {}. Your name is in the address of your page there: "
                "/connect listenbrainz NAME.",
                person,
            ) from error


def _listen(row: Any) -> PlayedSong | None:  # noqa: ANN401 - JSON
    """Return a listen, None if a required field is missing: submissions are unchecked."""
    said = row.get("track_metadata") or {}
    more, mapped = said.get("additional_info") or {}, said.get("mbid_mapping") or {}
    artist, title, at = said.get("artist_name"), said.get("track_name"), row.get("listened_at")
    if not (isinstance(artist, str) and isinstance(title, str) and isinstance(at, int)):
        return None
    album, length = said.get("release_name"), more.get("duration_ms")
    return PlayedSong(
        artist,
        title,
        at,
        album if isinstance(album, str) else None,
        _artist_ids(mapped),
        _track_ids(more, mapped),
        length if isinstance(length, int) and 0 < length < _LONGEST_PLAY_MS else None,
    )


def _opinion(row: Any) -> MarkedSong | None:  # noqa: ANN401 - JSON
    said, kind = row.get("track_metadata") or {}, _KINDS.get(row.get("score"))
    artist, title = said.get("artist_name"), said.get("track_name")
    if kind is None or not (isinstance(artist, str) and isinstance(title, str)):
        return None
    at = row.get("created")
    ids = _track_ids({}, said.get("mbid_mapping") or {})
    return MarkedSong(artist, title, kind, at if isinstance(at, int) else None, ids)


def _artist_ids(mapped: dict[str, Any]) -> ExternalIds:
    # A credit of several artists has no id of its own.
    match mapped.get("artist_mbids"):
        case [str(only)] if _IDS["mbid"].fullmatch(only):
            return (("mbid", only),)
    return ()


def _track_ids(more: dict[str, Any], mapped: dict[str, Any]) -> ExternalIds:
    spotify = str(more.get("spotify_id") or "").rpartition("/")[2]
    found = {"mbid": mapped.get("recording_mbid"), "isrc": more.get("isrc"), "spotify": spotify}
    return tuple((scheme, str(v)) for scheme, v in found.items() if v and _IDS[scheme].fullmatch(str(v)))
