"""Alternative explanations that name nothing the readers must not see."""

from dataclasses import replace

import numpy as np

from recommender.disclosure import Disclosure
from recommender.explain import crowd, shared_traits
from recommender.explain.common_ground import related_to
from recommender.explain.shared_traits import SongColumns
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation
from storage.records import Subject


def another_reason(snapshot: Snapshot, request: Request, subject: Subject) -> Explanation:
    """Return another true explanation for a track, naming only what the request discloses."""
    track = -1 if subject.track_id is None else snapshot.tracks.items.column(subject.track_id)
    artist = snapshot.artists.items.column(subject.artist_id)
    if request.wishes:
        return Explanation("tags", tags=tuple(snapshot.tags[tag] for tag in request.wishes))
    public = disclosed(snapshot, request, request.disclosure)
    if track >= 0 and artist in public.artists.liked.items:
        return Explanation("artist", Subject(subject.artist_id))
    song = SongColumns(np.array([track], dtype=np.int32), np.array([artist], dtype=np.int32))
    shared = _of_relation(snapshot, song, public) or _of_mood(snapshot, song, public)
    shared = shared or _of_tempo(snapshot, song, public)
    found = shared or crowd(snapshot, (request.artists, request.tracks), artist, track)
    return found or Explanation("start")


def disclosed(snapshot: Snapshot, request: Request, disclosure: Disclosure) -> Request:
    """Return the request restricted to what may be named."""
    said = disclosure.said
    if said is None:
        return request
    artists = [subject.artist_id for subject in said]
    tracks = [subject.track_id for subject in said if subject.track_id is not None]
    return replace(
        request,
        artists=_only(snapshot.artists, request.artists, artists),
        tracks=_only(snapshot.tracks, request.tracks, tracks),
    )


def _only(axis: Axis, profile: Profile, ids: list[int]) -> Profile:
    keep = np.isin(profile.items, axis.items.columns(np.array(ids, dtype=np.int64)))
    return replace(profile, items=profile.items[keep], weights=profile.weights[keep])


def _of_relation(snapshot: Snapshot, song: SongColumns, public: Request) -> Explanation | None:
    """Return the strongest like by an artist whose fans like this artist, None without one."""
    liked = shared_traits.liked(snapshot, public)
    found = np.flatnonzero(related_to(snapshot, liked.artists, int(song.artists[0])))
    if not len(found):
        return None
    artist, track = (int(part[found[0]]) for part in (liked.artists, liked.tracks))
    return Explanation("related", snapshot.subject(artist, track))


def _of_mood(snapshot: Snapshot, song: SongColumns, public: Request) -> Explanation | None:
    liked = shared_traits.liked(snapshot, public)
    mates = shared_traits.of_mood(snapshot, song, liked)
    if not mates.found[0]:
        return None
    mate = SongColumns(*(part[mates.which] for part in liked))
    return Explanation(
        "mood",
        snapshot.subject(int(mate.artists[0]), int(mate.tracks[0])),
        shared_traits.shared_moods(snapshot, song, mate),
    )


def _of_tempo(snapshot: Snapshot, song: SongColumns, public: Request) -> Explanation | None:
    liked = shared_traits.liked(snapshot, public)
    mates = shared_traits.of_tempo(snapshot, song, liked)
    if not mates.found[0]:
        return None
    mate = SongColumns(*(part[mates.which] for part in liked))
    beats = round(float(snapshot.tempo[song.tracks[0]]))
    return Explanation("tempo", snapshot.subject(int(mate.artists[0]), int(mate.tracks[0])), count=beats)
