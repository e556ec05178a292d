"""Songs named by a file: shown with a like button, liked only after a press."""

from bot.context import Ask
from bot.handlers import start
from bot.replies import Reply
from bot.replies.i18n import say
from recommender.errors import NotKnown


async def offered(ask: Ask, artist: str, title: str) -> Reply:
    """Show the song named by tags; raises `NotKnown` with advice if the catalogue lacks it."""
    name = " ".join(f"{artist} - {title}".split())
    found = await ask.find(name)
    if found.song is None or found.song.title is None:
        raise NotKnown(say("I do not know {} yet. Teach me: /add {}", name, name), missing=name)
    taken = say('The file says "{}".', name) + " " if found.corrected else ""
    return start.card(found.song, f"{taken}{say('Like it?')} ")
