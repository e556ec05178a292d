"""Pictures in replies: whether a user wants them, in which look, and the covers on them."""

from collections.abc import Collection
from typing import cast

from bot.context import Arguments, Ask
from bot.pictures import Look
from bot.pictures.painter import can_paint
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from recommender.errors import NotKnown
from recommender.types import Song
from storage.records import Subject

SETTING = "pictures"
CHOICES = ("dark", "light", "off")
_NOW = {"dark": "Pictures: dark.", "light": "Pictures: light.", "off": "Pictures: off, you get text."}


async def look(ask: Ask) -> Look | None:
    """Return the look of pictures for the user, None for text."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING) or CHOICES[0]
    return None if kept == "off" or not can_paint() else cast("Look", kept)


async def covers(ask: Ask, songs: Collection[Song]) -> dict[Subject, bytes]:
    """Return the covers, JPEG or PNG, of those songs that have one which may be drawn."""
    links = await ask.music.communities.links(tuple(songs))
    urls = {subject: ids["cover"] for subject, ids in links.items() if "cover" in ids}
    found = await ask.music.connections.covers.get(urls.values())
    return {subject: found[url] for subject, url in urls.items() if url in found}


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
