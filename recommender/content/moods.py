"""Moods, activities and sounds that a wish may have, with their tags and direction among audio features.

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


_FOCUS = {**_CALM, "instrumentalness": 1.0}
_SOFT, _HARD = {"energy": -1.0, "loudness": -0.7}, {"energy": 1.0, "loudness": 0.8}
_LOUD = "intense, energetic, raw, rebellious"
_SLOW_DANCE = "romantic, love songs, sensual, love, soul, happy"
_BEDTIME = "calm, dreamy, lullaby, ambient, atmospheric, chill"
_RESTING = "chill, calm, dreamy, chillout, lounge, easy listening"
MOODS: dict[str, Mood] = {
    "sad": _mood("sad, melancholic, heartbroken, depressing", _SAD),
    "melancholic": _mood("melancholic, bittersweet, sad, nostalgic", _SAD),
    "happy": _mood("happy, feel good, uplifting, playful, summery", _HAPPY),
    "upbeat": _mood("happy, energetic, uplifting, danceable, upbeat", {**_HAPPY, "tempo": 0.6}),
    "chill": _mood("chill, calm, mellow, chillout, summery, lounge", _CALM),
    "calm": _mood("calm, mellow, peaceful, soft, atmospheric, quiet", _CALM),
    "energetic": _mood("energetic, intense, anthemic, driving, danceable", _WILD),
    "angry": _mood("angry, intense, aggressive, rebellious, raw", {**_WILD, "valence": -0.6}),
    "romantic": _mood("romantic, love, love songs, sensual, tender", {"valence": 0.2, "energy": -0.4}),
    "sexy": _mood("sensual, sexy, romantic, groovy", {"danceability": 0.5, "energy": -0.3}),
    "heartbroken": _mood("heartbroken, breakup, sad, melancholic", _SAD),
    "nostalgic": _mood("nostalgic, classic, oldies, retro", {"acousticness": 0.3}),
    "hopeful": _mood("hopeful, uplifting, anthemic, happy, feel good", _HAPPY),
    "motivating": _mood("uplifting, anthemic, energetic, hopeful, motivational", {**_HAPPY, **_HARD}),
    "dreamy": _mood("dreamy, ethereal, dream pop, atmospheric, shoegaze", {**_CALM, "instrumentalness": 0.4}),
    "dark": _mood("dark, nocturnal, intense, gloomy", {"valence": -0.8}),
    "spooky": _mood("dark, haunting, atmospheric, gothic rock, nocturnal", {"valence": -0.8, "mode": -0.5}),
    "epic": _mood("epic, anthemic, dramatic, intense, soundtrack", {"energy": 0.4, "loudness": 0.3}),
    "anthemic": _mood("anthemic, epic, uplifting, sing along", _HARD),
    "groovy": _mood("groovy, danceable, funk, funky", _DANCE),
    "danceable": _mood("danceable, dance, party, groovy, disco", _DANCE),
    "playful": _mood("playful, quirky, fun, happy, funny", _HAPPY),
    "weird": _mood("quirky, experimental, weird, krautrock, art pop", {}),
    "lonely": _mood("lonely, melancholic, nocturnal, heartbroken, sad", _SAD),
    "emotional": _mood("emotional, melancholic, romantic, heartbroken, soul", {"valence": -0.3}),
    "beautiful": _mood("beautiful, romantic, dreamy, calm, spiritual", {"acousticness": 0.4}),
    "cozy": _mood("cosy, calm, warm, chill, nostalgic, folk", _CALM),
    "rainy": _mood("rainy, melancholic, calm, mellow, atmospheric", {**_CALM, "valence": -0.6}),
    "sunny": _mood("summery, sunny, happy, uplifting, summer", _HAPPY),
    "nocturnal": _mood(
        "nocturnal, late night, dark, atmospheric, trip hop", {"valence": -0.4, "energy": -0.2}
    ),
    "atmospheric": _mood("atmospheric, dreamy, ambient, ethereal", {"instrumentalness": 0.6, "energy": -0.4}),
    "trippy": _mood("trippy, psychedelic rock, hypnotic, dreamy, dub", {"instrumentalness": 0.4}),
    "mysterious": _mood("mysterious, dark, atmospheric, nocturnal, haunting", {"valence": -0.5}),
    "spiritual": _mood("spiritual, gospel, peaceful, calm", {"acousticness": 0.5}),
    "raw": _mood("raw, intense, garage rock, punk", {"energy": 0.6, "loudness": 0.4}),
    "rebellious": _mood("rebellious, angry, raw, punk, protest", {"energy": 0.6}),
    "tense": _mood("intense, dark, soundtrack, dramatic", {"valence": -0.6, "energy": 0.4}),
    "bored": _mood("playful, quirky, energetic, danceable", _HAPPY),
    "running": _mood("energetic, anthemic, driving, workout, uplifting", {**_WILD, "danceability": 0.4}),
    "workout": _mood("energetic, intense, workout, driving, rebellious", _WILD),
    "cycling": _mood("energetic, uplifting, driving, anthemic", _WILD),
    "walking": _mood("uplifting, happy, groovy, chill", {"energy": 0.1, "valence": 0.5}),
    "hiking": _mood("hopeful, folk, uplifting, atmospheric", {"acousticness": 0.6, "valence": 0.3}),
    "yoga": _mood("calm, ambient, spiritual, peaceful, new age", _FOCUS),
    "meditation": _mood("ambient, calm, spiritual, new age, peaceful", _FOCUS),
    "studying": _mood("calm, ambient, instrumental, lo-fi, atmospheric, focus", _FOCUS),
    "focus": _mood("ambient, instrumental, calm, atmospheric, focus", _FOCUS),
    "working": _mood(
        "calm, ambient, chill, instrumental, atmospheric", {"energy": -0.4, "instrumentalness": 0.8}
    ),
    "coding": _mood("ambient, electronic, idm, atmospheric, instrumental", {"instrumentalness": 1.0}),
    "reading": _mood("calm, ambient, classical, instrumental, mellow", _FOCUS),
    "writing": _mood("calm, ambient, atmospheric, melancholic, instrumental", _FOCUS),
    "creative": _mood("dreamy, atmospheric, quirky, chill, art pop", {"energy": -0.3}),
    "sleep": _mood(_BEDTIME, _FOCUS),
    "lullaby": _mood("lullaby, calm, dreamy, tender, classical", _CALM),
    "kids": _mood("playful, happy, quirky, kids, children's music", _HAPPY),
    "party": _mood("party, danceable, dance, energetic, club, disco", _DANCE),
    "dancing": _mood("danceable, dance, party, groovy, disco, house", _DANCE),
    "dinner": _mood("romantic, vocal jazz, bossa nova, soul, jazz, chill", {**_CALM, "valence": 0.3}),
    "cooking": _mood("groovy, happy, soul, funk, playful", {"valence": 0.7, "danceability": 0.4}),
    "cleaning": _mood("energetic, happy, danceable, party", {**_HAPPY, "tempo": 0.5}),
    "coffee": _mood("chill, calm, bossa nova, jazz, singer-songwriter", _CALM),
    "morning": _mood("uplifting, hopeful, happy, summery, morning", {"valence": 0.7, "energy": 0.1}),
    "evening": _mood("chill, groovy, romantic, nostalgic, lounge", {"energy": -0.5}),
    "afternoon": _mood("chill, summery, happy, calm", {"energy": -0.3, "valence": 0.4}),
    "sunday": _mood("calm, chill, mellow, nostalgic, lounge, soft", _CALM),
    "monday": _mood("uplifting, energetic, hopeful, happy", _HAPPY),
    "weekend": _mood("party, danceable, happy, groovy", _DANCE),
    "wedding": _mood(_SLOW_DANCE, {"valence": 0.5}),
    "date": _mood("romantic, sensual, soul, neo soul, vocal jazz", {"energy": -0.4}),
    "birthday": _mood("party, happy, danceable, playful", _DANCE),
    "road trip": _mood("anthemic, driving, classic rock, uplifting, nostalgic, summery", {"energy": 0.5}),
    "travel": _mood("dreamy, hopeful, atmospheric, summery, nostalgic", {"energy": -0.1}),
    "beach": _mood("summery, chill, reggae, surf rock, happy, summer", {**_HAPPY, "energy": -0.1}),
    "barbecue": _mood("summery, groovy, happy, party, funk, reggae", _HAPPY),
    "camping": _mood("folk, nostalgic, singer-songwriter, calm, acoustic", {"acousticness": 1.0}),
    "summer": _mood("summery, happy, summer, sunny, danceable", _HAPPY),
    "autumn": _mood("melancholic, nostalgic, folk, calm, rainy, autumn", {**_CALM, "valence": -0.3}),
    "winter": _mood("winter, melancholic, dreamy, calm, atmospheric", {**_CALM, "valence": -0.3}),
    "spring": _mood("hopeful, happy, uplifting, dreamy, spring", {"valence": 0.6}),
    "christmas": _mood("christmas, xmas, holiday", {}),
    "new year": _mood("party, danceable, anthemic, disco", _DANCE),
    "halloween": _mood("halloween, dark, gothic rock, haunting", {"valence": -0.6}),
    "easter": _mood("easter, spiritual, hopeful", {"acousticness": 0.4}),
    "carnival": _mood("party, samba, schlager, danceable, playful", _DANCE),
    "funeral": _mood("sad, spiritual, melancholic, classical, calm", {**_SAD, "acousticness": 0.7}),
    "graduation": _mood("anthemic, nostalgic, uplifting, hopeful", _HAPPY),
    "gaming": _mood("intense, energetic, electronic, epic", _WILD),
    "bath": _mood(_RESTING, _CALM),
    "getting ready": _mood("danceable, party, happy, groovy, sensual", _DANCE),
    "hangover": _mood("calm, chill, mellow, soft, dreamy", _CALM),
    "karaoke": _mood("anthemic, party, nostalgic, karaoke, sing along", {"energy": 0.4, "valence": 0.4}),
    "fast": _mood("energetic, punk, thrash metal, drum and bass, fast", {"tempo": 1.5, "energy": 0.7}),
    "slow": _mood("calm, slow, romantic, melancholic, doom metal", {"tempo": -1.5, "energy": -0.7}),
    "medium": _mood("groovy, mellow", {"energy": 0.1}),
    "loud": _mood(f"{_LOUD}, loud", {**_HARD, "loudness": 1.5}),
    "heavy": _mood("intense, heavy metal, heavy, hard rock, angry", {**_HARD, "acousticness": -0.7}),
    "acoustic": _mood("acoustic, folk, singer-songwriter, unplugged", {"acousticness": 1.5}),
    "instrumental": _mood("instrumental, ambient, post-rock, classical", {"instrumentalness": 2.0}),
    "vocal": _mood("vocal, vocal jazz, soul, gospel", {"instrumentalness": -1.0}),
    "female": _mood("female vocalists, female vocalist, female vocals, female", {}),
    "male": _mood("male vocalists, male vocalist, male vocals", {}),
    "live": _mood("live", {"liveness": 1.5}),
    "cover": _mood("cover, covers", {}),
    "remix": _mood("remix, remixes", {}),
    "bass": _mood("bass, dub, drum and bass, dubstep, trap", {"energy": 0.4}),
    "piano": _mood("piano, romantic era, classical, minimalism", {"acousticness": 1.0}),
    "guitar": _mood("guitar, hard rock, classic rock, blues", {}),
    "strings": _mood("strings, classical, baroque, violin", {"acousticness": 0.7}),
    "brass": _mood("saxophone, brass, swing, bebop, ska, jazz", {}),
    "drums": _mood("percussion, afrobeat, samba, drums", {"danceability": 0.3}),
}
"""The meaning of each mood, activity and sound of a wish: see `bot/data/words`."""
