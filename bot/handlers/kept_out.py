"""`/private`, `/exclude` and `/include`: what is kept out of the user's taste."""

import re
from datetime import date

from bot.context import Arguments, Ask, Mention
from bot.handlers.names import understand
from bot.handlers.times import moment
from bot.replies import Confirm, Done, Notice, Reply
from bot.replies.buttons import KeepOut
from bot.replies.i18n import counted, say
from recommender.errors import NotKnown
from storage.listening.exclusions import Exclusion

LONGEST_PRIVATE = 72
"""Hours."""

_DATE = r"(\d{4}-\d{2}-\d{2})"
_DATES = re.compile(rf"{_DATE}(?:\s*(?:\.\.|–|to|bis|a)\s*{_DATE})?")  # noqa: RUF001 - as phones type it
_GENRE = re.compile(r"(?:genre|tag|género|genero)\s*:\s*(.+)", re.IGNORECASE)
_ON, _OFF = ("on", "until tomorrow"), "off"
_KIND = {"artist": "{}", "tag": "genre: {}", "source": "what comes from {}"}


# --- /private -----------------------------------------------------------------------------------------------


async def private(ask: Ask, arguments: Arguments) -> Notice:
    """Show or change whether what the user says and plays teaches anything just now."""
    words = arguments.text.casefold().removeprefix("on ").strip() or ""
    if words == _OFF:
        ended = await ask.music.kept_out.end_private(ask.listener)
        off = (
            "Private is off: from now on I learn again. What happened meanwhile stays out; /include lists it."
        )
        return Notice(say(off if ended else "Private is off."))
    if not words:
        until = await ask.music.kept_out.private_until(ask.listener)
        if until is None:
            return Notice(
                say("Private is off. /private on: until tomorrow I learn nothing from what you do.")
            )
        return Notice(await _private(ask, until))
    hours = None if words in _ON else _hours(words)
    until = await ask.music.kept_out.begin_private(ask.listener, hours)
    return Notice(await _private(ask, until))


async def private_on(ask: Ask, arguments: Arguments) -> Notice:
    """Turn it on, for some hours or until tomorrow."""
    return await private(ask, Arguments(f"on {arguments.text}" if arguments.text else "on"))


async def private_off(ask: Ask, _: Arguments) -> Notice:
    """Turn it off."""
    return await private(ask, Arguments(_OFF))


def _hours(words: str) -> int:
    number = words.removesuffix("h").removesuffix("hours").removesuffix("hour").strip()
    if not number.isdecimal() or not 1 <= int(number[:9]) <= LONGEST_PRIVATE:
        raise NotKnown("Say for how many hours, 1 to {}: /private on 3", LONGEST_PRIVATE)
    return int(number)


async def _private(ask: Ask, until: int) -> str:
    zone = await ask.music.kept_out.zone(ask.listener)
    told = "Private until {} ({}): what you play and like stays in your history and teaches me nothing. "
    return say(told, moment(until, zone), zone) + say("/private off ends it.")


# --- /exclude and /include ----------------------------------------------------------------------------------


async def exclude(ask: Ask, arguments: Arguments) -> Reply:
    """Keep something out of the taste; without words, list what is."""
    text = arguments.text.strip()
    if not text:
        return Notice(await _listed(ask))
    if (said := _DATES.fullmatch(text.casefold())) is not None:
        return await _exclude_days(ask, said[1], said[2] or said[1])
    if (genre := _GENRE.fullmatch(text)) is not None:
        return await _exclude_tag(ask, genre[1])
    if (source := text.casefold()) in await ask.music.kept_out.sources(ask.listener):
        kept = await ask.music.kept_out.exclude(ask.listener, "source", source=source)
        return Done(_told(say(_KIND["source"], source), kept.events, is_new=kept.is_new))
    found = await understand(ask, "exclude", text)
    return await exclude_artist(ask, found) if isinstance(found, Mention) else found


async def exclude_artist(ask: Ask, mention: Mention) -> Done:
    """Keep an artist, or the artist of a song, out of the taste."""
    subject = mention.song.subject
    kept = await ask.music.kept_out.exclude(ask.listener, "artist", artist=subject.artist_id)
    return Done(_told(mention.song.artist, kept.events, is_new=kept.is_new))


async def _exclude_tag(ask: Ask, word: str) -> Done:
    tag = await ask.music.names.find_tag(word)
    if tag is None:
        raise NotKnown(
            "I know no genre or mood like {}. /exclude takes an artist, genre: and days too.", word
        )
    kept = await ask.music.kept_out.exclude(ask.listener, "tag", tag=tag)
    return Done(_told(say(_KIND["tag"], tag), kept.events, is_new=kept.is_new))


async def _exclude_days(ask: Ask, first: str, last: str) -> Done:
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise NotKnown("Say days that there are, as in /exclude 2026-12-01..2026-12-26") from error
    if days[0] > days[1]:
        raise NotKnown("The first day comes first, as in /exclude 2026-12-01..2026-12-26")
    kept = await ask.music.kept_out.exclude(ask.listener, "dates", days=days)
    return Done(_told(first if first == last else f"{first}..{last}", kept.events, is_new=kept.is_new))


def _told(name: str, events: int, *, is_new: bool) -> str:
    if not is_new:
        return say("Kept out of your taste already: {}.", name)
    told = "Kept out of your taste: {}. {} from before, and all that comes, teach me nothing. "
    return say(told, name, counted(events, "event")) + say("/include undoes it.")


async def include(ask: Ask, arguments: Arguments) -> Notice:
    """Let something back into the taste, by its number or name; without words, list what is out."""
    text = arguments.text.strip()
    rules = await ask.music.kept_out.of(ask.listener)
    if not text:
        return Notice(await _listed(ask))
    names = [(await _name(ask, rule)).casefold() for rule in rules]
    wanted = text.casefold()
    at = int(text[:9]) - 1 if text.isdecimal() else names.index(wanted) if wanted in names else -1
    if not 0 <= at < len(rules):
        raise NotKnown("That is not kept out. /exclude lists what is, with numbers: /include 1")
    count = await ask.music.kept_out.include(ask.listener, rules[at].id)
    back = "Back in your taste: {}. Counted again: {}."
    return Notice(say(back, await _name(ask, rules[at]), counted(count, "event")))


async def _listed(ask: Ask) -> str:
    rules = await ask.music.kept_out.of(ask.listener)
    if not rules:
        nothing = "Nothing is kept out of your taste. /exclude takes an artist, genre: ambient, "
        return say(nothing) + say("days like 2026-12-01..2026-12-26, or a source like lastfm.")
    lines = [
        f"{n}. {await _name(ask, rule)}: {counted(rule.events, 'event')}" for n, rule in enumerate(rules, 1)
    ]
    return "\n".join([say("Kept out of your taste (/include 1 lets the first back in):"), *lines])


async def _name(ask: Ask, rule: Exclusion) -> str:
    if rule.since is None or rule.until is None:
        return say(_KIND[rule.what], rule.name)
    zone = await ask.music.kept_out.zone(ask.listener)
    span = say("{} to {}", moment(rule.since, zone), moment(rule.until, zone))
    return say("private, {}", span) if rule.what == "private" else span


# --- the offer ----------------------------------------------------------------------------------------------


async def offer(ask: Ask) -> Confirm | None:
    """Return the question whether a night of one kind is to be left out, once; None without one."""
    found = await ask.music.kept_out.offer(ask.listener)
    if found is None:
        return None
    zone = await ask.music.kept_out.zone(ask.listener)
    repeat = "{} came {} times in a row from {} on. Leave this out of your taste?"
    sleep = (
        "From {2} on there were {1} plays for sleep or children, most of {0}. Leave this out of your taste?"
    )
    question = say(
        repeat if found.sort == "repeat" else sleep, found.label, found.plays, moment(found.since, zone)
    )
    return Confirm(question, str(KeepOut(found.id)), str(KeepOut(found.id, False)))


async def answered(ask: Ask, button: KeepOut) -> Notice:
    """Store the answer to that question."""
    count = await ask.music.kept_out.answer(ask.listener, button.offer_id, yes=button.says_yes)
    if not button.says_yes:
        return Notice(say("It stays in. I will not ask again."))
    return Notice(say("Left out: {}. /exclude lists it, /include undoes it.", counted(count, "event")))
