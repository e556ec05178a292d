"""Roles of columns, by the spellings of column names in real tables."""

from collections.abc import Iterable, Mapping

from storage.imports.table import squash

Spellings = Mapping[str, tuple[str, ...]]  # role -> squashed column names, the most specific first


def spellings(**roles: str) -> dict[str, tuple[str, ...]]:
    """Return the spellings of each role, given as words with spaces between them."""
    return {role: tuple(names.split()) for role, names in roles.items()}


def find_columns(header: Iterable[str], wanted: Spellings) -> dict[str, int]:
    """Return role -> place for the columns of a header; each column has at most one role.

    >>> find_columns(["userID", "Artist Name", "id"], spellings(user="userid", artist="artist artistname"))
    {'user': 0, 'artist': 1}
    """
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(squash(name), place)
    found: dict[str, int] = {}
    for role, names in wanted.items():
        free = [places[name] for name in names if name in places and places[name] not in found.values()]
        if free:
            found[role] = free[0]
    return found


def all_spellings(of: Spellings) -> frozenset[str]:
    """Return the spellings of all roles."""
    return frozenset(name for names in of.values() for name in names)
