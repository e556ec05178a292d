"""Text as Telegram takes it: HTML with every name escaped, and lengths counted the way Telegram counts.

Names of songs and artists are hostile input.  They arrive as they are written, emoji and right-to-left
scripts included, but they cannot format, mention anybody, or turn the direction of what follows.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

TEXT = 4096
"""Longest message, in UTF-16 units after the HTML has been read."""
CAPTION = 1024
"""Longest text under a file, counted alike."""
ANSWER = 200
"""Longest answer to a press."""

LABEL = 48
_JOINERS = "\u200c\u200d"  # make one letter or emoji of several
_ISOLATE, _END = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_MENTION = re.compile(r"@(?=\w)")
_MOST_MARKS = 3  # accents on one letter; more would climb over the lines above
_TAG = re.compile(r"<[^>]*>")


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units.

    >>> units("a"), units("🎧")
    (1, 2)
    """
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """Return `text` with at most `longest` UTF-16 units; what is cut off leaves an ellipsis."""
    if units(text) <= longest:
        return text
    kept, room = [], longest - 1
    for character in text:
        room -= units(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip(_JOINERS + " ") + "…"


def plain(text: str, longest: int = TEXT) -> str:
    """Return `text` on one line, without anything invisible that changes its neighbours."""
    shown = "".join(_unstacked(" " if c.isspace() else c for c in text if _is_shown(c)))
    return cut(" ".join(shown.split()), longest)


def name(text: str, longest: int = 120) -> str:
    """Return a name as HTML: escaped, on one line, kept apart from the direction of what stands around it."""
    shown = plain(text, longest)
    escaped = html.escape(_MENTION.sub("@\u2060", shown), quote=False)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in shown):
        return f"{_ISOLATE}{escaped}{_END}"
    return escaped


def lines(text: str) -> str:
    """Return sentences of ours, which may hold names, as HTML; their lines stay."""
    return "\n".join(name(line, TEXT) for line in text.split("\n"))


def link(shown: str, url: str | None) -> str:
    """Return HTML that leads to `url`; without one, what is shown stays as it is."""
    return shown if url is None else f'<a href="{html.escape(url)}">{shown}</a>'


def seen(text: str) -> str:
    """Return what a reader sees of HTML."""
    return html.unescape(_TAG.sub("", text))


def parted(text: str, longest: int = TEXT) -> list[str]:
    """Split HTML whose lines each close their tags into messages of at most `longest` units."""
    messages: list[str] = []
    for line in text.split("\n"):
        short = line if units(seen(line)) <= longest else html.escape(cut(seen(line), longest), quote=False)
        together = f"{messages[-1]}\n{short}" if messages else short
        if messages and units(seen(together)) <= longest:
            messages[-1] = together
        else:
            messages.append(short)
    return [message for message in messages if seen(message).strip()] or ["…"]


def _is_shown(character: str) -> bool:
    if character.isspace() or character in _JOINERS or "\U000e0020" <= character <= "\U000e007f":
        return True  # the last are the letters of flags such as Scotland's
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _unstacked(characters: Iterable[str]) -> Iterator[str]:
    marks = 0
    for character in characters:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            yield character
