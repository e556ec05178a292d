"""Wishes: the songs that fit what was asked for in words, and how well.

Parts of one kind are alternatives ("jazz or blues"), kinds add up ("jazz from the 60s").  Where no song has
everything, the least important kind is left out, and the query says so.  What was heard in a song counts
beside its tags, and against them where the opposite is surely heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from recommender.arrays import Doubles, Floats, Ids, Ints, Mask
from recommender.content.moods import MOODS
from recommender.explain.heard_wish import heard_otherwise, heard_strength, heard_surely
from recommender.explain.wish_tags import tags_of
from recommender.pipeline.candidates import allowed
from recommender.pipeline.filters import rarely_played
from recommender.request import Request
from recommender.snapshot import CARRIES, Axis, Snapshot, tag_shares
from recommender.types import WishPart
from storage.records import FEATURES

Facts = Mapping[WishPart, tuple[Ids, Ids]]
"""Ids of the artists and of the tracks that the catalogue's facts name: years, countries."""

_IMPORTANCE = ("genre", "tag", "language", "country", "era", "activity", "mood", "sound", "tempo", "known")
"""Kinds, the most important first."""
_GRADED = frozenset(("genre", "activity", "mood", "sound"))
_ENOUGH = 3  # songs, to keep all parts of a wish
_AMONG = 150  # of what fits in degrees, so many songs are the best, of which taste chooses
_SOUND = 0.5  # the weight of the sound against a tag that is an item's strongest
_LEAST = 0.4  # of the strongest, for a song to have a mood at all
_UNWANTED = 3  # tags of a mood, strongest first, that a song without the mood has none of
_UNWANTED_SOUND = 0.4  # cosine with the sound of a mood, from which on a song has it
_FAMED = 0.25  # share of the songs that fit that are the better known ones
_SAME_TEMPO = 0.06


def narrowed(snapshot: Snapshot, request: Request, facts: Facts) -> Request:
    """Return the request with every song barred that does not fit its wish, as much of it as can be had."""
    query = request.query
    if not (query.wish or query.artists):
        return request
    songs = allowed(snapshot, request)[0]
    songs &= _by(snapshot, request)
    songs, dropped = _without(snapshot, songs, [part for part in query.wish if part.without], facts)
    fits = np.ones(len(songs))
    for kind in _IMPORTANCE:
        asked = [part for part in query.wish if part.kind == kind and not part.without]
        strength = _strength(snapshot, request, asked, facts, songs)
        if strength is None:
            continue
        kept = songs & (strength > 0)
        if _suffices(kept, query.n):
            songs, fits = kept, fits * strength
        else:
            dropped += asked
    fits = np.where(songs, fits, 0)
    if any(part.kind in _GRADED for part in query.wish) and np.count_nonzero(songs) > _AMONG:
        songs &= fits >= np.partition(fits, -_AMONG)[-_AMONG]
    kept_parts = tuple(part for part in query.wish if part not in dropped)
    everybody: Ints = np.arange(len(snapshot.artists.items), dtype=np.int32)
    barred = np.union1d(request.barred_tracks, np.flatnonzero(~songs)).astype(np.int32)
    query = replace(query, wish=kept_parts, dropped=tuple(dropped))
    most = float(fits.max(initial=0)) or 1.0
    scaled: Floats = (fits / most).astype(np.float32)
    return replace(request, query=query, barred_tracks=barred, barred_alone=everybody, fits=scaled)


def _by(snapshot: Snapshot, request: Request) -> Mask:
    if not request.query.artists:
        return np.ones(len(snapshot.tracks.items), dtype=bool)
    ids = np.array([subject.artist_id for subject in request.query.artists], dtype=np.int64)
    return np.isin(snapshot.track_artists, snapshot.artists.items.columns(ids))


def _suffices(songs: Mask, n: int) -> bool:
    return bool(np.count_nonzero(songs) >= min(n, _ENOUGH))


def _without(
    snapshot: Snapshot, songs: Mask, parts: Iterable[WishPart], facts: Facts
) -> tuple[Mask, list[WishPart]]:
    """Return the songs that have none of the parts, and the parts that all songs have."""
    dropped = []
    for part in parts:
        left = songs & ~_has(snapshot, part, facts)
        if left.any():
            songs = left
        else:
            dropped.append(part)
    return songs, dropped


def _has(snapshot: Snapshot, part: WishPart, facts: Facts) -> Mask:
    if part in facts:
        return _of_facts(snapshot, facts[part]) > 0
    if part.kind == "known":
        rare = rarely_played(snapshot)
        return rare if part.value == "deep" else ~rare
    tags = tags_of(snapshot, part)
    if part.kind not in ("genre", "tag"):
        tags = dict(sorted(tags.items(), key=lambda one: -one[1])[:_UNWANTED])
    has: Mask = np.zeros(len(snapshot.tracks.items), dtype=bool)
    for tag in tags:
        carriers, share = tag_shares(snapshot.tracks, tag)
        has[carriers[share >= CARRIES]] = True
    return has | heard_surely(snapshot, part) | (_sound(snapshot, part) > _UNWANTED_SOUND)


def _strength(
    snapshot: Snapshot, request: Request, parts: list[WishPart], facts: Facts, songs: Mask
) -> Doubles | None:
    """Return how well each song fits the parts of one kind, 0 for not at all; None without parts."""
    if not parts:
        return None
    kind = parts[0].kind
    if kind == "known":
        return np.asarray(np.minimum.reduce([_known(snapshot, request, part.value, songs) for part in parts]))
    if kind == "tempo":
        return np.asarray(np.maximum.reduce([_of_tempo(snapshot, float(part.value)) for part in parts]))
    strengths = [
        _of_facts(snapshot, facts[part]) if part in facts else _of_tags(snapshot, part) for part in parts
    ]
    if kind in ("mood", "activity", "sound"):  # "sad but danceable"
        strength: Doubles = np.sum(strengths, axis=0)
        strength[strength < _LEAST * float(np.where(songs, strength, 0).max(initial=0))] = 0
        return strength
    return np.asarray(np.maximum.reduce(strengths))


def _of_tags(snapshot: Snapshot, part: WishPart) -> Doubles:
    strength = np.zeros(len(snapshot.tracks.items))
    for tag, weight in tags_of(snapshot, part).items():
        carriers, share = tag_shares(snapshot.tracks, tag)
        if part.kind in ("genre", "tag"):
            carriers, share = carriers[share >= CARRIES], share[share >= CARRIES]
            strength[carriers] = np.maximum(strength[carriers], weight * share)
        else:
            strength[carriers] += weight * share
    strength += _SOUND * np.maximum(_sound(snapshot, part), 0) + heard_strength(snapshot, part)
    return np.asarray(np.where(heard_otherwise(snapshot, part), 0, strength))


def _sound(snapshot: Snapshot, part: WishPart) -> Doubles:
    """Return each song's cosine with the sound of a mood, 0 where either is unknown."""
    sound = MOODS[part.value].sound if part.kind not in ("genre", "tag") and part.value in MOODS else {}
    if not sound or not snapshot.features.shape[1]:
        return np.zeros(len(snapshot.tracks.items))
    direction = np.zeros(len(FEATURES))
    for name, value in sound.items():
        direction[FEATURES.index(name)] += value
    return np.asarray(snapshot.features @ (direction / np.linalg.norm(direction)), dtype=np.float64)


def _of_tempo(snapshot: Snapshot, beats: float) -> Doubles:
    near: Mask = np.abs(snapshot.tempo - beats) <= _SAME_TEMPO * beats
    return near.astype(np.float64)


def _of_facts(snapshot: Snapshot, found: tuple[Ids, Ids]) -> Doubles:
    artists, tracks = snapshot.artists.items.columns(found[0]), snapshot.tracks.items.columns(found[1])
    fits = np.isin(snapshot.track_artists, artists[artists >= 0])
    fits[tracks[tracks >= 0]] = True
    return fits.astype(np.float64)


def _known(snapshot: Snapshot, request: Request, value: str, songs: Mask) -> Doubles:
    """Tell which songs are "hits", "deep" cuts, or "new" to the user."""
    if value == "deep":
        return rarely_played(snapshot).astype(np.float64)
    if value == "new":
        heard = np.isin(snapshot.track_artists, request.own_artists)
        heard[request.own_tracks] = True
        return (~heard).astype(np.float64)
    fame = np.log1p(_fame(snapshot.artists)[snapshot.track_artists]) + np.log1p(_fame(snapshot.tracks))
    among = fame[songs]
    least = np.quantile(among, 1 - _FAMED) if len(among) else 0.0
    return (fame >= least).astype(np.float64)


def _fame(axis: Axis) -> Floats:
    popularity = axis.popularity
    return axis.people + (0 if popularity is None else popularity.elsewhere)
