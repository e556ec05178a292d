"""How adventurous somebody's lists are."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from bot.words import say
from recommender.adventure import DEFAULT, MOST, SETTING


async def tune(ask: Ask, arguments: Arguments) -> Notice:
    """Set the dial; without a number, say where it stands."""
    wanted = arguments.options.get("n")
    user = ask.listener.user_id
    if wanted is None:
        stands = int(await ask.music.communities.wish(user, SETTING) or DEFAULT)
        return Notice(say("Your dial stands at {} of {}. 0 is safest, {} boldest.", stands, MOST, MOST))
    await ask.music.communities.set_wish(user, SETTING, str(wanted))
    return Notice(say("Your dial stands at {} of {} from now on.", wanted, MOST))
