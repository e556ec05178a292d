"""Two people's tastes side by side: what they share, and nothing that only one of them has."""

from math import sqrt

from bot.context import Ask
from bot.explanations import listed
from bot.replies import Notice
from recommender.errors import NothingToDo
from recommender.types import Listener, Share


async def compare(ask: Ask, other: int | None, name: str) -> Notice:
    """Say what the person shares with the user `other`, who goes by `name`."""
    if other == ask.listener.user_id:
        raise NothingToDo("You agree with yourself on everything. Try it on somebody else.")
    mine = await ask.music.profile(ask.listener)
    if not mine.artists:
        raise NothingToDo("I do not know your taste yet. Tell me three things you love: /like and a name.")
    theirs = None if other is None else await ask.music.profile(Listener(other, None, ask.listener.platform))
    if theirs is None or not theirs.artists:
        raise NothingToDo(f"{name} has not told me enough yet to compare.")
    agreement = _cosine(mine.artists + mine.tags, theirs.artists + theirs.tags)
    lines = [f"{ask.name} and {name} agree by {agreement:.0%}."]
    for heading, ours, others in (
        ("Both like", mine.artists, theirs.artists),
        ("Common ground", mine.tags, theirs.tags),
    ):
        shared = _shared(ours, others)
        if shared:
            lines.append(f"{heading}: {listed(shared)}.")
    return Notice("\n".join(lines))


def _shared(mine: tuple[Share, ...], theirs: tuple[Share, ...]) -> tuple[str, ...]:
    names = {share.name for share in theirs}
    return tuple(share.name for share in mine if share.name in names)


def _cosine(mine: tuple[Share, ...], theirs: tuple[Share, ...]) -> float:
    a, b = ({share.name: share.weight for share in shares} for shares in (mine, theirs))
    lengths = sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return sum(weight * b.get(name, 0.0) for name, weight in a.items()) / lengths if lengths else 0.0
