"""A user's settings, valid everywhere."""

from bot.context import Arguments, Ask
from bot.handlers import listen_links, pictures
from bot.replies import Notice
from bot.replies.i18n import say
from recommender.pipeline.diversity import DEFAULT, MOST, SETTING


async def settings(ask: Ask, _: Arguments) -> Notice:
    """Show every setting and how to change it."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    now = say("{}, as for everybody who has not said", DEFAULT) if kept is None else kept
    stands = say("Adventurous: {}. 0 brings what fits best, {} what few know.", now, MOST)
    change = say("Change it with /settings adventurous and a number, or /tune.")
    shown = say("Change it with /settings pictures and dark, light or off.")
    links = (await listen_links.links(ask, Arguments())).text
    return Notice(f"{stands} {change}\n{links}\n{await pictures.stands(ask)} {shown}")


async def adventurous(ask: Ask, arguments: Arguments) -> Notice:
    """Set how adventurous slates are; without a number, show it."""
    level = arguments.options.get("level")
    if level is None:
        return await settings(ask, arguments)
    await ask.music.communities.set_wish(ask.listener.user_id, SETTING, str(level))
    turned = say("Adventurous: {} of {} from the next list on.", level, MOST)
    return Notice(f"{turned} {_meaning(level)}")


def _meaning(level: int) -> str:
    if not level:
        return say("Lists bring what fits best, even if it all sounds alike.")
    a_little = "Slightly fewer famous songs, and slightly more variety."
    much = "Far fewer famous songs, and much more variety."
    return say(a_little if level < MOST / 2 else much)
