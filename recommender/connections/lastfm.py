"""Last.fm, through pylast: plays, loved tracks and tags.

Stored: plays with their time, loved tracks, tags given to artists. pylast keeps to Last.fm's limit of five
requests per second and application.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pylast

from recommender.catalog.addresses import LASTFM
from recommender.connections.source import MOST_AT_ONCE, MarkedSong, PlayedSong
from recommender.errors import NotKnown, Unavailable
from storage.records import Kind

T = TypeVar("T")

_MOST_TAGS = 30
_MOST_TAGGED = 50
_MOST_OF_ARTIST = 10
_LEAST = 10  # of 100: rare tags are often jokes
# API error codes.
_SILENT = "Last.fm does not answer right now. I will try again by myself."
_UNKNOWN_USER = 6
_BAD_KEYS = (10, 26)
_PRIVATE = 17
_TOO_FAST = 29


class Lastfm:
    """Reads public Last.fm profiles."""

    name = "lastfm"
    title = "Last.fm"

    def __init__(self, key: str, base: str = LASTFM) -> None:
        """`key` is the operator's API key; `base` is the API's URL."""
        self._network = pylast.LastFMNetwork(api_key=key)
        # pylast joins host and path under https; a whole URL as the path overrides both.
        self._network.ws_server = (self._network.ws_server[0], base)
        self._network.enable_rate_limit()

    def count(self, person: str) -> int:
        """Return the number of a user's plays."""
        return _asked(person, lambda: int(self._user(person).get_playcount()))

    def listens(
        self, person: str, *, before: int | None = None, after: int | None = None
    ) -> list[PlayedSong]:
        """Return plays strictly between two times, newest first, without the one playing now."""

        def read() -> list[PlayedSong]:
            # pylast requests one more, in case the first is playing now.
            tracks = self._user(person).get_recent_tracks(
                limit=MOST_AT_ONCE - 1, cacheable=False, time_to=before, time_from=after
            )
            found = [
                PlayedSong(
                    str(played.track.artist), str(played.track.title), int(played.timestamp), played.album
                )
                for played in tracks
            ]
            return [one for one in found if (before is None or one.at < before) and one.at > (after or 0)]

        return _asked(person, read)

    def opinions(self, person: str) -> list[MarkedSong]:
        """Return all loved tracks of a user."""

        def read() -> list[MarkedSong]:
            loved = self._user(person).get_loved_tracks(limit=None, cacheable=False)
            return [
                MarkedSong(str(one.track.artist), str(one.track.title), Kind.LIKE, int(one.timestamp))
                for one in loved
            ]

        return _asked(person, read)

    def tags(self, person: str) -> Iterator[tuple[str, str]]:
        """Yield the user's artist tags as (artist, tag), from the user's most frequent tags."""
        user = self._user(person)
        for top in _asked(person, lambda: user.get_top_tags(limit=_MOST_TAGS, cacheable=False)):
            tag = str(top.item)
            for artist in _asked(person, lambda tag=tag: self._tagged(user, tag)):  # type: ignore[misc]
                yield artist, tag

    def artist_tags(self, artist: str) -> list[tuple[str, float]]:
        """Return an artist's tags as (tag, weight 0 to 1), without rare ones."""

        def read() -> list[tuple[str, float]]:
            found = self._network.get_artist(artist).get_top_tags(limit=_MOST_OF_ARTIST)
            return [(str(one.item), int(one.weight) / 100) for one in found if int(one.weight) >= _LEAST]

        return _asked(artist, read)

    def close(self) -> None:
        """Do nothing: pylast opens a connection per request."""

    def _tagged(self, user: pylast.User, tag: str) -> list[str]:
        found = user.get_tagged_artists(tag, limit=_MOST_TAGGED)
        return [str(artist) for artist in found]

    def _user(self, person: str) -> pylast.User:
        return self._network.get_user(person)


def _asked(person: str, ask: Callable[[], T]) -> T:
    """Call `ask`, translating pylast's errors into the source's."""
    try:
        return ask()
    except pylast.WSError as error:
        raise _explained(person, int(error.status)) from error
    except (pylast.PyLastError, IndexError, ValueError) as error:
        raise Unavailable(_SILENT) from error


def _explained(person: str, code: int) -> NotKnown | Unavailable:
    if code == _UNKNOWN_USER:
        return NotKnown(
            "Last.fm knows nobody called {}. Your name is in the address of your profile there: "
            "/connect lastfm NAME.",
            person,
        )
    if code == _PRIVATE:
        return NotKnown(
            "{} hides recent listening at Last.fm: untick it under Settings, Privacy there, then "
            "/connect again.",
            person,
        )
    if code in _BAD_KEYS:
        return NotKnown("Last.fm does not take my API key: whoever runs me has to mend LASTFM_API_KEY.")
    pause = 60.0 if code == _TOO_FAST else 0.0
    return Unavailable(_SILENT, retry_after=pause)
