"""Small talk in a private chat: a greeting, thanks or a call for help gets an answer of its own kind."""

import csv
from pathlib import Path

from bot.context import Ask
from bot.handlers import start
from bot.handlers.help import overview
from bot.replies import Button, Done, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from storage.naming.text import fold

_FILE = Path(__file__).parents[1] / "data" / "small-talk.csv"
with _FILE.open(encoding="utf-8", newline="") as _lines:
    _ROWS = [(row["kind"], row["phrases"].split(";")) for row in csv.DictReader(_lines)]
_KINDS = {fold(phrase): kind for kind, phrases in _ROWS for phrase in phrases}


async def small_talk(ask: Ask, text: str) -> Reply | None:
    """Return the answer to a line that is not about music, None for any other line."""
    match _KINDS.get(fold(text)):
        case "greeting":
            return await start.greeting(ask)
        case "help":
            return overview()
        case "thanks":
            return _go_on(say("You're welcome! Shall I look for more?"))
        case "fine":
            return _go_on(say("I'm fine, thanks! What do you feel like hearing?"))
        case "bye":
            return Done(say("Bye! Come back any time."))
    return None


def _go_on(sentence: str) -> Done:
    return Done(sentence, buttons=(Button(say("Songs for me"), str(Run("recommend"))),))
