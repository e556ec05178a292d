"""Tags of a wish's parts: kinds of a genre, the words for a mood, or a tag itself."""

from functools import lru_cache

from recommender.content.genres import ancestors
from recommender.content.moods import MOODS
from recommender.snapshot import Snapshot
from recommender.types import WishPart
from storage.naming.text import fold

_KIND_OF = 0.8  # a kind of the genre counts a little less than the genre itself


def tags_of(snapshot: Snapshot, part: WishPart) -> dict[int, float]:
    """Return tag column -> weight, 0 to 1, of a part; {} where no tag stands for it."""
    if part.kind == "genre":
        return dict(_genre_columns(snapshot.tags, fold(part.value)))
    known = MOODS.get(part.value)
    tags = known.tags if known else {part.value: 1.0}
    columns = snapshot.tag_columns(tuple(tags))
    return {column: weight for column, weight in zip(columns, tags.values(), strict=True) if column >= 0}


@lru_cache(maxsize=64)
def _genre_columns(tags: tuple[str, ...], genre: str) -> tuple[tuple[int, float], ...]:
    found = ((column, fold(name)) for column, name in enumerate(tags))
    return tuple(
        (column, 1.0 if name == genre else _KIND_OF) for column, name in found if genre in ancestors(name)
    )
