"""What stands above the songs of a list: a note, and the title.

A message keeps its own: drawn again, it is read off it, so that nothing has to be remembered.
"""

import re

from telegram import Message

from bot.adapters.telegram.text import cut, name
from bot.replies.i18n import say

_SONG = re.compile(r"^[0-9]{1,2}\. ", re.MULTILINE)
_LONGEST_NOTE = 300


def heading(title: str, note: str = "") -> str:
    """Return a title with a note above it, if there is one, as HTML."""
    lines = [cut_lines(note, _LONGEST_NOTE), ""] if note else []
    return "\n".join([*lines, f"<b>{name(title, 120) or say('Songs')}</b>"])


def cut_lines(text: str, longest: int) -> str:
    """Return sentences of ours as HTML, cut to `longest` units."""
    return "\n".join(name(line, longest) for line in cut(text, longest).split("\n"))


def heading_of(message: object) -> str:
    """Return the HTML above the songs of a message, "" where it cannot be told."""
    if not isinstance(message, Message) or not message.text:
        return ""
    html = message.text_html
    song = _SONG.search(html)
    return "" if song is None else html[: song.start()].rstrip("\n")
