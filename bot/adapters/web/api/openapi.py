"""The OpenAPI document: its words, and the schema that all problems share."""

from typing import Any

from fastapi import FastAPI

from bot.adapters.web.api.problems import ApiProblem

_ABOUT = """\
Segue recommends music and learns from every reaction. A program that acts for a person needs a token: \
`/web token` in a private chat with Segue makes one, with the scopes `read`, `react`, `listen`, `import`, \
`export` and `forget`. Send it as `Authorization: Bearer TOKEN`.

Errors are `application/problem+json` (RFC 9457) with an `id` that the log has too. The headers `RateLimit` \
and `RateLimit-Policy` tell how many requests are left. A `POST` with an `Idempotency-Key` is done once: \
repeated within 24 hours, it gets the same answer.
"""
_TAGS = [
    {"name": "music", "description": "Lists of songs, and reactions to them."},
    {"name": "person", "description": "The person's own data."},
    {"name": "import", "description": "Listening histories as files, in pieces."},
]


def describe(app: FastAPI) -> None:
    """Give the document of an app its words; call it after all routes are added."""
    app.description, app.openapi_tags = _ABOUT, _TAGS
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            own = ApiProblem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(own.pop("$defs", {}))
            schemas[ApiProblem.__name__] = own
            for unused in ("HTTPValidationError", "ValidationError"):  # ours are problems
                schemas.pop(unused, None)
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation extends it
