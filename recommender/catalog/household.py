"""Household names: artists that nearly everybody knows, compiled by hand, best known first.

They start the conversation with a new user until this database has enough users to learn from.
"""

import csv
from functools import cache
from itertools import zip_longest
from pathlib import Path

from storage.catalogue.related import RelatedArtists
from storage.naming.text import fold
from storage.store import Store

_FILE = Path(__file__).parents[1] / "data" / "household-names.csv"
_OF_EACH = 2  # international names after each name of the language


def household_names(store: Store, language: str = "") -> list[int]:
    """Return the ids of the household names in the catalogue, those of a language mixed in first."""
    keys = [key for key in _keys(language) if key]
    known = RelatedArtists(store.db).named(keys)
    return [known[key] for key in keys if key in known]


@cache
def _keys(language: str) -> tuple[str, ...]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = [(row["language"], fold(row["artist"])) for row in csv.DictReader(lines)]
    world = [key for spoken, key in rows if not spoken]
    own = [key for spoken, key in rows if spoken == language and spoken]
    pairs = zip_longest(*(world[place::_OF_EACH] for place in range(_OF_EACH)), fillvalue="")
    mixed = [key for one, two in zip_longest(own, pairs, fillvalue="") for key in (one, *two)]
    return tuple(dict.fromkeys(mixed))
