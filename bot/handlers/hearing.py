"""`/hear`: what a clip sounds like, and songs that sound alike. Its sound is heard and never stored."""

import math
from pathlib import Path

from bot.context import Arguments, Ask, spoken
from bot.handlers.recommend import served, usual
from bot.replies import Notice, Reply
from bot.replies.i18n import listed, say
from recommender.audio.hearing import Hearing, Sound
from recommender.audio.words import words
from recommender.types import Query

HEARING = """\
Send me sound and I find songs that sound like it: a voice message, a music file or a video on Telegram, a \
file with /hear on Discord, /hear and a path in the terminal.
I listen to at most ten minutes of it. Its sound is never stored."""

_INSTEAD: dict[Sound, str] = {
    "speech": "That is somebody talking, not music. Send me some music, hummed or played.",
    "noise": "That is noise, not music. Hold the phone closer to the music and send it again.",
    "animals": "That sounds like an animal, not like music. Send me some music.",
    "silence": "I hear nothing in that. Check the microphone and send it again.",
}
_SUNG, _UNSUNG = 0.5, 0.3  # probability of a voice


async def hearing(_: Ask, __: Arguments) -> Notice:
    """Explain how to send sound."""
    return Notice(say(HEARING))


async def heard(ask: Ask, path: Path) -> Reply:
    """Return what a file sounds like, with songs that sound alike."""
    found = await ask.music.ear.heard(path)
    if found.sound != "music":
        return Notice(say(_INSTEAD[found.sound]))
    known = await ask.music.names.recording(found.fingerprint)
    note = _described(found)
    if known is not None:
        note = f"{say('That is {}.', spoken(known))} {note}"
    query = Query(ask.listener.user_id, await usual(ask), ask.listener.community_id, heard=words(found.tags))
    return await served(ask, query, note, sound=found.vector)


def _described(found: Hearing) -> str:
    """Return three words, the tempo, and whether somebody sings."""
    said = [word for word, _ in words(found.tags)]
    first = say("I hear {}", listed(tuple(said[:3]))) if said else say("I hear music")
    tempo = "" if math.isnan(found.tempo) else say(", about {} beats a minute", round(found.tempo))
    voice = say(", with vocals") if found.sung >= _SUNG else ""
    voice = say(", without vocals") if found.sung <= _UNSUNG else voice
    return f"{first}{tempo}{voice}."
