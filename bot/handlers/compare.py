"""Comparison of tastes among users who agreed to it in this community."""

import re
from dataclasses import replace

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.moods import recommend_together
from bot.handlers.pictures import look
from bot.pictures import Drawing
from bot.pictures.pair import pair_picture
from bot.replies import Confirm, Notice, Reply, SlateReply
from bot.replies.buttons import Agree
from bot.replies.i18n import listed, number, percent, say
from recommender.errors import NothingToDo, NotKnown
from recommender.service.comparisons import Comparison

_MOST_BLENDED = 8
_MOST_NAMED = 20
_NAMES = re.compile(r"\s*,\s*|\s+(?=[@<])|\s+(?:and|und|y|e|et)\s+")
_QUESTION = (
    "Can people here see what you listen to? If so, /compare, /blend, /who and /neighbours can name "
    "you here, to those who agreed as well. I ask this once; /visible on or off changes it at any time."
)


async def compare(ask: Ask, arguments: Arguments) -> Reply:
    """Show what two users have in common, and what each could recommend to the other."""
    if asked := await _asked(ask):
        return asked
    user, name = await ask.music.comparing.find(ask.listener, arguments.text)
    if user == ask.listener.user_id:
        raise NothingToDo("You agree with yourself on everything. Try it on somebody else.")
    found = await ask.music.comparing.compare(ask.listener, user, name)
    wanted = await look(ask)
    pictures = () if wanted is None else (pair_picture(ask.name, found, wanted),)
    return Notice(_told(ask.name, found), pictures=pictures)


async def blend(ask: Ask, arguments: Arguments) -> Reply:
    """Return a slate for several users."""
    if asked := await _asked(ask):
        return asked
    names = [name for name in _NAMES.split(arguments.text.strip()) if name][:_MOST_BLENDED]
    found = [await ask.music.comparing.find(ask.listener, name) for name in names]
    others = {user: name for user, name in found if user != ask.listener.user_id}
    if not others:
        raise NothingToDo("A blend takes somebody else: /blend Ann, Bo.")
    reply = await recommend_together(ask, Arguments(options=arguments.options), tuple(others))
    return replace(reply, pictures=await _pair(ask, others)) if isinstance(reply, SlateReply) else reply


async def _pair(ask: Ask, others: dict[int, str]) -> tuple[Drawing, ...]:
    """Return the picture of a blend of two; none where too little is known of one of them."""
    wanted = await look(ask)
    if wanted is None or len(others) > 1:
        return ()
    [(user, name)] = others.items()
    try:
        found = await ask.music.comparing.compare(ask.listener, user, name)
    except NothingToDo:
        return ()
    return (pair_picture(ask.name, found, wanted),)


async def who(ask: Ask, mention: Mention) -> Reply:
    """List the users who agreed and listen to an artist."""
    if asked := await _asked(ask):
        return asked
    names = await ask.music.comparing.who(ask.listener, mention.song.subject.artist_id)
    artist = " ".join(mention.song.artist.split())
    if not names:
        raise NothingToDo("Nobody visible here has told me about {}.", artist)
    more = (say("{} more", number(len(names) - _MOST_NAMED)),) if len(names) > _MOST_NAMED else ()
    return Notice(f"{artist}: {listed((*names[:_MOST_NAMED], *more))}")


async def neighbours(ask: Ask, _: Arguments) -> Reply:
    """List the users here with the most similar taste."""
    if asked := await _asked(ask):
        return asked
    near = await ask.music.comparing.neighbours(ask.listener)
    if not near:
        raise NothingToDo("Nobody visible here has a taste like yours yet. Others can join with /visible on.")
    return Notice("\n".join(f"{name}: {percent(share)}" for name, share in near))


async def visible(ask: Ask, arguments: Arguments) -> Notice:
    """Show or change whether others here can compare with the user."""
    wish = arguments.text.strip().casefold()
    if wish not in ("", "on", "off"):
        raise NotKnown("Say /visible on or /visible off.")
    if wish:
        await ask.music.comparing.decide(ask.listener, visible=wish == "on")
    is_on = await ask.music.comparing.decided(ask.listener) or False
    shown = "You are visible here: others who are can compare their taste with yours. /visible off ends it."
    hidden = "You are not visible here: nobody can compare their taste with yours. /visible on changes it."
    return Notice(say(shown if is_on else hidden))


async def agreed(ask: Ask, button: Agree) -> Notice:
    """Store the answer to the consent question, which is asked once."""
    await ask.music.comparing.decide(ask.listener, visible=button.says_yes, place=button.community_id)
    on = "You are visible there from now on. Ask again; /visible off ends it."
    return Notice(say(on if button.says_yes else "You stay invisible there. /visible on changes it."))


def question(ask: Ask, community_id: int) -> Confirm:
    """Return the question whether others in a community may compare with the user."""
    user = ask.listener.user_id
    return Confirm(say(_QUESTION), str(Agree(community_id, user)), str(Agree(community_id, user, False)))


async def _asked(ask: Ask) -> Confirm | None:
    """Return the consent question until it is answered; raises `NothingToDo` if the user refused.

    The question may get lost: the bot cannot write to a user who never opened a private chat with it.
    """
    decided = await ask.music.comparing.decided(ask.listener)
    if decided is None and ask.listener.community_id is not None:
        return question(ask, ask.listener.community_id)
    if not decided:
        raise NothingToDo("Turn on /visible first: /visible on lets both sides see.")
    return None


def _told(me: str, found: Comparison) -> str:
    lines = [say("{} and {} have {} in common.", me, found.name, percent(found.agreement))]
    if found.shared:
        lines.append(say("Both like: {}.", listed(found.shared)))
    if found.they_show:
        lines.append(say("{} could show you: {}.", found.name, listed(found.they_show)))
    if found.i_show:
        lines.append(say("You could show {}: {}.", found.name, listed(found.i_show)))
    if found.both is not None:
        lines.append(say("A song for both: {}.", spoken(found.both)))
    return "\n".join(lines)
