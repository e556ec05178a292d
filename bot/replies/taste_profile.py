"""Head of a taste profile, the same on every platform."""

from dataclasses import replace

from bot.replies.i18n import counted, say
from bot.wishes.wording import tag
from recommender.types import Share, TasteProfile

_OF = {"plays": "Shares are of your plays.", "likes": "Shares are of what you like."}


def figures(known: TasteProfile) -> tuple[str, ...]:
    """Return the numbers of verdicts and plays, and the basis of the shares below."""
    counts = (counted(known.likes, "like"), counted(known.dislikes, "dislike"), counted(known.plays, "play"))
    return (", ".join(counts), *((say(_OF[known.shares_of]),) if known.artists else ()))


def shares_of(known: TasteProfile) -> tuple[tuple[str, tuple[Share, ...]], ...]:
    """Return the shares of a taste under their headings; genres and decades are in the user's language."""
    genres, decades = (
        tuple(replace(share, name=tag(share.name)) for share in shares)
        for shares in (known.tags, known.decades)
    )
    named = (say("Artists"), known.artists), (say("Genres"), genres), (say("Decades"), decades)
    return tuple((heading, shares) for heading, shares in named if shares)
