"""`/weekly`, `/zone` and `/quiet`: what comes by itself, when, and how to end it; for a person or a place."""

import re
from collections.abc import Sequence

from bot.context import Arguments, Ask
from bot.handlers.admin import here
from bot.handlers.times import day_and_hour, guessed_zone, moment, read_moment
from bot.replies import Notice
from bot.replies.i18n import language, say
from recommender.errors import NotKnown
from recommender.service.mailings import Clock
from storage.chats import local_time
from storage.chats.local_time import Quiet
from storage.chats.subscriptions import MailingKind, Owner, Subscription

_MONDAY, _MORNING = 0, 9
_HOURS = re.compile(r"(\d{1,2})\s*(?:-|–|to|bis|a)\s*(\d{1,2})")  # noqa: RUF001 - as phones type it
_IN_ALL = "Of all that comes by itself, at most one message a day. /quiet ends all of it."
KINDS: dict[MailingKind, str] = {"weekly": "The weekly list", "releases": "New releases"}


def mine(ask: Ask) -> Owner:
    """Return the user who asks, as the owner of what comes by itself."""
    return Owner(ask.listener.user_id)


def ours(ask: Ask) -> Owner:
    """Return the place of the ask as an owner; raises `NothingToDo` in private."""
    return Owner(None, here(ask))


def chat_of(ask: Ask, owner: Owner) -> str:
    """Return where messages for an owner go: to the account that asks, or into the chat of the ask."""
    return ask.account.external_id if owner.user_id is not None else ask.chat


# --- /weekly ------------------------------------------------------------------------------------------------


async def weekly(ask: Ask, arguments: Arguments) -> Notice:
    """Show whether the weekly list is on."""
    del arguments
    return await weekly_of(ask, mine(ask), "")


async def weekly_on(ask: Ask, arguments: Arguments) -> Notice:
    """Turn the weekly list on, at a day and hour."""
    return await weekly_of(ask, mine(ask), f"on {arguments.text}")


async def weekly_off(ask: Ask, _: Arguments) -> Notice:
    """Turn the weekly list off."""
    return await weekly_of(ask, mine(ask), "off")


async def weekly_of(ask: Ask, owner: Owner, text: str) -> Notice:
    """Show or change an owner's weekly list: "", "on fri 18 Europe/Lisbon" or "off"."""
    verb, _, rest = text.strip().partition(" ")
    if verb.casefold() == "on":
        return await turn_on(ask, owner, "weekly", rest)
    if verb.casefold() == "off":
        return await turn_off(ask, owner, "weekly")
    if verb:
        raise NotKnown("Say on or off, as in /weekly on fri 18.")
    one = await ask.music.mailings.find(owner, "weekly")
    if one is None:
        off = "The weekly list is off. /weekly on fri 18 brings ten songs you have not seen, every Friday."
        return Notice(say(off))
    return Notice("\n".join(await _stands(ask, one)))


async def turn_on(
    ask: Ask,
    owner: Owner,
    kind: MailingKind,
    text: str,
    *,
    at_once: bool = False,
    wanted: Sequence[str] = (),
) -> Notice:
    """Turn a kind on or change it; what is not said stays as it is, or is a Monday morning."""
    said = read_moment(text)
    if said.zone is not None:
        await ask.music.mailings.set_zone(owner, said.zone)
    elif await ask.music.mailings.clock(owner) is None:
        await ask.music.mailings.set_zone(owner, guessed_zone(language()), is_guess=True)
    known = await ask.music.mailings.find(owner, kind)
    weekday, hour = (known.weekday, known.hour) if known else (_MONDAY, _MORNING)
    one = Subscription(
        owner,
        kind,
        ask.account.platform,
        chat_of(ask, owner),
        language(),
        weekday if said.weekday is None else said.weekday,
        hour if said.hour is None else said.hour,
        begun_at=0,
        at_once=at_once,
        wanted=tuple(wanted),
    )
    await ask.music.mailings.turn_on(one)
    return Notice("\n".join((*await _stands(ask, one), say(_IN_ALL))))


async def turn_off(ask: Ask, owner: Owner, kind: MailingKind) -> Notice:
    """Turn a kind off."""
    if not await ask.music.mailings.turn_off(owner, kind):
        return Notice(say("{}: off already.", say(KINDS[kind])))
    return Notice(say("{}: off.", say(KINDS[kind])))


async def _stands(ask: Ask, one: Subscription) -> list[str]:
    """Return a subscription in words, with its next time and what delays it."""
    clock = await ask.music.mailings.clock(one.owner) or Clock(local_time.UTC_NAME, True, local_time.NIGHT)
    if one.at_once:
        lines = [say("{}: as soon as there is something new.", say(KINDS[one.kind]))]
    else:
        at = await ask.music.mailings.next_at(one)
        when, zone = day_and_hour(one.weekday, one.hour), clock.zone
        told = "{}: {} ({}). The next one comes on {}."
        lines = [say(told, say(KINDS[one.kind]), when, zone, moment(at, zone))]
        if clock.quiet.covers(one.hour):
            late = "That is in your quiet hours, {} to {}: it comes after them. /quiet 0-6 changes them."
            lines.append(say(late, *clock.quiet))
    if clock.is_guess:
        guess = "I guessed the time zone {} from your language: /zone Lisbon, say, sets another."
        lines.append(say(guess, clock.zone))
    return lines


# --- /zone --------------------------------------------------------------------------------------------------


async def zone(ask: Ask, arguments: Arguments) -> Notice:
    """Show or set the user's time zone."""
    return await zone_of(ask, mine(ask), arguments.text)


async def zone_of(ask: Ask, owner: Owner, text: str) -> Notice:
    """Show or set an owner's time zone."""
    if text.strip():
        found = local_time.find_zone(text)
        if found is None:
            raise NotKnown('I know no time zone "{}". Say a large city of it: /zone Lisbon', text)
        await ask.music.mailings.set_zone(owner, found)
    clock = await ask.music.mailings.clock(owner)
    if clock is None:
        return Notice(say("I do not know your time zone. Say a large city of it: /zone Lisbon"))
    guess = say(" (I guessed that from your language.)") if clock.is_guess else ""
    return Notice(say("Time zone: {}.", clock.zone) + guess)


# --- /quiet -------------------------------------------------------------------------------------------------


async def quiet(ask: Ask, arguments: Arguments) -> Notice:
    """End all that comes to the user by itself, or set quiet hours."""
    return await quiet_of(ask, mine(ask), arguments.text)


async def quiet_of(ask: Ask, owner: Owner, text: str) -> Notice:
    """End all that comes to an owner by itself; with hours, only keep those free."""
    if not text.strip():
        count = await ask.music.mailings.turn_off(owner)
        if count:
            return Notice(
                say("All quiet: nothing comes by itself any more. /weekly and /releases turn it on.")
            )
        return Notice(say("It is quiet already: nothing comes by itself."))
    said = _HOURS.fullmatch(text.strip().casefold())
    if said is None or max(int(said[1]), int(said[2])) > 24:
        raise NotKnown("Say the hours, as in /quiet 22-8. /quiet alone ends all that comes by itself.")
    hours = Quiet(int(said[1]) % 24, int(said[2]) % 24)
    await ask.music.mailings.set_quiet(owner, hours)
    if hours.start == hours.end:
        return Notice(say("No quiet hours: what you asked for may come at any hour."))
    return Notice(say("Quiet hours: {}:00 to {}:00. What is due then comes after them.", *hours))


async def listed(ask: Ask) -> list[str]:
    """Return one line for each kind that comes to the user by itself."""
    found = await ask.music.mailings.of(mine(ask))
    return [f"- {line}" for one in found for line in (await _stands(ask, one))[:1]]


async def closed_note(ask: Ask) -> str:
    """Return once that messages could not reach the user, and what that ended; "" otherwise."""
    gone = await ask.music.mailings.take_closed(mine(ask))
    if not gone:
        return ""
    names = ", ".join(say(KINDS[one.kind]) for one in gone)
    told = "I could not write to you, so I turned this off: {}. /weekly on and /releases on bring it back."
    return say(told, names)
