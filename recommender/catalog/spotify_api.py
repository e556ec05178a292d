"""Spotify's Web API through spotipy: only calls that are open to new apps, none in bulk.  Calls block.

Not called, because Spotify closed it: audio features and analysis, recommendations, related artists,
previews, several tracks at once, other people's playlists.  spotipy sleeps through a 429 inside the call
unless it is given a session of its own, and writes bearer tokens to its log at DEBUG, which is shut here.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeVar

from recommender.catalog.addresses import SPOTIFY
from recommender.catalog.web import pause_asked
from recommender.errors import NotKnown, Unavailable

if TYPE_CHECKING:  # spotipy brings redis: only who asks Spotify loads it
    from spotipy.exceptions import SpotifyException

T = TypeVar("T")

MOST_FOUND = 10
"""Results of one search, as development mode allows."""

_BUSY = "Spotify does not answer right now; I go on without it."
_ENDED = "Spotify says that your consent has ended. /connect spotify begins anew."
_TIMEOUT = 8  # seconds
_SERVER_ERRORS = 500
_MOST_ADDED = 100  # tracks per request
_YEAR = re.compile(r"(\d{4})")
_COVER_WIDTH = 300  # pixels, as a card shows it
_ID = re.compile(r"[0-9A-Za-z]{22}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_COVER = re.compile(r"https://[\w.-]+\.(?:scdn\.co|spotifycdn\.com)/[\w/-]{1,200}")

for _name in ("spotipy", "spotipy.client", "spotipy.oauth2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Closed(NotKnown):
    """Spotify forbids this call to the app or the user."""


class SignedOut(NotKnown):
    """The user's consent is missing: withdrawn, expired, or never given for this call."""


@dataclass(frozen=True, slots=True)
class SpotifyTrack:
    """A track at Spotify: the only fields taken from its content."""

    id: str
    title: str
    artists: tuple[str, ...]
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    isrc: str | None = None
    cover: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the track as JSON for the cache."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the track that `to_json` wrote."""
        return cls(**{**data, "artists": tuple(data["artists"])})


class SpotifyApi:
    """The open calls, with errors translated to Segue's.

    Every call raises `Unavailable` if Spotify does not answer or asks for a pause, `Closed` if it forbids
    the call, and `SignedOut` if the token is no longer valid.
    """

    def __init__(self, auth: Any, base: str = SPOTIFY, market: str = "") -> None:  # noqa: ANN401 - any of spotipy's
        """`auth` supplies tokens; `base` is the API's URL; `market` is a country, "" for any."""
        import requests  # noqa: PLC0415 - heavy
        import spotipy  # noqa: PLC0415 - heavy

        self._session = requests.Session()
        self._market = market or None
        self._client = spotipy.Spotify(
            auth_manager=auth,
            requests_session=self._session,
            requests_timeout=_TIMEOUT,
            retries=0,
            status_retries=0,
        )
        self._client.prefix = f"{base.rstrip('/')}/"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def search(self, text: str) -> list[SpotifyTrack]:
        """Return tracks that match a text, likeliest first."""
        found = asked(lambda: self._client.search(text, limit=MOST_FOUND, type="track", market=self._market))
        return _tracks(((found or {}).get("tracks") or {}).get("items"))

    def track(self, track_id: str) -> SpotifyTrack | None:
        """Return a track, None if this market has none with this id."""
        return _track(asked(lambda: self._client.track(track_id, market=self._market)))

    def me(self) -> tuple[str, str]:
        """Return the id and name of the signed-in user."""
        found = asked(self._client.current_user) or {}
        return str(found.get("id") or ""), str(found.get("display_name") or found.get("id") or "")

    def recently_played(self, n: int) -> list[SpotifyTrack]:
        """Return the user's recently played tracks, newest first."""
        found = asked(lambda: self._client.current_user_recently_played(limit=n))
        return _tracks(_inner((found or {}).get("items")))

    def saved(self, n: int) -> list[SpotifyTrack]:
        """Return the user's saved tracks, newest first."""
        found = asked(lambda: self._client.current_user_saved_tracks(limit=n, market=self._market))
        return _tracks(_inner((found or {}).get("items")))

    def top(self, n: int) -> list[SpotifyTrack]:
        """Return the user's most played tracks of about the last six months."""
        found = asked(lambda: self._client.current_user_top_tracks(limit=n, time_range="medium_term"))
        return _tracks((found or {}).get("items"))

    def create_playlist(self, name: str, about: str, track_ids: Iterable[str]) -> str:
        """Create a private playlist of these tracks; return its URL."""
        made = asked(lambda: self._client.current_user_playlist_create(name, public=False, description=about))
        playlist_id = str((made or {}).get("id") or "")
        if not _ID.fullmatch(playlist_id):
            raise Unavailable(_BUSY)
        uris = [f"spotify:track:{track_id}" for track_id in track_ids]
        for start in range(0, len(uris), _MOST_ADDED):
            some = uris[start : start + _MOST_ADDED]
            asked(partial(self._client.playlist_add_items, playlist_id, some))
        return f"https://open.spotify.com/playlist/{playlist_id}"


def asked(ask: Callable[[], T]) -> T:
    """Call `ask` and translate spotipy's errors; their texts never contain a token."""
    from requests import RequestException  # noqa: PLC0415 - heavy
    from spotipy.exceptions import SpotifyException, SpotifyOauthError  # noqa: PLC0415 - heavy

    try:
        return ask()
    except SpotifyException as error:
        raise _explained(error) from None  # its text contains the URL and headers
    except SpotifyOauthError as error:
        if error.error == "invalid_grant":
            raise SignedOut(_ENDED) from None
        raise Unavailable(_BUSY, retry_after=600.0) from None
    except (RequestException, ValueError, KeyError, TypeError) as error:
        raise Unavailable(_BUSY) from error


def _explained(error: "SpotifyException") -> NotKnown | Unavailable:
    status = int(error.http_status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Unavailable(_BUSY, retry_after=pause_asked((error.headers or {}).get("Retry-After")))
    if status == HTTPStatus.UNAUTHORIZED:
        return SignedOut("Spotify does not take that sign-in any more. /connect spotify begins anew.")
    if status == HTTPStatus.FORBIDDEN:
        return Closed(
            "Spotify does not allow that here: in development mode, whoever runs me has to add you to the "
            "app's users, and some calls are closed to all new apps."
        )
    if status < _SERVER_ERRORS:
        return NotKnown("Spotify does not know that.")
    return Unavailable(_BUSY)


def _inner(items: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return [item.get("track") or item.get("item") for item in items or [] if isinstance(item, dict)]


def _tracks(items: Any) -> list[SpotifyTrack]:  # noqa: ANN401 - JSON
    return [track for item in items or [] if (track := _track(item))]


def _track(row: Any) -> SpotifyTrack | None:  # noqa: ANN401 - JSON
    """Return a track; None for a gap in a page, a local file, or a track unavailable in this market."""
    if not isinstance(row, dict) or row.get("is_local") or row.get("is_playable") is False:
        return None
    artists = tuple(str(a["name"]) for a in row.get("artists") or [] if isinstance(a, dict) and a.get("name"))
    track_id, title = str(row.get("id") or ""), str(row.get("name") or "")
    if not artists or not title or not _ID.fullmatch(track_id):
        return None
    album = row.get("album") or {}
    year = _YEAR.match(str(album.get("release_date") or ""))
    isrc = (row.get("external_ids") or {}).get("isrc")
    return SpotifyTrack(
        track_id,
        title,
        artists,
        str(album["name"]) if album.get("name") else None,
        int(year[1]) if year else None,
        row.get("duration_ms"),
        row.get("explicit"),
        isrc if isinstance(isrc, str) and _ISRC.fullmatch(isrc) else None,
        _cover(album.get("images")),
    )


def _cover(images: Any) -> str | None:  # noqa: ANN401 - JSON
    """Return the URL of the smallest picture that fills a card."""
    found = [image for image in images or [] if _COVER.fullmatch(str(image.get("url") or ""))]
    found.sort(key=lambda image: image.get("width") or _COVER_WIDTH)
    wide = [image for image in found if (image.get("width") or _COVER_WIDTH) >= _COVER_WIDTH]
    return str((wide or found[-1:])[0]["url"]) if found else None
