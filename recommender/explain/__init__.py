"""Why this one: the truest thing that can be said about a recommendation.

The opinion that gave the most votes speaks first.  If its score for the item falls when a known item is
taken away, the known item that lowers it most is the cause ("because you like X"); if no opinion has such a
cause, the item stands for what it is: what was wished for, what people here or everywhere like.
"""

from typing import NamedTuple

import numpy as np

from recommender.linalg import entries
from recommender.scorers import Profile, Reason
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation
from storage.records import Subject

# "2 people here like it" would tell one of two people what the other likes.
SMALLEST_CROWD = 3
_MOST_TAGS = 3


class _Voice(NamedTuple):
    axis: Axis
    profile: Profile
    item: int


def explain(
    snapshot: Snapshot,
    artists: Profile,
    tracks: Profile,
    artist: int,
    track: int,
    votes: dict[str, float],
    wishes: tuple[int, ...],
) -> Explanation:
    """Return the reason for the candidate at these columns (`track` -1: the artist herself).

    `votes` are named "tracks.blend", "artists.content" ...; `wishes` are the tag columns asked for.
    """
    song, singer = _Voice(snapshot.tracks, tracks, track), _Voice(snapshot.artists, artists, artist)
    for name, vote in sorted(votes.items(), key=lambda pair: -pair[1]):
        if vote <= 0:
            break
        axis_name, _, scorer_name = name.partition(".")
        voice = song if axis_name == "tracks" else singer
        if caused := _cause(snapshot, voice, scorer_name):
            shared = _shared(snapshot, caused.cause, artist, track) if caused.cause else ()
            return Explanation("because", caused.cause, shared, None, name, caused.drop)
    if wishes:
        return Explanation("tags", tags=tuple(snapshot.tags[tag] for tag in wishes))
    return crowd(snapshot, artists, tracks, artist, track) or Explanation("start")


def because(snapshot: Snapshot, axis: Axis, reason: Reason, artist: int, track: int) -> Explanation:
    """Return that `reason`, a known item of `axis`, is the cause for the candidate at these columns."""
    if reason.item is None or reason.drop <= 0:
        return Explanation("start")
    cause = _subject(snapshot, axis, reason.item)
    return Explanation("because", cause, _shared(snapshot, cause, artist, track), drop=reason.drop)


def crowd(
    snapshot: Snapshot, artists: Profile, tracks: Profile, artist: int, track: int, kind: str = ""
) -> Explanation | None:
    """Return how many like the song, or else its artist: here, or anywhere; only of that `kind` if given."""
    voices = [_Voice(snapshot.artists, artists, artist)]
    if track >= 0:
        voices.insert(0, _Voice(snapshot.tracks, tracks, track))
    found = [_crowd(snapshot, voice, kind) for voice in voices]
    return next((each for each in found if each is not None), None)


def _cause(snapshot: Snapshot, voice: _Voice, scorer_name: str) -> Explanation | None:
    scorer = next((s for s in voice.axis.scorers if s.name == scorer_name), None)
    if scorer is None or not len(voice.profile.liked.items):
        return None
    reason = scorer.because(voice.profile, voice.item)
    if reason.item is None or reason.drop <= 0:
        return None
    return Explanation("because", _subject(snapshot, voice.axis, reason.item), drop=reason.drop)


def _crowd(snapshot: Snapshot, voice: _Voice, kind: str) -> Explanation | None:
    """Return how many people like it, here or anywhere, where that is many enough to be said."""
    subject = _subject(snapshot, voice.axis, voice.item)
    community, popularity = voice.axis.community, voice.axis.popularity
    if community is not None and voice.profile.community is not None and kind != "popular":
        here = community.listeners(voice.profile.community, voice.item)
        if here >= SMALLEST_CROWD:
            return Explanation("community", subject, count=here)
    everywhere = 0 if popularity is None else popularity.listeners(voice.item)
    if everywhere < SMALLEST_CROWD or kind == "community":
        return None
    return Explanation("popular", subject, count=everywhere)


def _subject(snapshot: Snapshot, axis: Axis, item: int) -> Subject:
    ident = int(axis.items.ids[item])
    if axis is snapshot.artists:
        return Subject(ident)
    return Subject(int(snapshot.artists.items.ids[snapshot.track_artists[item]]), ident)


def _shared(snapshot: Snapshot, cause: Subject, artist: int, track: int) -> tuple[str, ...]:
    """Return the tags that weigh most in both, strongest first."""
    mine = _tag_weights(snapshot, artist, track)
    artist_column = snapshot.artists.items.column(cause.artist_id)
    track_column = -1 if cause.track_id is None else snapshot.tracks.items.column(cause.track_id)
    both = np.sqrt(mine * _tag_weights(snapshot, artist_column, track_column))
    strongest = np.argsort(-both, kind="stable")[:_MOST_TAGS]
    return tuple(snapshot.tags[tag] for tag in strongest.tolist() if both[tag] > _AGREED)


_AGREED = 0.1  # both carry it at a tenth of their strongest tag, or more on one side


def _tag_weights(snapshot: Snapshot, artist: int, track: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    axis, item = (snapshot.tracks, track) if track >= 0 else (snapshot.artists, artist)
    tags = entries(axis.item_tags, np.array([item], dtype=np.int32))
    weights = np.zeros(len(snapshot.tags), dtype=np.float32)
    if len(tags.data):
        weights[tags.column] = tags.data / tags.data.max()
    return weights
