"""Cleaning of names in files: printable text, with broken encodings repaired."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 300  # characters; `storage.naming.text.fold` reads no further either

NOT_UTF8 = "name not in UTF-8, read as Windows-1252"
TWICE_UTF8 = "name encoded to UTF-8 twice, repaired"
UNPRINTABLE = "name with unprintable characters, dropped"
TOO_LONG = f"name cut to {LONGEST} characters"

# Of the invisible characters only the joiners stay: Persian, Indic scripts and emoji need them.
_JOINERS = "\u200c\u200d"
_DROPPED = {"Cc", "Cf", "Co", "Cs"}
_SURROGATES = re.compile("[\ud800-\udfff]")
# HTML entities, which pages and programs leave in names.  Without its semicolon it is a plain word.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Characters typed as an apostrophe; NFC and NFKC would turn the acute into a space.
_APOSTROPHE = re.compile("(?<=\\w)[\u00b4\u02b9\u2032](?=\\w)")
_NESTED = 3  # levels of escaping in "&amp;amp;#39;" that are undone


class Name(NamedTuple):
    """A cleaned name."""

    text: str  # "" if nothing readable is left
    repair: str = ""  # description of the repair, "" if there was none


def clean(raw: str) -> Name:
    r"""Return a name cleaned for storage, with a note on its repair.

    >>> clean("  Simon &amp;  Garfunkel "), clean("Ballak\u00c3\u00a9 Sissoko").text
    (Name(text='Simon & Garfunkel', repair=''), 'Ballaké Sissoko')
    """
    # Overlong names rarely repeat, and caching them could fill the memory.
    return _cleaned(raw) if len(raw) <= LONGEST else _cleaned.__wrapped__(raw)


@lru_cache(maxsize=1 << 15)
def _cleaned(raw: str) -> Name:
    text = " ".join((_plain(raw) if "&" in raw else raw).split())
    repair = ""
    if not (text.isascii() and text.isprintable()):
        text, repair = _repaired(text)
    if len(text) > LONGEST:
        text, repair = text[:LONGEST].rstrip(), TOO_LONG
    return Name(text, repair)


def _plain(text: str) -> str:
    for _ in range(_NESTED):
        text, count = _ENTITY.subn(lambda found: html.unescape(found[0]), text)
        if not count:
            break
    return text


def _repaired(text: str) -> Name:
    repair = ""
    text = _APOSTROPHE.sub("'", text)
    if _SURROGATES.search(text):
        text, repair = _from_other_bytes(text), NOT_UTF8
    elif (once := _decoded_once_more(text)) != text:
        text, repair = once, TWICE_UTF8
    # A line break or tab separates words; it needs no note.
    kept = "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _DROPPED)
    if kept != text:
        repair = repair or UNPRINTABLE
    return Name(unicodedata.normalize("NFC", " ".join(kept.split())), repair)


def _from_other_bytes(text: str) -> str:
    """Decode a field that is not UTF-8 as its most likely encoding: text from an older Windows."""
    stored = text.encode("utf-8", "surrogateescape" if _all_escapes(text) else "replace")
    try:
        return stored.decode("cp1252")
    except UnicodeDecodeError:
        return stored.decode("utf-8", "replace")


def _all_escapes(text: str) -> bool:
    return all("\udc80" <= found <= "\udcff" for found in _SURROGATES.findall(text))


def _decoded_once_more(text: str) -> str:
    """Repair "Ã©" to "é": UTF-8 that was read as Windows-1252 and encoded again.

    Only text that decodes completely is repaired; "OSKÃO" stays as it is.
    """
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
