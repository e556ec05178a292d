"""Every command once, and the one edge where words come in and replies go out.

`dispatch` takes what somebody typed, `press` what a button carried.  Both always return a reply: what a
person can mend comes back as a `Problem` that says how, anything else is logged under a code to quote.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from bot.commands.permissions import thing_of
from bot.commands.table import COMMANDS, called, unknown
from bot.commands.typed import run, typed
from bot.context import Ask, Context
from bot.handlers import (
    compare,
    linking,
    privacy,
    reactions,
    recommend,
    sessions,
    start,
)
from bot.handlers.names import pointed_at
from bot.replies import Problem, Reply, SlateReply
from bot.replies.buttons import Act, Agree, Feedback, Join, Love, OnSession, OnSong, Run, Whole, Yes, parse
from bot.replies.i18n import say, told
from recommender.errors import MusicError, NotKnown
from recommender.service.permissions import OneSlate
from storage.errors import BusyError, DiskFullError, InvalidFactError
from storage.records import Kind

T = TypeVar("T")

log = logging.getLogger(__name__)

_KINDS = {"like": Kind.LIKE, "dislike": Kind.DISLIKE, "skip": Kind.SKIP}


async def dispatch(context: Context, line: str, *, chatty: bool = False) -> Reply:
    """Answer what somebody typed: "/like queen", "queen", "+2 -3".

    `chatty` takes what is no command for names of music: between the two of us there is nobody else it
    could be meant for.
    """
    return await _answered(context, partial(typed, line=line, chatty=chatty))


async def press(context: Context, payload: str) -> Reply:
    """Answer a button; see `bot.replies.buttons` for what it carries."""
    return await _answered(context, partial(_pressed, payload=payload), spoke=False)


async def on_list(context: Context, slate_id: int, work: Callable[[Ask], Awaitable[Reply]]) -> Reply:
    """Answer what somebody does to a list without a button of it: a reaction, an answer, a turned page."""

    async def checked(ask: Ask) -> Reply:
        await ask.music.permissions.check(ask.listener, ask.where, OneSlate(slate_id))
        return await work(ask)

    return await _answered(context, checked, spoke=False)


async def perform(context: Context, work: Callable[[Ask], Awaitable[Reply]], *, spoke: bool = True) -> Reply:
    """Answer something that only one platform offers: `work` is asked, and its errors become words.

    `spoke` is False for what was pressed, which anybody may do who sees a message.
    """
    return await _answered(context, work, spoke=spoke)


async def delivered(context: Context, reply: Reply) -> Problem | None:
    """Stamp a list as seen, once the platform has taken the message; a problem is returned to be shown."""
    if not isinstance(reply, SlateReply):
        return None
    slate_id = reply.slate.id
    # Nobody is greeted again: what was just delivered may be that all is deleted.
    return await _in_words(context, lambda: context.music.shown(slate_id))


async def _answered(
    context: Context, work: Callable[[Ask], Awaitable[Reply]], *, spoke: bool = True
) -> Reply:
    """Do the work for the user who asks."""

    async def asked() -> Reply:
        listener = await context.music.arrive(context.account, context.community, spoke=spoke)
        where = context.place, context.chat, context.picking
        return await work(Ask(context.music, listener, context.account, context.update, *where))

    return await _in_words(context, asked)


async def _in_words(context: Context, work: Callable[[], Awaitable[T]]) -> T | Problem:
    """Do the work; the only place where errors become words."""
    try:
        return await work()
    except (MusicError, BusyError, DiskFullError, InvalidFactError) as error:
        return Problem(told(error), error.missing if isinstance(error, NotKnown) else "")
    except Exception:
        code = secrets.token_hex(3)
        # Not which update: its name says in which chat, and a private chat is a person.
        log.exception("code %s: an update from %s failed", code, context.account.platform)
        return Problem(
            say(
                "Something went wrong on my side, and I wrote it down as {}. Please try again; "
                "if it happens again, tell that code to whoever runs me.",
                code,
            )
        )


async def _pressed(ask: Ask, payload: str) -> Reply:
    button = parse(payload)
    if (thing := thing_of(button)) is not None:
        await ask.music.permissions.check(ask.listener, ask.where, thing)
    if isinstance(button, Feedback | Whole):
        return await _pressed_on_list(ask, button)
    if isinstance(button, OnSong | OnSession):
        return await sessions.pressed(ask, button)
    return await _pressed_alone(ask, button)


async def _pressed_alone(ask: Ask, button: Act | Run | Agree | Love | Join | Yes) -> Reply:
    match button:
        case Act(name, subject):
            command = COMMANDS.get(name)
            if command is None or command.mention is None:
                raise NotKnown("I do not know that button any more. /help lists what I can do.")
            return await command.mention(ask, await pointed_at(ask, subject))
        case Run(name):
            found = called(name)
            return unknown(name) if found is None else await run(ask, *found)
        case Love(artist_id):
            return await start.loved(ask, artist_id)
        case Join(code):
            return await linking.joined(ask, code)
        case Agree():
            return await compare.agreed(ask, button)
        case Yes():
            return await privacy.forgotten(ask)


async def _pressed_on_list(ask: Ask, button: Feedback | Whole) -> Reply:
    match button:
        case Feedback(slate_id, position, "more"):
            return await recommend.more_like(ask, slate_id, position)
        case Feedback(slate_id, position, "why"):
            return await recommend.why_this(ask, slate_id, position)
        case Feedback(slate_id, position, verb):
            return await reactions.mark(ask, slate_id, position, _KINDS[verb])
        case Whole(slate_id, "more"):
            return await recommend.another_of(ask, slate_id)
        case Whole(slate_id, _):
            return await recommend.why_all(ask, slate_id)
