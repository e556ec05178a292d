"""Moods: words for the feeling of music, with their tags and their direction among audio features.

The direction is in standard deviations: +1 energy is one above the mean. Valence and energy as the axes of
mood: Russell, "A circumplex model of affect", 1980; for music, Thayer, "The biopsychology of mood and
arousal", 1989.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """A mood's tags and sound."""

    tags: Mapping[str, float]
    sound: Mapping[str, float]


_CALM = {"energy": -1.0, "loudness": -0.7, "acousticness": 0.7, "tempo": -0.4}
_WILD = {"energy": 1.0, "loudness": 0.7, "tempo": 0.5, "acousticness": -0.5}
_SAD = {"valence": -1.0, "energy": -0.5, "acousticness": 0.4, "mode": -0.3}
_HAPPY = {"valence": 1.0, "energy": 0.4, "danceability": 0.4}
_DANCE = {"danceability": 1.0, "energy": 0.6, "valence": 0.3}


def _mood(tags: str, sound: Mapping[str, float]) -> Mood:
    """Return a mood from tags in order of falling weight."""
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
