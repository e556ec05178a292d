"""Pages: Jinja templates, which escape every value."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.replies.i18n import counted, decimal, language, number, percent, say

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
    }
    return found


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Return a page; the visitor of the request, if known, fills its frame."""
    visitor = getattr(request.state, "visitor", None)
    shown = environment().get_template(template).render(path=request.url.path, visitor=visitor, **values)
    return HTMLResponse(shown, status)
