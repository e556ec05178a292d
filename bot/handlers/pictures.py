"""Pictures in replies: whether a user wants them, and in which look."""

from typing import cast

from bot.context import Arguments, Ask
from bot.pictures import Look
from bot.pictures.painter import can_paint
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from recommender.errors import NotKnown

SETTING = "pictures"
CHOICES = ("dark", "light", "off")
_NOW = {"dark": "Pictures: dark.", "light": "Pictures: light.", "off": "Pictures: off, you get text."}


async def look(ask: Ask) -> Look | None:
    """Return the look of pictures for the user, None for text."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING) or CHOICES[0]
    return None if kept == "off" or not can_paint() else cast("Look", kept)


async def pictures(ask: Ask, arguments: Arguments) -> Reply:
    """Set the look of pictures, or turn them off; without a word, show it and offer all."""
    wish = arguments.text.casefold()
    if wish and wish not in CHOICES:
        raise NotKnown("Say which: {}. For example: /settings pictures light", ", ".join(CHOICES))
    if not wish and can_paint():
        labels = zip(CHOICES, (say("Dark"), say("Light"), say("Only text")), strict=True)
        offered = (Button(label, str(Run(f"settings pictures {choice}"))) for choice, label in labels)
        return Done(await stands(ask), buttons=tuple(offered))
    if wish:
        await ask.music.communities.set_wish(ask.listener.user_id, SETTING, wish)
    return Notice(await stands(ask))


async def stands(ask: Ask) -> str:
    """Return the setting in words."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING) or CHOICES[0]
    if not can_paint():
        return say("Pictures: none, they are not installed here.")
    return say(_NOW[kept])
