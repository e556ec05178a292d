"""Name resolution: one certain song, or a few candidates to choose from."""

import re

from recommender.types import Resolution, Song
from storage.records import Artist, Match, Subject, Track
from storage.search import Search
from storage.store import Store

CHOICES = 5
# Of 100: a best match this good, and this far ahead of the next, is certain.
_SURE, _AHEAD = 84.0, 6.0


_DECADE = re.compile(r"(?P<century>19|20)?(?P<decade>[0-9])0['\u2019]?s")


def resolve(store: Store, text: str) -> Resolution:
    """Resolve `text` (a name, "artist - title", a link, an ISRC) in the catalogue."""
    search = Search(store)
    if link := search.link(text):
        if subject := store.music.by_external_id(link.scheme, link.value):
            return Resolution(song_of(store, subject))
        if not link.words:
            return Resolution(None, scheme=link.scheme)
        text = link.words  # the text of the link itself serves as a name
    matches = search.find(text, CHOICES)
    if not matches:
        return Resolution(None)
    first = matches[0]
    if _certain(matches):
        song = from_match(first)
        more = best_known(store, first.subject, CHOICES - 1) if song.title is None else ()
        return Resolution(song, more, corrected=not first.exact)
    return Resolution(None, tuple(from_match(match) for match in matches))


def _certain(matches: list[Match]) -> bool:
    first = matches[0]
    if first.exact:
        # An artist and a song of one name, or a title of two artists: both are exact, so the user chooses.
        rivals = [match for match in matches[1:] if match.exact]
        return not any(rival.artist != first.artist for rival in rivals)
    return first.score >= _SURE and (len(matches) == 1 or first.score - matches[1].score >= _AHEAD)


def decade_named(name: str) -> str:
    """Return "1990s" for 90s, 90's or 1990s, "" for any other text; 10s and 20s are of this century."""
    found = _DECADE.fullmatch(name.strip().casefold())
    if found is None:
        return ""
    century = found["century"] or ("20" if found["decade"] < "5" else "19")
    return f"{century}{found['decade']}0s"


def best_known(store: Store, subject: Subject, n: int) -> tuple[Song, ...]:
    """Return the best-known songs of the subject's artist."""
    return tuple(from_track(track) for track in store.music.tracks_of(subject.artist_id, n))


def song_of(store: Store, subject: Subject) -> Song:
    """Return the song or artist with its name."""
    return songs_of(store, [subject])[subject]


def songs_of(store: Store, subjects: list[Subject]) -> dict[Subject, Song]:
    """Return many at once with their names; leaves out subjects no longer in the catalogue."""
    tracks = store.music.tracks(s.track_id for s in subjects if s.track_id is not None)
    artists = store.music.artists(s.artist_id for s in subjects if s.track_id is None)
    named = {Subject(track.artist_id, track.id): from_track(track) for track in tracks.values()}
    named |= {Subject(artist.id): from_artist(artist) for artist in artists.values()}
    return {subject: named[subject] for subject in subjects if subject in named}


def from_track(track: Track) -> Song:
    """Return a track with its name."""
    return Song(Subject(track.artist_id, track.id), track.artist, track.title, track.year)


def from_artist(artist: Artist) -> Song:
    """Return an artist with its name."""
    return Song(Subject(artist.id), artist.name)


def from_match(match: Match) -> Song:
    """Return a search result with its name."""
    return Song(match.subject, match.artist, match.title, match.year)
