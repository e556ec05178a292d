"""Pages: Jinja templates, which escape every value."""

import hashlib
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.context import spoken
from bot.replies.i18n import counted, decimal, language, number, percent, say
from recommender.types import Song

FOLDER = Path(__file__).parent


@cache
def environment() -> Environment:
    """Return the templates, compiled once."""
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals |= {
        "say": say,
        "counted": counted,
        "decimal": decimal,
        "number": number,
        "percent": percent,
        "language": language,
        "static": static,
        "fresh_key": fresh_key,
        "short": short,
        "name": name,
    }
    return found


@cache
def static(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that browsers may keep it."""
    content = (FOLDER / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


LONGEST = 300
"""Characters of a name on a page: titles may be megabytes long."""


def short(text: str) -> str:
    """Return text on one line, cut to what fits a page."""
    line = " ".join(text[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def name(song: Song) -> str:
    """Return the name of a song for a page."""
    return short(spoken(song))


def fresh_key() -> str:
    """Return a key that distinguishes one action from the next."""
    return secrets.token_hex(8)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Return a page; the visitor of the request, if known, fills its frame."""
    visitor = getattr(request.state, "visitor", None)
    look = getattr(request.state, "look", "")
    values |= {"path": request.url.path, "visitor": visitor, "look": look}
    shown = environment().get_template(template).render(values)
    return HTMLResponse(shown, status)
