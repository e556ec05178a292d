"""How adventurous somebody's lists are."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from bot.replies.i18n import say
from recommender.pipeline.diversity import DEFAULT, MOST, SETTING

_BOLD = 8


async def tune(ask: Ask, arguments: Arguments) -> Notice:
    """Set the dial; without a number, say where it stands."""
    wanted = arguments.options.get("n")
    user = ask.listener.user_id
    if wanted is None:
        stands = int(await ask.music.communities.wish(user, SETTING) or DEFAULT)
        told = say("Your dial stands at {} of {}: {}.", stands, MOST, _meaning(stands))
        return Notice(f"{told} {say('0 is safest, {} boldest.', MOST)}")
    await ask.music.communities.set_wish(user, SETTING, str(wanted))
    return Notice(say("Your dial stands at {} of {} from now on: {}.", wanted, MOST, _meaning(wanted)))


def _meaning(dial: int) -> str:
    """Return what a place of the dial does to lists."""
    if not dial:
        return say("only what should fit best, and no experiments")
    if dial <= DEFAULT:
        return say("mostly what should fit best, with an experiment now and then")
    if dial < _BOLD:
        return say("more variety, fewer songs that everybody knows, more experiments")
    return say("as much variety as I have, and many experiments")
