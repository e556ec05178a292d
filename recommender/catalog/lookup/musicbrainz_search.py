"""MusicBrainz search: songs by any name.  CC0; needs the operator's contact; one request a second.

https://musicbrainz.org/doc/MusicBrainz_API/Search.  It shares the connection of the background tasks, so
that both use one queue.
"""

from typing import Any

from recommender.catalog.lookup.found import MOST_FOUND, PATIENCE, FoundSong, Wanted
from recommender.catalog.musicbrainz import MBID, MusicBrainz, recording_of

_MONTH, _QUARTER = 30 * 86_400, 90 * 86_400


class MusicBrainzSearch:
    """Client for MusicBrainz' search."""

    code, title = "mb", "MusicBrainz"
    most, window = 60, 60.0  # the connection itself keeps a second between two requests
    kept_seconds, song_seconds = _MONTH, _QUARTER

    def __init__(self, brainz: MusicBrainz) -> None:
        """Share the connection `brainz`, and its queue."""
        self._brainz = brainz

    def suits(self, wanted: Wanted) -> bool:
        """Return True: any text can be searched."""
        return bool(wanted.key)

    def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return candidates, likeliest first."""
        rows = self._brainz.search(wanted.words, wanted.artist, wanted.title, n=MOST_FOUND, patience=PATIENCE)
        return _songs(rows)

    def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id or ISRC, None if there is none."""
        isrc = song_id.removeprefix("isrc:")
        if isrc != song_id:
            return next(iter(_songs(self._brainz.by_isrc(isrc, patience=PATIENCE))), None)
        if not MBID.fullmatch(song_id):
            return None
        return next(iter(_songs([self._brainz.by_id(song_id, patience=PATIENCE)])), None)

    def close(self) -> None:
        """Close the connection."""
        self._brainz.close()


def _songs(rows: list[dict[str, Any]]) -> list[FoundSong]:
    """Return the songs of an answer, each name once: a song has many recordings."""
    found: dict[tuple[str, str], FoundSong] = {}
    for row in rows:
        credit = (row.get("artist-credit") or [{}])[0]
        artist, title = str((credit.get("artist") or {}).get("name") or ""), str(row.get("title") or "")
        known = recording_of(row)
        if not (artist and title and known):
            continue
        isrc = tuple(("isrc", code) for code in known.isrcs[:1])
        song = FoundSong(
            MusicBrainzSearch.code,
            known.mbid,
            artist,
            title,
            (("mbid", known.mbid), *isrc),
            known.artist_mbid,
            known.year,
            known.length_ms,
            known.tags,
        )
        found.setdefault((artist.casefold(), title.casefold()), song)
    return list(found.values())
