"""Moods: words for how music should feel, as the tags that say so and the sound that goes with them.

The sound is a direction among the audio features in standard deviations: +1 energy is more than usual.
Valence and energy as the two axes of mood: Russell, "A circumplex model of affect", 1980; of music, Thayer,
"The biopsychology of mood and arousal", 1989.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.pipeline import CARRIES, tag_shares
from recommender.request import Request
from recommender.scorers import Floats, Ints
from recommender.scorers.popularity import Popularity
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Recommendation
from storage.records import FEATURES

_AMONG = 100  # the songs nearest to a mood, of which taste chooses
_SOUND = 0.5  # the weight of the sound against a tag that is an item's strongest
_LEAST = 0.4  # of the strongest, for a song to be of the mood at all
_SAID = 3  # tags in a reason
_RARE_SHARE = 0.5  # of the songs that anybody plays, those played least are few enough
_RARE_LISTENERS = 3  # fewer than that are few in any catalogue
_FAMOUS_FROM = 0.9  # of the artists that anybody plays


@dataclass(frozen=True)
class Mood:
    """What a word means for music."""

    tags: Mapping[str, float]
    sound: Mapping[str, float]


_CALM = {"energy": -1.0, "loudness": -0.7, "acousticness": 0.7, "tempo": -0.4}
_WILD = {"energy": 1.0, "loudness": 0.7, "tempo": 0.5, "acousticness": -0.5}
_SAD = {"valence": -1.0, "energy": -0.5, "acousticness": 0.4, "mode": -0.3}
_HAPPY = {"valence": 1.0, "energy": 0.4, "danceability": 0.4}
_DANCE = {"danceability": 1.0, "energy": 0.6, "valence": 0.3}


def _mood(tags: str, sound: Mapping[str, float]) -> Mood:
    """Return a mood of some tags, each weighing a little less than the one before."""
    return Mood({tag.strip(): 0.9**place for place, tag in enumerate(tags.split(","))}, sound)


_RAINY = _mood("rainy, melancholic, calm, mellow, atmospheric, sad", {**_CALM, "valence": -0.6})
_LAZY = _mood("calm, chill, mellow, chillout, lounge, easy listening, soft", _CALM)
_NIGHT = _mood("nocturnal, dark, atmospheric, late night, trip hop", {"valence": -0.4, "energy": -0.2})
_PARTY = _mood("party, danceable, dance, energetic, club, disco", _DANCE)
_SPORT = _mood("energetic, intense, driving, workout, danceable", _WILD)
_HEART = _mood("heartbroken, sad, melancholic, breakup", _SAD)
_LOVE = _mood("romantic, love, sensual, love songs", {"valence": 0.2, "energy": -0.4})
_FOCUS = _mood("ambient, instrumental, calm, atmospheric, focus", {**_CALM, "instrumentalness": 1.0})
_SUN = _mood("summery, happy, summer, uplifting, sunny", _HAPPY)
_DREAM = _mood("dreamy, ethereal, dream pop, atmospheric, shoegaze", {**_CALM, "instrumentalness": 0.4})
_RAGE = _mood("angry, intense, aggressive, rebellious, raw", {**_WILD, "valence": -0.6})
_HOPE = _mood("hopeful, uplifting, happy, anthemic, feel good", _HAPPY)
_PAST = _mood("nostalgic, classic, oldies, retro", {"acousticness": 0.3})
MOODS: dict[str, Mood] = {
    **dict.fromkeys(["rainy", "rain", "grey", "gray", "foggy", "autumn", "november", "stormy"], _RAINY),
    **dict.fromkeys(["lazy", "sunday", "relaxed", "relaxing", "relax", "cosy", "cozy", "tired"], _LAZY),
    **dict.fromkeys(["coffee", "slow", "quiet", "peaceful", "mellow", "soft", "evening", "bath"], _LAZY),
    **dict.fromkeys(["night", "midnight", "late", "moonlight", "lonely", "mysterious", "noir"], _NIGHT),
    **dict.fromkeys(["party", "friday", "saturday", "dancing", "club", "celebration", "wild"], _PARTY),
    **dict.fromkeys(["workout", "gym", "running", "run", "sport", "power", "driving", "energy"], _SPORT),
    **dict.fromkeys(["heartbreak", "heartbroken", "breakup", "crying", "tears", "gloomy", "blue"], _HEART),
    **dict.fromkeys(["love", "romance", "romantic", "date", "candlelight", "kiss", "wedding"], _LOVE),
    **dict.fromkeys(["focus", "study", "studying", "work", "working", "reading", "concentrate"], _FOCUS),
    **dict.fromkeys(["sunny", "summer", "beach", "sun", "holiday", "vacation", "happy", "cheerful"], _SUN),
    **dict.fromkeys(["dreamy", "dream", "dreams", "floating", "sleep", "sleepy", "bedtime"], _DREAM),
    **dict.fromkeys(["angry", "anger", "rage", "furious", "monday", "rebel"], _RAGE),
    **dict.fromkeys(["hope", "hopeful", "morning", "spring", "motivation", "uplifting", "joy"], _HOPE),
    **dict.fromkeys(["nostalgia", "nostalgic", "memories", "childhood", "old"], _PAST),
}


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
    popularity = next(s for s in snapshot.tracks.scorers if isinstance(s, Popularity))
    fame = popularity.people + popularity.elsewhere
    played = fame[fame >= 1]
    known = fame >= max(_RARE_LISTENERS, float(np.quantile(played, _RARE_SHARE)) if len(played) else 0.0)
    if not len(played):
        known = popularity.elsewhere > _RARE_SHARE
    singers = next(s for s in snapshot.artists.scorers if isinstance(s, Popularity)).people
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
