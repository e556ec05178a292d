"""Errands: one track looked up at one service, and the part of the answer that is stored."""

from dataclasses import dataclass
from typing import Protocol

from recommender.catalog.cover_art import CoverArtArchive, SpotifyPictures
from recommender.catalog.musicbrainz import MusicBrainz, Recording
from storage.errors import InvalidFactError
from storage.records import Track
from storage.services.outside import Outside
from storage.store import Store

_COVER_SECONDS = 90 * 86_400  # open pictures; looked at again after that
_SPOTIFY_SECONDS = 86_400  # Spotify's content is cached for a day at most


@dataclass(frozen=True, slots=True)
class Findings:
    """A service's answer about a track."""

    recording: Recording | None = None
    artist_tags: tuple[tuple[str, float], ...] = ()
    cover: str | None = None
    again_after: int = 180 * 86_400  # seconds until it is worth asking again
    cover_seconds: int = _COVER_SECONDS


class Service(Protocol):
    """A service with data about tracks; `look` blocks, and raises the errors of `Web.get`."""

    name: str
    needs: str  # scheme of the id that a question needs, "" for none

    def look(self, track: Track, ids: dict[str, str]) -> Findings | None:
        """Return what the service knows of a track with these external ids, None if it need not be asked."""
        ...

    def close(self) -> None:
        """Close open connections."""
        ...


class AtMusicBrainz:
    """MusicBrainz: ids, year and tags, with the cover for those ids."""

    name = "musicbrainz"
    needs = ""

    def __init__(self, brainz: MusicBrainz, covers: CoverArtArchive) -> None:
        self._brainz, self._covers = brainz, covers

    def look(self, track: Track, ids: dict[str, str]) -> Findings | None:
        """Return what MusicBrainz and the Cover Art Archive know."""
        recording = self._brainz.recording(track.artist, track.title)
        if recording is None:
            return Findings()
        tags = () if "artist_mbid" in ids else tuple(self._brainz.artist_tags(recording.artist_mbid))
        return Findings(recording, tags, self._covers.cover(recording.release_groups))

    def close(self) -> None:
        """Close the connections."""
        self._brainz.close()
        self._covers.close()


class ArtistTags(Protocol):
    """A source of listeners' tags for artists."""

    def artist_tags(self, artist: str) -> list[tuple[str, float]]:
        """Return tags as (name, weight 0 to 1)."""
        ...


class AtLastfm:
    """Last.fm: its listeners' tags for the artist."""

    name = "lastfm"
    needs = ""

    def __init__(self, lastfm: ArtistTags) -> None:
        self._lastfm = lastfm

    def look(self, track: Track, ids: dict[str, str]) -> Findings | None:
        """Return the tags of the track's artist."""
        del ids
        return Findings(artist_tags=tuple(self._lastfm.artist_tags(track.artist)))

    def close(self) -> None:
        """Do nothing: nothing is open."""


class AtSpotify:
    """Spotify: covers of tracks whose Spotify id is known, stored for a day at a time."""

    name = "spotify-oembed"
    needs = "spotify"

    def __init__(self, pictures: SpotifyPictures) -> None:
        self._pictures = pictures

    def look(self, track: Track, ids: dict[str, str]) -> Findings | None:
        """Return the cover."""
        del track
        if "spotify" not in ids:
            return None
        cover = self._pictures.cover(ids["spotify"])
        return Findings(cover=cover, again_after=_SPOTIFY_SECONDS, cover_seconds=_SPOTIFY_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self._pictures.close()


def keep(store: Store, track: Track, service: str, found: Findings, *, now: int) -> None:
    """Store a service's answer about a track; known facts are not overwritten."""
    music = store.music
    music.list_song(track.artist_id, track.id)
    if found.recording is not None:
        _keep_recording(store, track, service, found.recording)
    for tag, weight in found.artist_tags:
        if (tag_id := _tag(store, tag)) is not None:
            music.tag_artist(track.artist_id, tag_id, service, weight)
    if found.cover:
        Outside(store.db).keep_cover(track.id, found.cover, service, expires_at=now + found.cover_seconds)


def _keep_recording(store: Store, track: Track, service: str, found: Recording) -> None:
    music = store.music
    music.ensure_track(track.artist_id, track.title, year=found.year, duration_ms=found.length_ms)
    music.add_track_id(track.id, "mbid", found.mbid)
    music.add_artist_id(track.artist_id, "mbid", found.artist_mbid)
    for isrc in found.isrcs[:1]:
        music.add_track_id(track.id, "isrc", isrc)
    for tag, weight in found.tags:
        if (tag_id := _tag(store, tag)) is not None:
            music.tag_track(track.id, tag_id, service, weight)


def _tag(store: Store, name: str) -> int | None:
    try:
        return store.music.ensure_tag(name)
    except InvalidFactError:  # a name without a letter, which any artist may have
        return None
