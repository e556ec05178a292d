"""Names as files spell them, made fit to be stored: printable text, repaired where encodings broke."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 300  # characters; `storage.text.fold` looks no further either

NOT_UTF8 = "name not in UTF-8, read as Windows-1252"
TWICE_UTF8 = "name encoded to UTF-8 twice, repaired"
UNPRINTABLE = "name with unprintable characters, dropped"
TOO_LONG = f"name cut to {LONGEST} characters"

# Of the invisible characters only the joiners stay: Persian, Indic scripts and emoji are spelt with them.
_JOINERS = "\u200c\u200d"
_DROPPED = {"Cc", "Cf", "Co", "Cs"}
_SURROGATES = re.compile("[\ud800-\udfff]")
# Of HTML, as pages and programs leave it in names.  Without its semicolon it is no entity but a word.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# What people type for an apostrophe; NFC and NFKC would make a space of the acute.
_APOSTROPHE = re.compile("(?<=\\w)[\u00b4\u02b9\u2032](?=\\w)")
_NESTED = 3  # times that "&amp;amp;#39;" is told apart


class Name(NamedTuple):
    text: str  # "" where nothing readable is left
    repair: str = ""  # what was done to it, "" if nothing


def clean(raw: str) -> Name:
    r"""Return the name without its accidents.

    >>> clean("  Simon &amp;  Garfunkel "), clean("Ballak\u00c3\u00a9 Sissoko").text
    (Name(text='Simon & Garfunkel', repair=''), 'Ballaké Sissoko')
    """
    # What nobody will spell again need not be remembered, and could fill the memory.
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
    # A line break or tab separates words; it is not an accident worth a note.
    kept = "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _DROPPED)
    if kept != text:
        repair = repair or UNPRINTABLE
    return Name(unicodedata.normalize("NFC", " ".join(kept.split())), repair)


def _from_other_bytes(text: str) -> str:
    """Read a field that is no UTF-8 as what it most likely is: text from an older Windows."""
    stored = text.encode("utf-8", "surrogateescape" if _all_escapes(text) else "replace")
    try:
        return stored.decode("cp1252")
    except UnicodeDecodeError:
        return stored.decode("utf-8", "replace")


def _all_escapes(text: str) -> bool:
    return all("\udc80" <= found <= "\udcff" for found in _SURROGATES.findall(text))


def _decoded_once_more(text: str) -> str:
    """Undo "Ã©" for "é": UTF-8 that was taken for Windows-1252 and encoded again.

    Only text of which every part decodes is taken for such; "OSKÃO" stays as it is.
    """
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
