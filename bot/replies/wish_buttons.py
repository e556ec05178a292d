"""Buttons that take one part out of a wish."""

from bot.replies.buttons import Trim
from bot.wishes.wording import told
from recommender.types import ServedSlate

_MOST = 4


def trims(slate: ServedSlate, most: int = _MOST) -> list[tuple[str, str]]:
    """Return label and payload for each part of a slate's wish, at most `most`; none for a single part."""
    query = slate.query
    is_all = len(query.wish) == 1 and not (query.seeds or query.artists)
    parts = [] if is_all else list(enumerate(query.wish))[:most]
    return [(f"✕ {told(part)}", str(Trim(slate.id, at))) for at, part in parts]
