"""Words of grammar that the parser looks at one by one; all folded, from `bot/data/word-sets.csv`."""

import csv
from pathlib import Path

from bot.wishes.tokens import Token

_FILE = Path(__file__).parents[1] / "data" / "word-sets.csv"
with _FILE.open(encoding="utf-8", newline="") as _lines:
    _SETS = {row["set"]: frozenset(row["words"].split()) for row in csv.DictReader(_lines)}

UNITS, AGES = _SETS["units"], _SETS["ages"]
SONGS = _SETS["songs"]
"""Of these a number counts: "two happy songs"."""
REQUESTS = SONGS | _SETS["requests"]
"""A line with one of these asks for music."""
ASKING = _SETS["asking"]
"""Kinds of grammar words that no name has."""
ENDS_NOT = _SETS["ends_not"]
"""They end what "not" covers: "no metal for running"."""
ENDS_NAME = ENDS_NOT | _SETS["ends_name"]
COMPARATIVES = _SETS["comparatives"]
AT_THE_END = _SETS["at_the_end"]
"""German comparatives that look like inflected adjectives; at the end they are none: "etwas ruhiger"."""
LISTING, CONJUNCTIONS = _SETS["listing"], _SETS["conjunctions"]
EARLY, MID, LATE = _SETS["early"], _SETS["mid"], _SETS["late"]
SINCE, AFTER = _SETS["since"], _SETS["after"]
BEFORE, UNTIL, TO = _SETS["before"], _SETS["until"], _SETS["to"]
BRIDGE, BEFORE_BARE = _SETS["bridge"], _SETS["before_bare"]
OPENING = _SETS["opening"]
"""They open a range of years."""
NO_GENRES = _SETS["no_genres"]
"""Names of genres that are other words first."""


def compare(phrase: list[str], after: list[Token]) -> bool:
    """Tell whether a phrase compares: "happier"; `after` is the token behind it, if any."""
    if len(phrase) != 1:
        return False
    is_last = not after or after[0].is_sign
    return phrase[0] in COMPARATIVES or (phrase[0] in AT_THE_END and is_last)
