"""What a person decides for themselves, everywhere."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from bot.replies.i18n import say
from recommender.errors import NotKnown
from recommender.pipeline.diversity import DEFAULT, MOST, SETTING

_USAGE = "Say how adventurous your lists are to be, from 0 to {}: /settings adventurous 6."


async def settings(ask: Ask, arguments: Arguments) -> Notice:
    """Show the dial, or turn it: "adventurous 6"."""
    words = arguments.text.casefold().split()
    if not words:
        now = await _dial(ask)
        stands = say("Adventurous: {}. 0 brings what fits best, {} what few know.", now, MOST)
        return Notice(f"{stands} {say(_USAGE, MOST)}")
    dial = int(words[1]) if len(words) == 2 and words[1].isdecimal() else MOST + 1
    if words[0] != SETTING or dial > MOST:
        raise NotKnown(_USAGE, MOST)
    await ask.music.communities.set_wish(ask.listener.user_id, SETTING, str(dial))
    turned = say("Adventurous: {} of {} from the next list on.", dial, MOST)
    return Notice(f"{turned} {_meaning(dial)}")


async def _dial(ask: Ask) -> str:
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    return say("{}, as for everybody who has not said", DEFAULT) if kept is None else kept


def _meaning(dial: int) -> str:
    if not dial:
        return say("Lists bring what fits best, however alike.")
    a_little = "What everybody knows stands back a little, and songs of a list differ a little more."
    much = "What everybody knows stands back much, and songs of a list differ much more."
    return say(a_little if dial < MOST / 2 else much)
