"""Messages of the log: facts of one machine, as others receive them, and checks of what they say."""

from typing import NamedTuple

from storage.errors import InvalidFactError
from storage.sharing.outbox import VERSION, Value

_STRINGS = ("artist", "title", "source", "undoes", "name", "value")
_NUMBERS = ("at", "recorded_at", "plays", "ms_played")
_LISTS = ("user", "host", "place", "also")


class Message(NamedTuple):
    """A fact as it came from the log."""

    key: bytes
    value: bytes | None
    origin: str  # the machine that published it
    number: int  # of its row in that machine's outbox


class Applied(NamedTuple):
    """What came of some messages."""

    facts: int
    refused: list[tuple[Message, str]]  # what cannot be read, and why
    forgotten: int  # users who were erased


class NewerFactError(InvalidFactError):
    """A fact that a newer Segue wrote."""


def strings(value: object) -> list[str]:
    """Return a list of words; raise InvalidFactError for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidFactError("a list of words is expected")
    return value


def checked(value: object) -> Value:
    """Return a value whose fields the database can take; raise InvalidFactError otherwise."""
    if not isinstance(value, dict) or not isinstance(value.get("v"), int):
        raise InvalidFactError("no fact")
    if value["v"] > VERSION:
        raise NewerFactError("A newer Segue writes facts that this one cannot read: upgrade this one.")
    for name in value.keys() & {*_STRINGS, *_NUMBERS, *_LISTS}:
        said = value[name]
        fine = said is None
        if name in _LISTS:
            fine = fine or bool(strings(said))
        elif name in _STRINGS:
            fine = fine or isinstance(said, str)
        else:
            fine = fine or (isinstance(said, int) and 0 <= said < 1 << 62)
        if not fine:
            raise InvalidFactError(f"{name} is wrong")
    return value
