"""What a person decides for themselves, everywhere."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from recommender.adventure import DEFAULT, MOST, SETTING
from recommender.errors import NotKnown

_USAGE = f"Say how adventurous your lists are to be, from 0 to {MOST}: /settings adventurous 6."


async def settings(ask: Ask, arguments: Arguments) -> Notice:
    """Show the dial, or turn it: "adventurous 6"."""
    words = arguments.text.casefold().split()
    if not words:
        now = await _dial(ask)
        return Notice(f"Adventurous: {now}. 0 brings what fits best, {MOST} what few know. {_USAGE}")
    dial = int(words[1]) if len(words) == 2 and words[1].isdecimal() else MOST + 1
    if words[0] != SETTING or dial > MOST:
        raise NotKnown(_USAGE)
    await ask.music.communities.set_wish(ask.listener.user_id, SETTING, str(dial))
    return Notice(f"Adventurous: {dial} of {MOST} from the next list on. {_meaning(dial)}")


async def _dial(ask: Ask) -> str:
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    return f"{DEFAULT}, as for everybody who has not said" if kept is None else kept


def _meaning(dial: int) -> str:
    if not dial:
        return "Lists bring what fits best, however alike."
    far = "a little" if dial < MOST / 2 else "much"
    return f"What everybody knows stands back {far}, and songs of a list differ {far} more."
