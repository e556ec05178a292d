"""Messages and presses: what comes in is parsed, handed to the commands, and the reply goes out."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, CallbackQuery, Message, Update
from telegram import InlineKeyboardButton as Key
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.adapters.telegram import incoming
from bot.adapters.telegram.incoming import PLATFORM, Place
from bot.adapters.telegram.render import NO, Card, Scene, render
from bot.adapters.telegram.sending import edit, is_too_late, send
from bot.adapters.telegram.words import ANSWER, cut, plain
from bot.buttons import Act, Feedback, Join, Love, Payload, Yes, parse
from bot.commands import COMMANDS, delivered, dispatch, press
from bot.context import Context
from bot.replies import (
    Confirm,
    Done,
    FileReply,
    HistoryReply,
    Marked,
    Notice,
    Problem,
    ProfileReply,
    Reply,
    SlateReply,
)
from recommender.errors import NotKnown
from recommender.service import MusicService
from recommender.types import ServedSlate

log = logging.getLogger(__name__)

_THUMBS = re.compile(r"[+\-\u2212\u2013👍👎]\s*[0-9]")
_BETWEEN_US = (Confirm, FileReply, HistoryReply, ProfileReply)
_SECRETS = frozenset(["link", "unlink"])
_AT_ONCE = frozenset(["like", "dislike", "block", "unblock"])  # needs no model: answered within the press


class Redraw:
    """Edits a message in place, at most one edit under way; of several that wait, the newest counts.

    A card that a whole group presses at once would otherwise wait minutes for Telegram's limit.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, Callable[[], Awaitable[None]] | None] = {}

    async def __call__(self, message: object, draw: Callable[[], Awaitable[None]]) -> None:
        """Run `draw`, now or when the edit that is under way has ended."""
        if message in self._waiting:
            self._waiting[message] = draw
            return
        todo: Callable[[], Awaitable[None]] | None = draw
        try:
            while todo is not None:
                self._waiting[message] = None
                await todo()
                todo = self._waiting[message]
        finally:
            self._waiting.pop(message, None)


class Chat:
    """Talks with everybody through one bot."""

    def __init__(self, music: MusicService, bot: Bot) -> None:
        """`bot` is initialised: it knows its own name."""
        self.music = music
        self.bot = bot
        self._redraw = Redraw()

    # --- what is said -----------------------------------------------------------------------------------

    async def hear(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """Answer a message, if it is meant for us."""
        message, context = update.message, self.context(update)
        if message is None or context is None:
            return
        line = self._meant(message)
        if line is None:
            return
        where = incoming.place(message)
        reply = await dispatch(context, line, chatty=not where.is_group)
        named = incoming.command(line)
        await self.answer(context, where, reply, privately=named is not None and named[0] in _SECRETS)

    def context(self, update: Update) -> Context | None:
        """Return who asks and where."""
        return incoming.context(update, self.music, self.bot.id)

    def _meant(self, message: Message) -> str | None:
        """Return the line that is meant for us; in a group, that is a command of ours, or an answer to us."""
        text, is_private = message.text or "", message.chat.type == message.chat.PRIVATE
        found = incoming.command(text)
        if found is None:
            return text if is_private or (self._answers_us(message) and _THUMBS.match(text)) else None
        name, bot = found
        if bot is not None and bot.casefold() != self.bot.username.casefold():
            return None
        # Other bots of a group have commands of their own.
        return text if is_private or bot is not None or name in COMMANDS else None

    def _answers_us(self, message: Message) -> bool:
        answered = message.reply_to_message
        return bool(answered and answered.from_user and answered.from_user.id == self.bot.id)

    # --- what is answered -------------------------------------------------------------------------------

    async def answer(self, context: Context, where: Place, reply: Reply, *, privately: bool = False) -> None:
        """Send a reply; what concerns one person alone never goes to a group."""
        if where.is_group and (privately or isinstance(reply, _BETWEEN_US)):
            await self._answer_privately(context, where, reply)
            return
        cards = render(reply, await self._scene(reply, is_group=where.is_group))
        sent = await send(self.bot, where, cards)
        if sent is None:
            return
        if isinstance(reply, SlateReply) and where.is_group:
            await self.music.cards.keep(PLATFORM, str(sent.chat.id), str(sent.message_id), reply.slate.id)
        if problem := await delivered(context, reply):
            await send(self.bot, where, render(problem))

    async def _answer_privately(self, context: Context, where: Place, reply: Reply) -> None:
        alone = Place(int(context.account.external_id))
        sent = None
        if alone.chat_id > 0:  # a group that speaks in its own name has no private chat
            sent = await send(self.bot, alone, render(reply, await self._scene(reply)))
        note = "I have sent it to you, between the two of us." if sent else "That is between the two of us:"
        rows = () if sent else ((Key("Open our chat", url=f"https://t.me/{self.bot.username}?start"),),)
        await send(self.bot, where, [Card(note, rows)])

    async def _scene(self, reply: Reply, *, is_group: bool = False) -> Scene:
        match reply:
            case SlateReply(slate) | Marked(_, slate):
                return await self.scene(slate, is_group=is_group)
            case Done(_, song) if song is not None:
                return Scene(await self.music.communities.links((song,)))
        return Scene()

    async def scene(self, slate: ServedSlate, *, is_group: bool, viewer: int | None = None) -> Scene:
        """Return what surrounds a list: where its songs are heard, votes in a group, the link to share it."""
        word = await self.music.cards.share(slate.id)
        return Scene(
            await self.music.communities.links(tuple(pick.song for pick in slate.picks)),
            await self.music.communities.votes(slate.id) if is_group else None,
            f"https://t.me/{self.bot.username}?start=slate_{slate.id}_{word}",
            shows_reasons=viewer is None or viewer == slate.query.user_id,
        )

    # --- what is pressed --------------------------------------------------------------------------------

    async def press(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """Answer a press, exactly once, and act on it."""
        query, context = update.callback_query, self.context(update)
        if query is None or context is None:
            return
        payload = query.data or ""
        if payload == NO:
            await _toast(query, "Left as it is.")
            await self._settle(query)
            return
        button = _parsed(payload)
        if button is None or _is_quick(button):
            reply = await press(context, payload)
            await _toast(query, _said(reply), alert=isinstance(reply, Problem))
            await self._show(query, context, reply, button)
            return
        if query.message is None:  # sent through inline mode: there is no chat of ours to answer in
            await self._lead_here(query, button)
            return
        await _toast(query)
        if isinstance(button, Yes | Join):
            await self._settle(query)
        reply = await press(context, payload)
        await self.answer(context, _below(query), reply)

    async def _show(
        self, query: CallbackQuery, context: Context, reply: Reply, button: Payload | None
    ) -> None:
        """Bring the message up to date after a press that was answered."""
        if isinstance(reply, Marked):
            await self._redraw_list(query, context, reply)
        elif query.message is None or isinstance(reply, Problem | Notice):
            return
        elif isinstance(reply, Done) and isinstance(button, Love):
            await self._redraw_card(query, render(reply)[-1])
        elif isinstance(reply, Done) and (not reply.buttons or incoming.community(query.message.chat)):
            return  # the answer to the press has said it
        else:
            await self.answer(context, _below(query), reply)

    async def _redraw_list(self, query: CallbackQuery, context: Context, reply: Marked) -> None:
        message = query.message
        if message is None:
            return
        is_group = incoming.community(message.chat) is not None

        async def draw() -> None:
            viewer = await self.music.communities.user(PLATFORM, context.account.external_id)
            scene = await self.scene(reply.slate, is_group=is_group, viewer=None if is_group else viewer)
            card = render(reply, scene)[-1]
            await edit(self.bot, card, chat_id=message.chat.id, message_id=message.message_id)

        await self._redraw((message.chat.id, message.message_id), draw)

    async def _redraw_card(self, query: CallbackQuery, card: Card) -> None:
        message = query.message
        if message is not None:
            await edit(self.bot, card, chat_id=message.chat.id, message_id=message.message_id)

    async def _settle(self, query: CallbackQuery) -> None:
        """Take the buttons off a question that has been answered."""
        message = query.message
        if isinstance(message, Message) and message.text:
            await self._redraw_card(query, Card(message.text_html))

    async def _lead_here(self, query: CallbackQuery, button: Payload) -> None:
        start = ""
        if isinstance(button, Act):
            track = "" if button.subject.track_id is None else f"_{button.subject.track_id}"
            start = f"=song_{button.subject.artist_id}{track}"
        await _toast(query, url=f"https://t.me/{self.bot.username}?start{start}")


def _parsed(payload: str) -> Payload | None:
    try:
        return parse(payload)
    except NotKnown:
        return None


def _is_quick(button: Payload) -> bool:
    match button:
        case Feedback(_, _, verb):
            return verb not in ("more", "why")
        case Act(command, _):
            return command in _AT_ONCE
    return isinstance(button, Love)


def _said(reply: Reply) -> str:
    match reply:
        case Marked(sentence) | Done(sentence) | Problem(sentence) | Notice(sentence):
            return sentence
        case SlateReply(_, title, note):
            return note or title
    return ""


def _below(query: CallbackQuery) -> Place:
    """Return the place of the answer to a press: below the message that has the button."""
    message = query.message
    if isinstance(message, Message):
        return incoming.place(message)
    if message is None:
        raise TypeError("a press without a message has no place")
    return Place(message.chat.id, is_group=incoming.community(message.chat) is not None)


async def _toast(
    query: CallbackQuery, text: str = "", *, alert: bool = False, url: str | None = None
) -> None:
    """Answer a press; one that waited too long takes no answer any more, and counts all the same."""
    try:
        await query.answer(cut(plain(text), ANSWER) or None, show_alert=alert or None, url=url)
    except BadRequest as error:
        if not is_too_late(error):
            raise
