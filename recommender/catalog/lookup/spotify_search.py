"""Spotify search as one of the look-up services; needs the operator's app."""

from recommender.catalog.lookup.found import MOST_FOUND, FoundSong, Wanted
from recommender.catalog.spotify import SpotifyCatalogue
from recommender.catalog.spotify_api import SpotifyTrack
from recommender.errors import NotKnown, Unavailable


class SpotifySearch:
    """Client for Spotify's catalogue, with its own queue and cache."""

    code, title = "sp", "Spotify"

    def __init__(self, catalogue: SpotifyCatalogue) -> None:
        """Ask through `catalogue`, which its creator closes."""
        self._catalogue = catalogue

    def suits(self, wanted: Wanted) -> bool:
        """Return whether there is an app."""
        return self._catalogue.is_open and bool(wanted.key)

    async def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return candidates, likeliest first."""
        return [_song(track) for track in await self._catalogue.search(wanted.words)][:MOST_FOUND]

    async def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id, or by "isrc:" and its ISRC; None if there is none."""
        if not self._catalogue.is_open:
            return None
        if song_id.startswith("isrc:"):
            found = await self._catalogue.search(song_id)
            return next((_song(track) for track in found if track.isrc in (None, song_id[5:])), None)
        try:
            track = await self._catalogue.track(song_id)
        except NotKnown as error:
            raise Unavailable(error.sentence, *error.values) from error
        return None if track is None else _song(track)

    async def close(self) -> None:
        """Do nothing: the creator of the catalogue closes it."""


def _song(track: SpotifyTrack) -> FoundSong:
    isrc = (("isrc", track.isrc),) if track.isrc else ()
    return FoundSong(
        SpotifySearch.code,
        track.id,
        track.artists[0],
        track.title,
        (("spotify", track.id), *isrc),
        cover=track.cover or "",
    )
