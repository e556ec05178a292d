"""Filters: songs that a query for a mood, or for rare songs, leaves out."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints, Mask
from recommender.content.moods import MOODS
from recommender.explain.wording import tags_of_mood
from recommender.request import Request
from recommender.snapshot import Snapshot, tag_shares
from storage.records import FEATURES


def filtered(snapshot: Snapshot, request: Request) -> Request:
    """Return the request with everything barred that its moods or its rarity leave out."""
    if request.query.moods:
        request = among_mood(snapshot, request, request.query.moods)
    return among_rare(snapshot, request) if request.query.rare else request


def among_mood(snapshot: Snapshot, request: Request, words: Iterable[str]) -> Request:
    """Return the request with every song barred but those nearest to the mood of these words."""
    strength = _mood_strengths(snapshot, words)
    chosen = np.argsort(-strength, kind="stable")[:_AMONG]
    chosen = chosen[strength[chosen] > _LEAST * float(strength.max(initial=0))]
    allowed = np.zeros(len(strength), dtype=bool)
    allowed[chosen] = True
    return _only(snapshot, request, np.flatnonzero(~allowed))


def among_rare(snapshot: Snapshot, request: Request) -> Request:
    """Return the request with every song barred that many people here play, or whose artist is famous.

    Where nobody plays anything yet, the best known are those that other sources call popular.
    """
    popularity = snapshot.tracks.popularity
    people = snapshot.tracks.people
    fame = people if popularity is None else people + popularity.elsewhere
    played = fame[fame >= 1]
    least = max(_RARE_LISTENERS, float(np.quantile(played, _RARE_SHARE))) if len(played) else _RARE_SHARE
    known: Mask = fame >= least if len(played) else fame > least
    return _only(snapshot, request, np.flatnonzero(known | _famous(snapshot)[snapshot.track_artists]))


def _famous(snapshot: Snapshot) -> Mask:
    """Tell which artists are famous: most played here, or among the better known half in general."""
    axis = snapshot.artists
    heard = axis.people[axis.people > 0]
    played = float(np.quantile(heard, _FAMOUS_FROM)) if len(heard) else 0.0
    famous: Mask = axis.people > max(_RARE_LISTENERS, played)
    popularity = axis.popularity
    if popularity is not None and popularity.knows_fame:
        fame = popularity.elsewhere
        famous |= fame > np.median(fame[fame > 0])
    return famous


def _only(snapshot: Snapshot, request: Request, barred: NDArray[np.intp]) -> Request:
    everybody: Ints = np.arange(len(snapshot.artists.items), dtype=np.int32)
    tracks = np.union1d(request.barred_tracks, barred).astype(np.int32)
    return replace(request, barred_tracks=tracks, barred_alone=everybody)


def _mood_strengths(snapshot: Snapshot, words: Iterable[str]) -> Floats:
    words = list(words)
    strength = np.zeros(len(snapshot.tracks.items), dtype=np.float32)
    for tag, weight in tags_of_mood(snapshot, words).items():
        carriers, share = tag_shares(snapshot.tracks, tag)
        strength[carriers] += weight * share
    if not snapshot.features.shape[1]:
        return strength
    direction = np.zeros(len(FEATURES), dtype=np.float32)
    for word in words:
        for name, value in (MOODS[word].sound if word in MOODS else {}).items():
            direction[FEATURES.index(name)] += value
    length = float(np.linalg.norm(direction))
    if length:
        strength += _SOUND * len(words) * np.maximum(snapshot.features @ (direction / length), 0)
    return strength


_AMONG = 100  # the songs nearest to a mood, of which taste chooses
_SOUND = 0.5  # the weight of the sound against a tag that is an item's strongest
_LEAST = 0.4  # of the strongest, for a song to be of the mood at all
_RARE_SHARE = 0.5  # of the songs that anybody plays, those played least are few enough
_RARE_LISTENERS = 3  # fewer than that are few in any catalogue
_FAMOUS_FROM = 0.9  # of the artists that anybody plays
