"""Text for Telegram: HTML with every name escaped, lengths counted the way Telegram counts.

Names of songs and artists are untrusted.  They appear as written, emoji and right-to-left scripts included,
but cannot format text, mention users or reverse the text that follows.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

TEXT = 4096
"""Longest message, in UTF-16 units after parsing the HTML."""
CAPTION = 1024
"""Longest caption of a file, in the same units."""
ANSWER = 200
"""Longest answer to a press, in the same units."""

LABEL = 48
_JOINERS = "\u200c\u200d"  # they join several characters into one letter or emoji
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
    """Return `text` cut to at most `longest` UTF-16 units, with an ellipsis after a cut."""
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
    """Return `text` on one line, without invisible characters that change their neighbours."""
    shown = "".join(_unstacked(" " if c.isspace() else c for c in text if _is_shown(c)))
    return cut(" ".join(shown.split()), longest)


def name(text: str, longest: int = 120) -> str:
    """Return a name as HTML: escaped, on one line, isolated from the text direction around it."""
    shown = plain(text, longest)
    escaped = html.escape(_MENTION.sub("@\u2060", shown), quote=False)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in shown):
        return f"{_ISOLATE}{escaped}{_END}"
    return escaped


def lines(text: str) -> str:
    """Return our own sentences, which may hold names, as HTML; keeps line breaks."""
    return "\n".join(name(line, TEXT) for line in text.split("\n"))


def link(shown: str, url: str | None) -> str:
    """Return HTML that links to `url`; without one, return `shown` unchanged."""
    return shown if url is None else f'<a href="{html.escape(url)}">{shown}</a>'


def seen(text: str) -> str:
    """Return the visible text of HTML."""
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
        return True  # tag characters: the letters of flags such as Scotland's
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _unstacked(characters: Iterable[str]) -> Iterator[str]:
    marks = 0
    for character in characters:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            yield character
