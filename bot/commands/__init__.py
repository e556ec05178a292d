"""All commands, and the single entry point: words come in, replies go out.

`dispatch` takes a typed line, `press` a button's payload.  Both always return a reply: an error that the user
can fix becomes a `Problem` with advice; any other is logged under a code that the user can quote.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from bot.command import MentionHandler
from bot.commands.permissions import thing_of
from bot.commands.table import COMMANDS, called, unknown
from bot.commands.typed import allow, run, typed
from bot.context import Ask, Context
from bot.handlers import (
    compare,
    kept_out,
    linking,
    privacy,
    radio,
    reactions,
    recommend,
    sessions,
    start,
    weekly,
    wishes,
)
from bot.handlers.languages import speak_chosen
from bot.handlers.names import pointed_at, taken
from bot.replies import Notice, Problem, RadioReply, Reply, SlateReply
from bot.replies.buttons import (
    Act,
    ActOnFound,
    Agree,
    Feedback,
    Join,
    KeepOut,
    Love,
    OnRadio,
    OnSession,
    OnSong,
    Run,
    Trim,
    Whole,
    Yes,
    parse,
)
from bot.replies.i18n import say, told
from recommender.errors import MusicError, NotKnown
from recommender.service.permissions import OneSlate
from recommender.types import Listener
from storage.errors import BusyError, DiskFullError, InvalidFactError
from storage.records import Kind

T = TypeVar("T")

log = logging.getLogger(__name__)

_KINDS = {"like": Kind.LIKE, "dislike": Kind.DISLIKE, "skip": Kind.SKIP}


async def dispatch(context: Context, line: str, *, chatty: bool = False) -> Reply:
    """Answer a typed line: "/like queen", "queen", "+2 -3".

    `chatty` reads lines that are no command as names of music: in a private chat they are always meant for
    the bot.
    """
    return await _answered(context, partial(typed, line=line, chatty=chatty))


async def press(context: Context, payload: str) -> Reply:
    """Answer a button; `bot.replies.buttons` defines the payloads."""
    return await _answered(context, partial(_pressed, payload=payload), spoke=False)


async def on_list(context: Context, slate_id: int, work: Callable[[Ask], Awaitable[Reply]]) -> Reply:
    """Run an action on a slate that comes without a button: a reaction, an answer, a page turn."""

    async def checked(ask: Ask) -> Reply:
        await ask.music.permissions.check(ask.listener, ask.where, OneSlate(slate_id))
        return await work(ask)

    return await _answered(context, checked, spoke=False)


async def perform(context: Context, work: Callable[[Ask], Awaitable[Reply]], *, spoke: bool = True) -> Reply:
    """Run `work`, an action of one platform alone, and turn its errors into words.

    `spoke` is False for presses, which are open to every user who sees the message.
    """
    return await _answered(context, work, spoke=spoke)


async def aside(context: Context) -> Reply | None:
    """Return what is to be said to a user after an answer in private, mostly nothing.

    That messages could not reach them, once; or the question whether a night is to be left out of the taste.
    """

    async def looked(ask: Ask) -> Reply | None:
        if note := await weekly.closed_note(ask):
            return Notice(note)
        return await kept_out.offer(ask)

    async def asked() -> Reply | None:
        known = await context.music.communities.user(context.account.platform, context.account.external_id)
        if known is None:
            return None
        listener = Listener(known, None, context.account.platform)
        return await looked(Ask(context.music, listener, context.account, context.update))

    found = await _in_words(context, asked)
    return None if isinstance(found, Problem) else found


async def delivered(context: Context, reply: Reply) -> Problem | None:
    """Stamp a slate as seen once the platform accepts the message; return a problem to show, if any."""
    if not isinstance(reply, SlateReply | RadioReply):
        return None
    slate_id = reply.slate.id if isinstance(reply, SlateReply) else reply.radio.slate.id
    # No greeting here: the delivered message may be the confirmation that all data is deleted.
    return await _in_words(context, lambda: context.music.shown(slate_id))


async def _answered(
    context: Context, work: Callable[[Ask], Awaitable[Reply]], *, spoke: bool = True
) -> Reply:
    """Run the work for the asking user."""

    async def asked() -> Reply:
        listener = await context.music.arrive(context.account, context.community, spoke=spoke)
        await speak_chosen(context.music, listener)
        where = context.place, context.chat, context.picking
        return await work(Ask(context.music, listener, context.account, context.update, *where))

    return await _in_words(context, asked)


async def _in_words(context: Context, work: Callable[[], Awaitable[T]]) -> T | Problem:
    """Run the work; the only place that turns errors into words."""
    try:
        return await work()
    except (MusicError, BusyError, DiskFullError, InvalidFactError) as error:
        return Problem(told(error), error.missing if isinstance(error, NotKnown) else "")
    except Exception:
        code = secrets.token_hex(3)
        # The update's key is not logged: it contains the chat, and a private chat identifies a user.
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
    if isinstance(button, Feedback | Whole | Trim):
        return await _pressed_on_list(ask, button)
    if isinstance(button, OnSong | OnSession):
        return await sessions.pressed(ask, button)
    if isinstance(button, OnRadio):
        return await radio.pressed(ask, button)
    if isinstance(button, KeepOut):
        return await kept_out.answered(ask, button)
    return await _pressed_alone(ask, button)


async def _pressed_alone(ask: Ask, button: Act | ActOnFound | Run | Agree | Love | Join | Yes) -> Reply:
    match button:
        case Act() | ActOnFound():
            return await _on_song(ask, button)
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


async def _on_song(ask: Ask, button: Act | ActOnFound) -> Reply:
    then = _about(ask, button.command)
    found = pointed_at(ask, button.subject) if isinstance(button, Act) else taken(ask, button)
    return await then(ask, await found)


def _about(ask: Ask, name: str) -> MentionHandler:
    """Return what a command does with a song or artist; raise `NothingToDo` if it comes too often."""
    command = COMMANDS.get(name)
    if command is None or command.mention is None:
        raise NotKnown("I do not know that button any more. /help lists what I can do.")
    allow(ask, command)
    return command.mention


async def _pressed_on_list(ask: Ask, button: Feedback | Whole | Trim) -> Reply:
    match button:
        case Feedback(slate_id, position, "more"):
            return await recommend.more_like(ask, slate_id, position)
        case Feedback(slate_id, position, "why"):
            return await recommend.why_this(ask, slate_id, position)
        case Feedback(slate_id, position, verb):
            return await reactions.mark(ask, slate_id, position, _KINDS[verb])
        case Trim(slate_id, part):
            return await wishes.trimmed(ask, slate_id, part)
        case Whole(slate_id, "more"):
            return await recommend.another_of(ask, slate_id)
        case Whole(slate_id, _):
            return await recommend.why_all(ask, slate_id)
