"""Telegram's HTML, read as strictly as its servers do."""

import re
from html import unescape

_PIECE = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-z][a-z0-9-]*)(?P<attributes>[^<>]*)>|(?P<text>[^<>]+)|(?P<bad>[<>])"
)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|(?P<bad>&)")
_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}


def units(text: str) -> int:
    """Return the length in UTF-16 units, which is what Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def read(source: str) -> tuple[str, list[dict[str, object]]]:
    """Return the text and its entities; ValueError where Telegram answers "can't parse entities"."""
    text, entities, opened = "", [], []
    for piece in _PIECE.finditer(source):
        if piece["bad"]:
            raise ValueError(f"can't parse entities: a bare {piece['bad']} at {piece.start()}")
        if piece["text"]:
            text += _text(piece["text"])
        elif not piece["end"]:
            opened.append((_known(piece["tag"]), units(text), piece["attributes"]))
        else:
            if not opened or opened[-1][0] != piece["tag"]:
                raise ValueError(f"can't parse entities: unexpected </{piece['tag']}>")
            tag, offset, attributes = opened.pop()
            entity: dict[str, object] = {
                "type": _KINDS[tag],
                "offset": offset,
                "length": units(text) - offset,
            }
            entities.append({**entity, **_attributes(tag, attributes)})
    if opened:
        raise ValueError(f"can't parse entities: {opened[-1][0]} is not closed")
    if not text.strip():
        raise ValueError("message text is empty")
    return text, [entity for entity in entities if entity["length"]]


def _known(tag: str) -> str:
    if tag not in _KINDS:
        raise ValueError(f"can't parse entities: unsupported tag {tag}")
    return tag


def _text(source: str) -> str:
    if any(found["bad"] for found in _ENTITY.finditer(source)):
        raise ValueError(f"can't parse entities: a bare & in {source!r}")
    return unescape(source)


def _attributes(tag: str, source: str) -> dict[str, str]:
    if tag != "a":
        if source:
            raise ValueError(f"can't parse entities: {tag} takes no attributes")
        return {}
    url = re.fullmatch(r' href="([^"]+)"', source)
    if url is None:
        raise ValueError("can't parse entities: a link without an address")
    return {"url": unescape(url[1])}
