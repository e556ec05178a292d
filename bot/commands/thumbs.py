"""Typed thumbs: "+2 -3" judges songs of a list by their numbers."""

import re

from storage.records import Kind

_THUMBS = re.compile(r"(?:[+\-\u2212\u2013👍👎]\s*[0-9]{1,3}[\s,;]*)+")
_THUMB = re.compile(r"([+\-\u2212\u2013👍👎])\s*([0-9]{1,3})")


def thumbs_in(text: str) -> list[tuple[int, Kind]]:
    """Return (number, verdict) for each thumb in order; empty for any other text.

    >>> thumbs_in("+2, 👎 3"), thumbs_in("+2 of my friends")
    ([(2, <Kind.LIKE: 'like'>), (3, <Kind.DISLIKE: 'dislike'>)], [])
    """
    if not _THUMBS.fullmatch(text):
        return []
    return [(int(n), Kind.LIKE if sign in "+👍" else Kind.DISLIKE) for sign, n in _THUMB.findall(text)]
