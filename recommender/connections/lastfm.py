"""Last.fm, through pylast: what somebody listened to, loved and tagged.

What is kept of it: plays with their time, loved songs, tags given to artists.  Last.fm asks for at most five
requests a second per application, which pylast keeps to.
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
_LEAST = 10  # of 100: what few say is often a joke
# Error codes of the API.
_SILENT = "Last.fm does not answer right now. I will try again by myself."
_UNKNOWN_USER = 6
_BAD_KEYS = (10, 26)
_PRIVATE = 17
_TOO_FAST = 29


class Lastfm:
    """Reads what is public about people at Last.fm."""

    name = "lastfm"
    title = "Last.fm"

    def __init__(self, key: str, base: str = LASTFM) -> None:
        """`key` is the operator's API key; `base` is where the API answers."""
        self._network = pylast.LastFMNetwork(api_key=key)
        # pylast joins host and path under https; a whole address in the place of the path goes before both.
        self._network.ws_server = (self._network.ws_server[0], base)
        self._network.enable_rate_limit()

    def count(self, person: str) -> int:
        """Return how many plays Last.fm knows of a person."""
        return _asked(person, lambda: int(self._user(person).get_playcount()))

    def listens(
        self, person: str, *, before: int | None = None, after: int | None = None
    ) -> list[PlayedSong]:
        """Return plays strictly between two times, the newest first; what plays right now is left out."""

        def read() -> list[PlayedSong]:
            # pylast asks for one more, in case the first is what plays now.
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
        """Return all songs that a person loved."""

        def read() -> list[MarkedSong]:
            loved = self._user(person).get_loved_tracks(limit=None, cacheable=False)
            return [
                MarkedSong(str(one.track.artist), str(one.track.title), Kind.LIKE, int(one.timestamp))
                for one in loved
            ]

        return _asked(person, read)

    def tags(self, person: str) -> Iterator[tuple[str, str]]:
        """Yield the tags a person gave to artists, as (artist, tag), of the most used tags."""
        user = self._user(person)
        for top in _asked(person, lambda: user.get_top_tags(limit=_MOST_TAGS, cacheable=False)):
            tag = str(top.item)
            for artist in _asked(person, lambda tag=tag: self._tagged(user, tag)):  # type: ignore[misc]
                yield artist, tag

    def artist_tags(self, artist: str) -> list[tuple[str, float]]:
        """Return what listeners call an artist, as (tag, weight 0 to 1), without what few say."""

        def read() -> list[tuple[str, float]]:
            found = self._network.get_artist(artist).get_top_tags(limit=_MOST_OF_ARTIST)
            return [(str(one.item), int(one.weight) / 100) for one in found if int(one.weight) >= _LEAST]

        return _asked(artist, read)

    def close(self) -> None:
        """Do nothing: pylast opens a connection for each request."""

    def _tagged(self, user: pylast.User, tag: str) -> list[str]:
        found = user.get_tagged_artists(tag, limit=_MOST_TAGGED)
        return [str(artist) for artist in found]

    def _user(self, person: str) -> pylast.User:
        return self._network.get_user(person)


def _asked(person: str, ask: Callable[[], T]) -> T:
    """Ask, and turn what pylast raises into words."""
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
