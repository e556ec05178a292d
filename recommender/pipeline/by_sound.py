"""Songs that sound like a clip: by their own heard vectors where they have one, else by tags.

The clip comes as words with probabilities, which are compared with the tags of songs and artists by
cosine over TF-IDF, and as a vector in the space of the heard songs.
"""

from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.pipeline.candidates import allowed
from recommender.pipeline.ranking import limited, not_just_shown, one_version_each
from recommender.request import Candidates, Request
from recommender.scorers.content import Content
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation, Recommendation
from storage.naming.text import fold

POLICY = "sound"
"""The policy in the log of such slates: nothing is tried out on them."""

_CONSIDERED = 2_000  # songs and artists
_BY_VECTOR = 1.0  # added to the cosine of a song that was heard and is near ...
_NEAR = 0.6  # ... from this cosine on
_SHARED = 3  # tags that an explanation names


class Clip(NamedTuple):
    """What is known of a clip."""

    words: tuple[tuple[str, float], ...]
    vector: Floats | None = None  # 400 values of length 1


def sounding_alike(snapshot: Snapshot, request: Request, clip: Clip) -> list[Recommendation]:
    """Return at most `request.query.n` songs, and artists without a known song, that sound like a clip."""
    wanted = _wanted(snapshot, clip.words)
    songs_allowed, artists_allowed = allowed(snapshot, request)
    of_songs = _by_tags(snapshot.tracks, wanted)
    if clip.vector is not None:
        of_songs = np.maximum(of_songs, _by_vector(snapshot, clip.vector, songs_allowed))
    songs = _best(of_songs, songs_allowed)
    of_artists = _by_tags(snapshot.artists, wanted)
    alone = np.diff(snapshot.artist_starts) == 0
    alone[request.barred_alone] = False
    artists = _best(of_artists, artists_allowed & alone)
    candidates = _candidates(snapshot, (songs, of_songs[songs]), (artists, of_artists[artists]))
    candidates = not_just_shown(request, one_version_each(snapshot, candidates))
    _, first = np.unique(candidates.artists, return_index=True)
    if len(first) >= request.query.n:
        candidates = candidates.some(np.sort(first))
    chosen = limited(candidates, request.query.n)
    return _told(snapshot, chosen, wanted)


def _wanted(snapshot: Snapshot, words: tuple[tuple[str, float], ...]) -> Floats:
    """Return the weight of each tag column: its probability times its rarity."""
    said = {fold(name): value for name, value in words}
    weights = np.zeros(len(snapshot.tags), dtype=np.float32)
    for column, tag in enumerate(snapshot.tags):
        weights[column] = said.get(fold(tag), 0.0)
    weights[: len(snapshot.rarity)] *= snapshot.rarity[: len(weights)]
    return weights


def _content(axis: Axis) -> Content:
    return next(scorer for scorer in axis.scorers if isinstance(scorer, Content))


def _by_tags(axis: Axis, wanted: Floats) -> Floats:
    """Return the cosine of each item's tags with the wanted ones, damped where tags are few."""
    length = float(np.linalg.norm(wanted))
    if not length:
        return np.zeros(len(axis.items), dtype=np.float32)
    return np.asarray(_content(axis).tags @ (wanted / np.float32(length)), dtype=np.float32)


def _by_vector(snapshot: Snapshot, vector: Floats, songs_allowed: Mask) -> Floats:
    """Return 1 + the cosine of each heard song that is near, 0 for all others."""
    scores = np.zeros(len(snapshot.tracks.items), dtype=np.float32)
    if not snapshot.heard_axes.shape[1]:
        return scores
    content = _content(snapshot.tracks)
    songs = content.heard_near(vector @ snapshot.heard_axes, songs_allowed, _CONSIDERED)
    near = songs.scores >= _NEAR
    scores[songs.items[near]] = _BY_VECTOR + songs.scores[near]
    return scores


def _best(scores: Floats, permitted: Mask) -> Ints:
    items = np.flatnonzero(permitted & (scores > 0))
    if len(items) > _CONSIDERED:
        items = items[np.argpartition(-scores[items], _CONSIDERED)[:_CONSIDERED]]
    return items.astype(np.int32)


def _candidates(snapshot: Snapshot, songs: tuple[Ints, Floats], artists: tuple[Ints, Floats]) -> Candidates:
    """Return songs and artists without one, nearest first; of equally near ones the better known first."""
    tracks = np.concatenate([songs[0], np.full(len(artists[0]), -1, dtype=np.int32)])
    owners = np.concatenate([snapshot.track_artists[songs[0]], artists[0]]).astype(np.int32)
    scores = np.concatenate([songs[1], artists[1]])
    fame = snapshot.artists.people[owners]
    place = np.empty(len(snapshot.artist_tracks), dtype=np.int32)
    place[snapshot.artist_tracks] = np.arange(len(place), dtype=np.int32)
    order = np.lexsort((np.where(tracks < 0, 0, place[tracks]), -fame, -np.round(scores, 3)))
    unknown = np.full(len(order), np.nan, dtype=np.float32)
    none = np.zeros((len(order), 0), dtype=np.float32)
    return Candidates(tracks[order], owners[order], none, (), scores[order], unknown, unknown, unknown)


def _told(snapshot: Snapshot, chosen: Candidates, wanted: Floats) -> list[Recommendation]:
    subjects = snapshot.subjects(chosen.artists, chosen.tracks)
    return [
        Recommendation(subject, score, _reason(snapshot, artist, track, wanted), 1.0, {POLICY: score})
        for subject, score, artist, track in zip(
            subjects, chosen.fused.tolist(), chosen.artists.tolist(), chosen.tracks.tolist(), strict=True
        )
    ]


def _reason(snapshot: Snapshot, artist: int, track: int, wanted: Floats) -> Explanation:
    """Return the tags that the song shares with the clip, those that count most first."""
    axis, item = (snapshot.tracks, track) if track >= 0 else (snapshot.artists, artist)
    tags = _content(axis).tags[item]
    counted = tags.data * wanted[tags.indices]
    most = [k for k in np.argsort(-counted)[:_SHARED] if counted[k] > 0]
    return Explanation("sound", tags=tuple(snapshot.tags[tags.indices[k]] for k in most))
