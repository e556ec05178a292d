"""Interpretation of a typed line: a command, thumbs, or a name.

Names win: "Link Wray" is a guitarist, "Help!" a song.  Without its slash, a command runs only if it changes
nothing, its words fit, and nothing in the catalogue has exactly that name.
"""

import math
from dataclasses import replace

from bot.command import Command
from bot.commands.table import called, unknown
from bot.commands.thumbs import thumbs_in
from bot.context import Ask, Mention
from bot.handlers import lookup, reactions, start, wishes
from bot.handlers.names import correction, either, on_list, understand
from bot.handlers.session_queue import mark_queue, on_screen, remember
from bot.handlers.small_talk import small_talk
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from recommender.errors import NothingToDo, NotKnown
from recommender.types import Song
from storage.records import Kind

_PLACE_SHARE = 4  # a community may ask this many times as often as one user
_LONGEST = 1000  # characters of a message; longer text names nothing


async def typed(ask: Ask, line: str, *, chatty: bool) -> Reply:
    """Answer a line; words without a command count as names only if `chatty` (private chats)."""
    line = line.encode(errors="replace").decode()
    text = " ".join(line.split())
    if len(text) > _LONGEST:
        raise NotKnown("That is longer than anything I can look up. Try the name of one song or artist.")
    reply = await _answer(ask, line, text, chatty=chatty)
    await remember(ask, reply)
    return reply


async def run(ask: Ask, command: Command, text: str) -> Reply:
    """Run a command on the words after it."""
    if command.subcommands and text and not command.reads_all:
        usages = "\n".join(one.usage for one in command.subcommands)
        raise NotKnown('"/{} {}" is nothing that I know. You can say:\n{}', command.name, text, usages)
    try:
        arguments = command.read(text)
    except NotKnown:
        if command.argument is None or not await ask.music.names.named(text, ask.listener.community_id):
            raise
        arguments = command.read("")  # "/recommend 1979": beyond the longest list, but a name
        arguments = replace(arguments, text=text)
    allow(ask, command)
    if command.mention is not None and arguments.text and not command.reads_all:
        found = await understand(ask, command.name, arguments.text)
        return await command.mention(ask, found) if isinstance(found, Mention) else found
    if command.handler is None:
        raise NotKnown(say("Say which: {}, for example {}.", command.usage, command.example))
    return await command.handler(ask, arguments)


def allow(ask: Ask, command: Command) -> None:
    """Raise `NothingToDo` if a costly command comes too often from a user or a community."""
    if not command.per_minute:
        return
    here = ask.listener.community_id
    keys = [("user", ask.listener.user_id, command.per_minute)]
    keys += [] if here is None else [("place", here, _PLACE_SHARE * command.per_minute)]
    for scope, ident, most in keys:
        wait = ask.music.limits.take((command.name, scope, ident), most)
        if wait:
            sentence = "That takes me a while each time, so give me a moment: /{} again in {} seconds."
            raise NothingToDo(sentence, command.name, math.ceil(wait))


async def _answer(ask: Ask, line: str, text: str, *, chatty: bool) -> Reply:
    if verdicts := thumbs_in(text):
        return await _thumbs(ask, text, verdicts)
    if text.startswith("/"):
        return await _with_slash(ask, text)
    if chatty and (talk := await small_talk(ask, text)) is not None:
        return talk
    if (found := called(text)) is not None:
        return await _without_slash(ask, text, *found, chatty=chatty)
    if not chatty or not text:
        return Notice(_hint(text))
    return await wishes.conversed(ask, text) or await lookup.look_up(ask, line)


async def _with_slash(ask: Ask, text: str) -> Reply:
    if (found := called(text)) is not None:
        return await run(ask, *found)
    if await _literally(ask, text):
        return await lookup.one(ask, text)
    name, _, rest = text.removeprefix("/").strip().partition(" ")
    return unknown(name.partition("@")[0], rest)


async def _thumbs(ask: Ask, text: str, verdicts: list[tuple[int, Kind]]) -> Reply:
    """Judge songs of the current list by their numbers; "+44" alone may also be the band."""
    live = await on_screen(ask)
    if live is not None:
        return await mark_queue(ask, live, verdicts)
    if len(verdicts) == 1 and (namesakes := await _literally(ask, text)):
        number, kind = verdicts[0]
        listed = await on_list(ask, number)
        return await lookup.one(ask, text) if listed is None else either(kind, text, listed, namesakes)
    return await reactions.mark_many(ask, verdicts)


async def _literally(ask: Ask, text: str) -> tuple[Song, ...]:
    """Return the songs and artists with exactly this name, signs included: "Help!" is not "help"."""
    found = await ask.music.names.named(text, ask.listener.community_id)
    return tuple(
        song for song in found if text.casefold() in map(str.casefold, (song.title or "", song.artist))
    )


async def _without_slash(ask: Ask, text: str, command: Command, rest: str, *, chatty: bool) -> Reply:
    """Answer words that begin with the name of a command."""
    if chatty and await _is_named(ask, text, is_alone=not rest):
        reply = await lookup.one(ask, text)
        if rest or not isinstance(reply, Done):
            return reply
        button = Button(f"/{command.name}", str(Run(command.name)))  # one word can mean both
        return replace(reply, buttons=(*reply.buttons, button))
    if not command.bare or not command.fits(rest):
        return await _slash_missing(ask, text, command, rest, chatty=chatty)
    try:
        return await run(ask, command, rest)
    except NotKnown as problem:
        if not rest or not chatty:
            raise
        try:
            return await lookup.look_up(ask, text)
        except NotKnown as nothing:
            is_name = command.argument is not None and command.argument.kind == "command"  # "Help Me"
            raise (nothing if is_name else problem) from None


async def _is_named(ask: Ask, text: str, *, is_alone: bool) -> bool:
    """Return whether something has this name; the name of a command alone must match to the letter."""
    if is_alone:
        return bool(await _literally(ask, text))
    return bool(await ask.music.names.named(text, ask.listener.community_id))


async def _slash_missing(ask: Ask, text: str, command: Command, rest: str, *, chatty: bool) -> Reply:
    """Answer a line that only lacks its slash to be a command: a name comes first."""
    if not rest or not chatty:
        return Notice(say("That command needs its slash: /{}", f"{command.name} {rest}".strip()))
    if (mention := await _named_after(ask, text, command, rest)) is not None:
        return start.card(mention.song, correction(mention))
    if (wished := await wishes.conversed(ask, text)) is not None:
        return wished
    try:
        return await lookup.look_up(ask, text)
    except NotKnown as nothing:
        if not command.fits(rest):
            raise
        sentence = 'I know no song or artist called "{}". For the command, type /{} {}.'
        raise NotKnown(sentence, text, command.name, rest) from nothing


async def _named_after(ask: Ask, text: str, command: Command, rest: str) -> Mention | None:
    """Return the mention after the command word, as in "like queen", if the whole line names nothing."""
    if command.mention is None or (await ask.find(text)).song is not None:
        return None
    found = await ask.find(rest)
    return None if found.song is None else Mention(found.song, misspelt=rest if found.corrected else "")


def _hint(text: str) -> str:
    if not text:
        return say("Type a command: /recommend, or /like and a name. /help lists all.")
    if text.isdecimal():
        return say("Song {0} of the last list? +{0} likes it, -{0} does not, /why {0} tells why.", text)
    return say("Commands begin with a slash: /like {0}, or /similar {0}. /help lists all.", text)
