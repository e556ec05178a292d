"""Words of Google Takeout around a title and after a channel's name, in all its languages."""

import re
from pathlib import Path

_FILE = Path(__file__).with_name("takeout_words.txt")
_QUOTED = re.compile(
    '[\u201e\u201c\u201d"\u00ab\u00bb\u300c\u300e](.+)[\u201c\u201d"\u00ab\u00bb\u300d\u300f]', re.DOTALL
)


def _read() -> tuple[list[str], list[str]]:
    """Return the phrases around titles and the words after names."""
    phrases: list[str] = []
    topics: list[str] = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, _, said = line.partition(": ")
            (topics if language == "topic" else phrases).extend(said.split(" | "))
    return phrases, topics


_PHRASES, _TOPICS = _read()
# The longest first: "Så på" before "Så".
_AROUND = [tuple(phrase.split("{}")) for phrase in sorted(_PHRASES, key=len, reverse=True)]
_CHANNEL = re.compile(rf"\s+[-\u2013\u2014\u2212]\s+(?:{'|'.join(_TOPICS)})\s*$", re.IGNORECASE)


def title_watched(written: str) -> str:
    """Return the title of a watched video, without the verb around it.

    >>> title_watched("Watched SOS"), title_watched("Je hebt naar SOS gekeken"), title_watched("SOS")
    ('SOS', 'SOS', 'SOS')
    """
    for before, after in _AROUND:
        if written.startswith(before) and written.endswith(after) and len(written) > len(before + after):
            written = written[len(before) : len(written) - len(after)].strip()
            break
    quoted = _QUOTED.fullmatch(written)
    return quoted[1] if quoted else written


def is_topic(channel: str) -> bool:
    """Tell whether a channel is YouTube's own for an artist's songs: "Queen - Topic"."""
    return _CHANNEL.search(channel) is not None


def without_topic(channel: str) -> str:
    """Return a channel's name without the word that YouTube adds after an artist's name.

    >>> without_topic("Queen - Topic"), without_topic("Queen - 主题"), without_topic("Queen")
    ('Queen', 'Queen', 'Queen')
    """
    return _CHANNEL.sub("", channel)
