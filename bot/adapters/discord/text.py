"""Escaping of untrusted titles for messages, labels and links."""

import re
import unicodedata
from itertools import groupby, islice

_JOINERS = "\u200c\u200d"  # they join several characters into one letter or emoji
_MOST_MARKS = 3  # accents stacked on one letter; more would climb over the lines above
_HIDDEN = ("Cc", "Cf", "Cs", "Cn", "Co")
_ACTIVE = re.compile(r"([\\*_~`|<>\[\]])")  # active characters of Discord's Markdown within a line
_AT_START = re.compile(r"^(?:(?=[#+-])|(\d+)(?=\.))")  # headings and lists; a digit cannot be escaped
# Sites that the bot links to.  Any other address in a sentence came with a title and becomes no link.
_SITES = r"(?:open|www)\.spotify\.com|youtu\.be|www\.youtube\.com|www\.last\.fm|listenbrainz\.org"
_ADDRESS = re.compile(rf"(?<!\S)(https://(?:{_SITES})/[^\s<>]*[^\s<>.,;:!?)])")
_BLANK = "\u200b"


def clean(text: str, longest: int) -> str:
    """Return `text` on one line of at most `longest` characters, without invisible characters."""
    # Skips text far beyond the cut: a name may be megabytes long.
    line = " ".join(_visible(text[: 8 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():  # the usual case
        return text
    kept: list[str] = []
    for is_mark, run in groupby(text, lambda c: unicodedata.category(c).startswith("M")):
        kept += islice(run, _MOST_MARKS if is_mark else None)
    return "".join(" " if c.isspace() else c for c in kept if _is_shown(c))


def _is_shown(character: str) -> bool:
    return character.isspace() or character in _JOINERS or unicodedata.category(character) not in _HIDDEN


def escape(text: str, longest: int) -> str:
    """Return `text` cut to `longest` characters and then escaped: at most twice as many."""
    escaped = _ACTIVE.sub(r"\\\1", clean(text, longest))
    # The blank keeps @everyone from becoming a mention, and an address from becoming a link.
    return escaped.replace("@", f"@{_BLANK}").replace("://", f":{_BLANK}//")


def paragraph(text: str, longest: int) -> str:
    """Return our own sentences, which may hold titles: escaped line by line, `longest` in all.

    Addresses we link to stay whole; drops a line that would cut one.
    """
    lines = text.split("\n")
    shown = [_sentence(line, longest) for line in lines[: longest // 2]]
    if sum(len(line) + 1 for line in shown) > longest + 1:
        each = max(2, (longest // len(lines) - 1) // 2)
        shown = [_sentence(line, each) for line in lines[: longest // 2]]
    while len(shown) > 1 and sum(len(line) + 1 for line in shown) > longest + 1:
        shown.pop()
    return "\n".join(shown) if len(shown) > 1 or len(shown[0]) <= longest else escape(text, longest // 2)


def has_addresses(text: str) -> bool:
    """Return whether our own sentences contain addresses."""
    return _ADDRESS.search(text) is not None


def _sentence(line: str, longest: int) -> str:
    """Return a line with everything but our own addresses cut and escaped."""
    parts = enumerate(_ADDRESS.split(line))
    shown = "".join(f"<{part}>" if n % 2 else _between(part, longest) for n, part in parts)
    return _AT_START.sub(lambda found: f"{found[1] or ''}\\", shown.strip())


def _between(part: str, longest: int) -> str:
    """Return the text before, between or after addresses, with the blanks at its ends."""
    inner = escape(part, longest)
    return f"{' ' * part[:1].isspace()}{inner}{' ' * part[-1:].isspace()}" if inner else " " * bool(part)


def label(text: str, longest: int) -> str:
    """Return text for a button or choice, where Markdown does not apply; never empty."""
    return clean(text, longest) or "?"
