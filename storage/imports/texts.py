"""Texts about music: reviews, articles, posts, as .txt, .md, .html, or .jsonl with one text per line.

Front matter (between two lines of `---`), or other fields of a JSON line, may name the artist and the date:
`artist: Low`, `artists: [Low, Codeine]`, `date: 2021-09-10`.
"""

import html
import json
import re
from collections.abc import Generator, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

from storage.imports.cells import CellError
from storage.imports.names import clean
from storage.imports.times import moment
from storage.rows import ImportFormatError, Options, Row, Skipped, TextRow

_KINDS = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl", ".ndjson")
_LARGEST = 8 << 20  # bytes of a file with one text
_CHUNK = 1 << 20
_LONGEST, _SHORTEST = 200_000, 40  # characters of a text
_MOST_ARTISTS = 20
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_BODY = ("text", "body", "content", "review")
_UNSEEN = frozenset(["script", "style", "nav", "header", "footer", "aside", "form", "button", "noscript"])
_BLOCKS = frozenset(["p", "div", "br", "li", "h1", "h2", "h3", "h4", "article", "section", "td", "tr"])
_CODE = re.compile(r"```.*?```|~~~.*?~~~", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()]{0,2000}\)|<?https?://\S+>?")
_MARKUP = re.compile(r"[*_`#>|~]+")
# Lines that are on every page of a site and say nothing about music.
_BOILERPLATE = re.compile(
    r"(?i)\b(?:cookies?|subscribe|newsletter|all rights reserved|copyright|privacy policy|sign (?:in|up)"
    r"|log ?in|share (?:this|on)|follow us|advertisement|read more|related (?:posts|articles)"
    r"|leave a comment|terms of (?:use|service)|photo(?:graph)? by|tags:|posted (?:by|in|on))\b"
)
_SPACE = re.compile(r"\s+")
_LONG_LINE = 200  # a longer line is prose, even with the word "cookie"


class TextsReader:
    """Reader of a file of these kinds, or of a folder of them."""

    def __init__(self, path: Path, options: Options) -> None:
        """Find the files; raise ImportFormatError if there are none."""
        self.source = self.platform = options.source or "texts"
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        self._paths = [file for file in found if file.suffix.lower() in _KINDS and file.is_file()]
        if not path.exists() or not self._paths:
            raise ImportFormatError(f"{path} holds no texts; texts reads .txt, .md, .html and .jsonl files.")
        self._done = 0

    def rows(self) -> Generator[Row, None, None]:
        """Yield one row per text, with its number as the line."""
        number = 0
        for place, path in enumerate(self._paths):
            self._done = place
            for said in _said_in(path):
                number += 1
                yield _row(number, said) if isinstance(said, dict) else Skipped(number, said)
        self._done = len(self._paths)

    def progress(self) -> float:
        """Return the share of the files that has been read, 0 to 1."""
        return self._done / len(self._paths)

    def digest(self) -> str:
        """Return a digest of the files' bytes."""
        total = blake2b(digest_size=16)
        for path in self._paths:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    total.update(chunk)
        return total.hexdigest()


def _said_in(path: Path) -> Iterator[dict[str, object] | str]:
    """Yield the fields of each text in a file, or the reason why there are none."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _lines_of(path)
        return
    if path.stat().st_size > _LARGEST:
        yield "larger than a text"
        return
    text = _decoded(path.read_bytes())
    if "\0" in text:
        yield "no text"
        return
    said: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        said |= {name.lower(): value.strip() for name, value in _FIELD.findall(front[1])}
        text = text[front.end() :]
    yield {**said, "text": _seen(text) if path.suffix.lower() in (".html", ".htm") else text}


def _decoded(data: bytes) -> str:
    """Decode text by its byte order mark, as UTF-8, or else as Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _lines_of(path: Path) -> Iterator[dict[str, object] | str]:
    longest = 4 * _LONGEST
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        while line := lines.readline(longest):
            if len(line) == longest and not line.endswith("\n"):
                while (rest := lines.readline(longest)) and not rest.endswith("\n"):
                    pass
                yield "line longer than a text"
            elif line.strip():
                yield _fields(line)


def _fields(line: str) -> dict[str, object] | str:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(said, dict):
        return "no JSON object"
    return {str(name).lower(): value for name, value in said.items()}


def _row(number: int, said: Mapping[str, object]) -> Row:
    body = next((said[name] for name in _BODY if isinstance(said.get(name), str)), "")
    text = _cleaned(str(body)[:_LONGEST])
    if len(text) < _SHORTEST:
        return Skipped(number, "no text to speak of")
    given = said.get("artists", said.get("artist", ()))
    names = given if isinstance(given, list) else str(given).strip("[]").split(",") if given else []
    artists = [clean(str(name).strip(" '\"")).text for name in names[:_MOST_ARTISTS]]
    key = blake2b(text.encode(), digest_size=12).hexdigest()
    return TextRow(number, key, text, tuple(name for name in artists if name), _date(said))


def _date(said: Mapping[str, object]) -> int | None:
    value = next((said[name] for name in ("date", "published", "published_at") if said.get(name)), None)
    try:
        return None if value is None else moment(str(value).strip("'\""))
    except CellError:
        return None


def _cleaned(text: str) -> str:
    """Return prose without code, links, markup and boilerplate lines."""
    text = _LINK.sub(lambda found: found[1] or " ", _CODE.sub(" ", html.unescape(text)))
    lines = [" ".join(_MARKUP.sub(" ", line).split()) for line in text.splitlines()]
    return "\n".join(
        line for line in lines if line and (len(line) > _LONG_LINE or not _BOILERPLATE.search(line))
    )


def _seen(page: str) -> str:
    """Return the visible text of a page, one line per block."""
    from lxml import etree  # noqa: PLC0415 - heavy

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(page.encode(errors="replace"), parser) if page.strip() else None
    if root is None:
        return ""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    parts = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        parts.append("\n" if element.tag in _BLOCKS else "")
        parts.append(_SPACE.sub(" ", (element.text if event == "start" else element.tail) or ""))
    return "".join(parts)
