"""JSON Schemas (draft 2020-12) of requests and results, for those who validate messages themselves."""

from typing import Any

from bot.requests.envelopes import REQUEST, MusicResult

_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def request_schema() -> dict[str, Any]:
    """Return the schema of a request of any kind."""
    return {**_DRAFT, "title": "Request for music", **REQUEST.json_schema()}


def result_schema() -> dict[str, Any]:
    """Return the schema of a result, as it is written."""
    return {**_DRAFT, **MusicResult.model_json_schema(mode="serialization")}
