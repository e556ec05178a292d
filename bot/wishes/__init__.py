"""Wishes: what somebody types who wants music, taken apart: "upbeat 80s pop like ABBA but not Madonna".

`parse` is deterministic and knows English, German, Spanish, French and Portuguese at once, since people mix
them.  It goes from
left to right and takes the longest phrase of the vocabulary, or the longest name of an artist.
"""

from dataclasses import dataclass
from typing import Literal

from recommender.types import WishPart

Intent = Literal["", "songs", "love", "more", "surprise"]
"""songs: parts to go by.  love: names of what somebody likes.  more: as many again.  surprise: no wish."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish: its parts in the order they were said, and what was not understood."""

    parts: tuple[WishPart, ...] = ()
    count: int | None = None  # of songs, 1 to 20
    unknown: tuple[str, ...] = ()  # words that mean nothing here, as typed
    intent: Intent = ""
    is_asked: bool = False  # with a word such as "play" or "songs", which no name alone has

    def __str__(self) -> str:
        """Return it in short: "genre:synthpop era:1980-1989 n:8 ?danceable-ish"."""
        count = [] if self.count is None else [f"n:{self.count}"]
        return " ".join([*map(str, self.parts), *count, *(f"?{word}" for word in self.unknown)])
