"""The heading of a list: its title and note.

A message keeps its own: drawn again, it is read off it, so that nothing has to be remembered, least of all
the names of those whom a list was for.
"""

import re

import discord

from bot.adapters.discord.text import escape

_MARK = "### "
_PAGE = re.compile(r" · [0-9]+/[0-9]+$")
_SONG = re.compile(r"^[0-9]+\\\. ", re.MULTILINE)  # a title or note has its backslashes doubled


def heading(title: str, note: str, *, compact: bool = False) -> str:
    """Return a title, and a note below it if there is one, escaped; `compact` where there is less room."""
    below = escape(note, 60 if compact else 100)
    return f"{_MARK}{escape(title, 50)}\n{below}".removesuffix("\n")


def paged(head: str, number: int, pages: int) -> str:
    """Return a heading with its page, counted from 0, and how many there are; one alone goes unsaid."""
    title, newline, note = head.partition("\n")
    return f"{title} · {number + 1}/{pages}{newline}{note}" if pages > 1 else head


def heading_of(message: discord.Message, *, is_paged: bool) -> str | None:
    """Return the heading that a message bears, without its page; None if it bears none."""
    text = message.content or next(iter(_texts(message)), "")
    song = _SONG.search(text)
    title, newline, note = text[: song.start() if song else None].rstrip("\n").partition("\n")
    if not title.startswith(_MARK):
        return None
    return f"{_PAGE.sub('', title) if is_paged else title}{newline}{note}"


def _texts(message: discord.Message) -> list[str]:
    boxes = [part for part in message.components if isinstance(part, discord.Container)]
    return [part.content for box in boxes for part in box.children if isinstance(part, discord.TextDisplay)]
