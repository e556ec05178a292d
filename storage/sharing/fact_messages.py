"""Messages of the log: facts of one machine, as others receive them, and checks of what they say."""

import json
from typing import Any, NamedTuple

from storage.errors import InvalidFactError
from storage.sharing.outbox import VERSION, Value

MOST_BYTES = 900_000
"""The longest fact, key and value: by default brokers take messages of a million bytes, all included."""

_TYPES: dict[str, type] = {
    **dict.fromkeys(("artist", "title", "source", "undoes", "name", "value"), str),
    **dict.fromkeys(("at", "recorded_at", "plays", "ms_played"), int),
    **dict.fromkeys(("user", "host", "place", "also"), list),
}


class Message(NamedTuple):
    """A fact as it came from the log."""

    key: bytes
    value: bytes | None
    origin: str  # the machine that published it
    number: int  # of its row in that machine's outbox


class SharedFact(NamedTuple):
    """A message that was read."""

    message: Message
    what: str
    key: list[str]  # what it is about, of its kind
    value: Value | None


class Applied(NamedTuple):
    """What came of some messages."""

    facts: int
    refused: list[tuple[Message, str]]  # what cannot be read, and why
    forgotten: int  # users who were erased


class NewerFactError(InvalidFactError):
    """A fact that a newer Segue wrote."""


def read(message: Message) -> SharedFact:
    """Return what a message says; raise InvalidFactError, ValueError or RecursionError for what is no fact.

    Raises NewerFactError for a fact that a newer Segue wrote.
    """
    if len(message.key) + len(message.value or b"") > MOST_BYTES:
        raise InvalidFactError(f"a fact of more than {MOST_BYTES} bytes")
    what, *key = _strings(json.loads(message.key.decode()))
    value = None if message.value is None else _checked(json.loads(message.value.decode()))
    return SharedFact(message, what, key, value)


def _strings(value: Any) -> list[str]:  # noqa: ANN401 - anything that JSON can say
    if type(value) is not list or not all(type(one) is str for one in value):
        raise InvalidFactError("a list of words is expected")
    return value


def _checked(value: Any) -> Value:  # noqa: ANN401 - anything that JSON can say
    if type(value) is not dict or type(value.get("v")) is not int:
        raise InvalidFactError("no fact")
    if value["v"] > VERSION:
        raise NewerFactError("A newer Segue writes facts that this one cannot read: upgrade this one.")
    for name, said in value.items():
        wanted = _TYPES.get(name)
        if wanted is None or said is None:
            continue
        if type(said) is not wanted or (type(said) is int and not 0 <= said < 1 << 62):
            raise InvalidFactError(f"{name} is wrong")
        if wanted is list:
            _strings(said)
    return value
