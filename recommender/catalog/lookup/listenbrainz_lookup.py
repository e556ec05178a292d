"""ListenBrainz' metadata lookup: artist and title to canonical names, ids, tags, year, cover.  No key, CC0.

https://listenbrainz.readthedocs.io/en/latest/users/api/metadata.html.  They ask for at most one request a
second.
"""

from typing import Any

from recommender.catalog.addresses import LISTENBRAINZ
from recommender.catalog.lookup.found import PATIENCE, FoundSong, Wanted, texts
from recommender.catalog.musicbrainz import MBID, YEAR, tags_in
from recommender.catalog.web import AGENT, Web

_PAUSE = 1.0  # seconds
_MONTH, _QUARTER = 30 * 86_400, 90 * 86_400
_PARTS = "artist tag release"
_COVER = "https://coverartarchive.org/release/{}/{}-250.jpg"


class ListenBrainzLookup:
    """Asks ListenBrainz what a name means."""

    code, title = "lb", "ListenBrainz"
    most, window = 60, 60.0
    kept_seconds, song_seconds = _MONTH, _QUARTER

    def __init__(
        self, base: str = LISTENBRAINZ, contact: str = "", *, token: str = "", pause: float = _PAUSE
    ) -> None:
        """Take where it answers, the address of whoever runs this, and the seconds between two requests.

        Without the `token` of a user there, ListenBrainz may refuse to answer.
        """
        agent = f"{AGENT} ( {contact} )" if contact else AGENT
        self._web = Web(self.title, base, agent=agent, pause=pause, token=token)

    def suits(self, wanted: Wanted) -> bool:
        """Return whether artist and title are told apart."""
        return bool(wanted.artist and wanted.title)

    def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return the song that is meant."""
        answer = self._web.get_within(
            PATIENCE,
            "/1/metadata/lookup/",
            artist_name=wanted.artist,
            recording_name=wanted.title,
            metadata="true",
            inc=_PARTS,
        )
        mbid, artist, title = texts(answer, "recording_mbid", "artist_credit_name", "recording_name")
        song = _song(mbid, artist, title, answer.get("metadata") or {})
        return [song] if song else []

    def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its MusicBrainz id, None if there is none."""
        if not MBID.fullmatch(song_id):
            return None
        answer = self._web.get_within(PATIENCE, "/1/metadata/recording/", recording_mbids=song_id, inc=_PARTS)
        known = answer.get(song_id) or {}
        (title,), (artist,) = (
            texts(known.get("recording") or {}, "name"),
            texts(known.get("artist") or {}, "name"),
        )
        return _song(song_id, artist, title, known)

    def close(self) -> None:
        """Let go of the connection."""
        self._web.close()


def _song(mbid: str, credit: str, title: str, known: dict[str, Any]) -> FoundSong | None:
    """Return a song under the first artist of its credit, None without names and ids."""
    first: dict[str, Any] = next(iter((known.get("artist") or {}).get("artists") or []), {})
    owner, name = texts(first, "artist_mbid", "name")
    artist = name or credit
    if not (artist and title and MBID.fullmatch(mbid)):
        return None
    recording, tags = known.get("recording") or {}, known.get("tag") or {}
    length = recording.get("length")
    return FoundSong(
        ListenBrainzLookup.code,
        mbid,
        artist,
        title,
        (("mbid", mbid),),
        owner if MBID.fullmatch(owner) else "",
        _year(known),
        length if isinstance(length, int) and length > 0 else None,
        tuple(tags_in(tags.get("recording"))),
        tuple(tags_in([tag for tag in tags.get("artist") or [] if tag.get("artist_mbid") == owner])),
        _cover(known.get("release") or {}),
    )


def _year(known: dict[str, Any]) -> int | None:
    first, year = (
        (known.get("recording") or {}).get("first_release_date"),
        (known.get("release") or {}).get("year"),
    )
    found = YEAR.match(str(first or year or ""))
    return int(found[1]) if found else None


def _cover(release: dict[str, Any]) -> str:
    mbid, image = texts(release, "caa_release_mbid", "caa_id")
    return _COVER.format(mbid, image) if MBID.fullmatch(mbid) and image.isdecimal() else ""
