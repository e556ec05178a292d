"""Filters that a request carries: moods, rarity, one kind of likeness."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints
from recommender.content.moods import MOODS
from recommender.request import Request
from recommender.snapshot import CARRIES, Snapshot, tag_shares
from recommender.types import Explanation, Recommendation
from storage.records import FEATURES


def among_mood(snapshot: Snapshot, request: Request, words: Iterable[str]) -> Request:
    """Return the request with every song barred but those nearest to the mood of these words."""
    strength = _strengths(snapshot, words)
    chosen = np.argsort(-strength, kind="stable")[:_AMONG]
    chosen = chosen[strength[chosen] > _LEAST * float(strength.max(initial=0))]
    allowed = np.zeros(len(strength), dtype=bool)
    allowed[chosen] = True
    return _only(snapshot, request, np.flatnonzero(~allowed))


def among_rare(snapshot: Snapshot, request: Request) -> Request:
    """Return the request with every song barred that many people here play, or whose artist most play.

    Where nobody plays anything yet, the best known are those that other sources call popular.
    """
    popularity = snapshot.tracks.popularity
    elsewhere = np.float32(0) if popularity is None else popularity.elsewhere
    fame = snapshot.tracks.people + elsewhere
    played = fame[fame >= 1]
    known = fame >= max(_RARE_LISTENERS, float(np.quantile(played, _RARE_SHARE)) if len(played) else 0.0)
    if not len(played):
        known = elsewhere > _RARE_SHARE
    singers = snapshot.artists.people
    heard = singers[singers > 0]
    famous = singers > max(_RARE_LISTENERS, float(np.quantile(heard, _FAMOUS_FROM)) if len(heard) else 0.0)
    return _only(snapshot, request, np.flatnonzero(known | famous[snapshot.track_artists]))


def described(snapshot: Snapshot, pick: Recommendation, words: Iterable[str]) -> Explanation:
    """Return as the reason which of the mood's tags a song carries; its own reason where it carries none."""
    track = snapshot.tracks.items.column(pick.subject.track_id or -1)
    if track < 0:
        return pick.explanation
    tags = snapshot.tracks.item_tags
    row = slice(tags.indptr[track], tags.indptr[track + 1])
    carried = dict(zip(tags.indices[row].tolist(), tags.data[row].tolist(), strict=True))
    least = CARRIES * max(carried.values(), default=0.0)
    wanted = _wanted(snapshot, words)
    said = [tag for tag in sorted(wanted, key=lambda tag: -wanted[tag]) if carried.get(tag, 0.0) > least]
    named = tuple(snapshot.tags[tag] for tag in said[:_SAID])
    return Explanation("tags", tags=named, scorer="mood") if named else pick.explanation


def _only(snapshot: Snapshot, request: Request, barred: NDArray[np.intp]) -> Request:
    everybody: Ints = np.arange(len(snapshot.artists.items), dtype=np.int32)
    tracks = np.union1d(request.barred_tracks, barred).astype(np.int32)
    return replace(request, barred_tracks=tracks, shown_artists=everybody)


def _wanted(snapshot: Snapshot, words: Iterable[str]) -> dict[int, float]:
    """Return tag columns and what they weigh: a mood's own tags, or the tag that the word is itself."""
    columns = {name: column for column, name in enumerate(snapshot.tags)}
    wanted: dict[int, float] = {}
    for word in words:
        known = MOODS.get(word)
        for tag, weight in (known.tags if known else {word: 1.0}).items():
            if tag in columns:
                wanted[columns[tag]] = wanted.get(columns[tag], 0.0) + weight
    return wanted


def _strengths(snapshot: Snapshot, words: Iterable[str]) -> Floats:
    words = list(words)
    strength = np.zeros(len(snapshot.tracks.items), dtype=np.float32)
    for tag, weight in _wanted(snapshot, words).items():
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
_SAID = 3  # tags in a reason
_RARE_SHARE = 0.5  # of the songs that anybody plays, those played least are few enough
_RARE_LISTENERS = 3  # fewer than that are few in any catalogue
_FAMOUS_FROM = 0.9  # of the artists that anybody plays
