"""Messages of requests: what they ask, or why they cannot be read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from confluent_kafka import Message
from pydantic import ValidationError

from bot.requests import REQUEST, MusicRequest

MOST_BYTES = 64 << 10
"""The longest request; the longest that make sense have a few hundred bytes."""
LATEST_DEADLINE = timedelta(days=1)


class Asked(NamedTuple):
    """A request with its place in the stream."""

    request: MusicRequest
    part: int
    position: int

    @property
    def name(self) -> str:
        """Return what names this request among those of all users."""
        return f"{self.request.user} {self.request.id}"


class Unreadable(NamedTuple):
    """A message that is no request."""

    part: int
    position: int
    why: str
    size: int


def read(message: Message) -> Asked | Unreadable:
    """Return what a message asks, or why nobody can tell; fields that nobody knows are ignored."""
    body = message.value() or b""
    part, position = message.partition() or 0, message.offset() or 0
    if len(body) > MOST_BYTES:
        return Unreadable(part, position, f"longer than {MOST_BYTES} bytes", len(body))
    try:
        request = REQUEST.validate_python(_known(json.loads(body)), strict=False)
        if request.deadline is not None and request.deadline > datetime.now(UTC) + LATEST_DEADLINE:
            return Unreadable(part, position, "its deadline is more than a day away", len(body))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return Unreadable(part, position, f"{where}: {first['msg']}" if where else first["msg"], len(body))
    except (ValueError, RecursionError) as error:
        return Unreadable(part, position, f"no JSON ({type(error).__name__})", len(body))
    return Asked(request, part, position)


def _known(value: Any) -> Any:  # noqa: ANN401 - anything that JSON can say
    """Return a request without the fields of newer versions, which an HTTP client is told of instead."""
    if not isinstance(value, dict):
        return value
    kept = {name: value[name] for name in _FIELDS & value.keys()}
    fields = _PAYLOADS.get(str(value.get("kind")))
    if fields is not None and isinstance(kept.get("payload"), dict):
        kept["payload"] = {name: one for name, one in kept["payload"].items() if name in fields}
    return kept


_FIELDS = {"id", "user", "deadline", "kind", "payload"}


def _payloads() -> dict[str, frozenset[str]]:
    found = {}
    schema = REQUEST.json_schema()
    for name in schema["discriminator"]["mapping"].items():
        kind, reference = name
        payload = schema["$defs"][reference.rsplit("/", 1)[1]]["properties"]["payload"]
        target = payload.get("$ref") or payload["allOf"][0]["$ref"]
        found[kind] = frozenset(schema["$defs"][target.rsplit("/", 1)[1]]["properties"])
    return found


_PAYLOADS = _payloads()


def dead_letter(one: Unreadable, topic: str) -> bytes:
    """Return what `segue.dead` says of a message: where it is, and why nobody could read it."""
    said = {"topic": topic, "partition": one.part, "offset": one.position, "why": one.why, "bytes": one.size}
    return json.dumps({"v": 1, **said}).encode()
