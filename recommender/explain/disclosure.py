"""What a reason may name where others read it: only what its user said there, or made visible there.

In a server or a group everybody reads a list, so a reason names what its user likes only if the like or play
was told in that very community, or the user is visible there (`/visible on`).
"""

from dataclasses import dataclass, replace

import numpy as np

from recommender.explain import crowd, shared_traits
from recommender.explain.shared_traits import Music
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation
from storage.records import Subject

PERSONAL = ("because", "artist", "mood", "tempo")
"""Kinds of reasons that name something the user likes or listens to."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a reason may name; None: everything."""

    said: frozenset[Subject] | None

    def allows(self, cause: Subject) -> bool:
        """Tell whether a reason may name this; an artist was named by anything of theirs."""
        if self.said is None or cause in self.said:
            return True
        return cause.track_id is None and any(one.artist_id == cause.artist_id for one in self.said)

    def hides(self, explanation: Explanation) -> bool:
        """Tell whether a reason names something that its readers are not to know."""
        cause = explanation.cause
        return explanation.kind in PERSONAL and cause is not None and not self.allows(cause)

    def of_request(self, snapshot: Snapshot, request: Request) -> Request:
        """Return a request that knows only what may be named."""
        if self.said is None:
            return request
        artists = [subject.artist_id for subject in self.said]
        tracks = [subject.track_id for subject in self.said if subject.track_id is not None]
        return replace(
            request,
            artists=_only(snapshot.artists, request.artists, artists),
            tracks=_only(snapshot.tracks, request.tracks, tracks),
        )


def another_reason(snapshot: Snapshot, request: Request, said: Disclosure, subject: Subject) -> Explanation:
    """Return a reason for a song that is as true, and names nothing that `said` does not allow."""
    track = -1 if subject.track_id is None else snapshot.tracks.items.column(subject.track_id)
    artist = snapshot.artists.items.column(subject.artist_id)
    if request.wishes:
        return Explanation("tags", tags=tuple(snapshot.tags[tag] for tag in request.wishes))
    public = said.of_request(snapshot, request)
    if track >= 0 and artist in public.artists.liked.items:
        return Explanation("artist", Subject(subject.artist_id))
    song = Music(np.array([track], dtype=np.int32), np.array([artist], dtype=np.int32))
    shared = _of_mood(snapshot, song, public) or _of_tempo(snapshot, song, public)
    found = shared or crowd(snapshot, request.artists, request.tracks, artist, track)
    return found or Explanation("start")


def _only(axis: Axis, profile: Profile, ids: list[int]) -> Profile:
    keep = np.isin(profile.items, axis.items.columns(np.array(ids, dtype=np.int64)))
    return replace(profile, items=profile.items[keep], weights=profile.weights[keep])


def _of_mood(snapshot: Snapshot, song: Music, public: Request) -> Explanation | None:
    liked = shared_traits.liked(snapshot, public)
    mates = shared_traits.of_mood(snapshot, song, liked)
    if not mates.found[0]:
        return None
    mate = Music(*(part[mates.which] for part in liked))
    return Explanation("mood", _cause(snapshot, mate), shared_traits.shared_moods(snapshot, song, mate))


def _of_tempo(snapshot: Snapshot, song: Music, public: Request) -> Explanation | None:
    liked = shared_traits.liked(snapshot, public)
    mates = shared_traits.of_tempo(snapshot, song, liked)
    if not mates.found[0]:
        return None
    mate = Music(*(part[mates.which] for part in liked))
    beats = round(float(snapshot.tempo[song.tracks[0]]))
    return Explanation("tempo", _cause(snapshot, mate), count=beats)


def _cause(snapshot: Snapshot, mate: Music) -> Subject:
    artist, track = int(mate.artists[0]), int(mate.tracks[0])
    track_id = int(snapshot.tracks.items.ids[track]) if track >= 0 else None
    return Subject(int(snapshot.artists.items.ids[artist]), track_id)
