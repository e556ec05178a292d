"""Head of a taste profile, the same on every platform."""

from bot.replies.i18n import counted, say
from recommender.types import TasteProfile

_OF = {"plays": "Shares are of your plays.", "likes": "Shares are of what you like."}


def figures(known: TasteProfile) -> tuple[str, ...]:
    """Return the numbers of verdicts and plays, and the basis of the shares below."""
    counts = (counted(known.likes, "like"), counted(known.dislikes, "dislike"), counted(known.plays, "play"))
    return (", ".join(counts), *((say(_OF[known.shares_of]),) if known.artists else ()))
