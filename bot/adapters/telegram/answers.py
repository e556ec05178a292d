"""Replies as Telegram messages: each in the right chat, visible to the right users."""

from dataclasses import replace
from functools import partial
from typing import Any

from telegram import Bot, CallbackQuery, Message, Update
from telegram import InlineKeyboardButton as Key
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.adapters.live_cards import LiveCards
from bot.adapters.telegram import incoming
from bot.adapters.telegram.incoming import PLATFORM, Place
from bot.adapters.telegram.redraws import Redraws
from bot.adapters.telegram.render import illustrated, render
from bot.adapters.telegram.render.card import Card, Scene
from bot.adapters.telegram.sending import edit, is_too_late, send
from bot.adapters.telegram.text import ANSWER, cut, plain
from bot.commands import delivered
from bot.context import Context, spoken
from bot.pictures.painter import painter
from bot.replies import (
    Confirm,
    Done,
    FileReply,
    HistoryReply,
    Marked,
    Notice,
    ProfileReply,
    RadioReply,
    Reply,
    ReportReply,
    SessionReply,
    SlateReply,
    drawings,
)
from bot.replies.buttons import Agree, parse
from bot.replies.i18n import say
from bot.replies.radio_card import song_of
from recommender.service import MusicService
from recommender.types import ServedSlate
from storage.records import Subject

Anything = CallbackContext[Any, Any, Any, Any]

# A group accepts twenty messages a minute, edits included.
_SESSION_SECONDS = 3.0
_LAST_DRAWINGS_SECONDS = 0.5
_BETWEEN_US = (Confirm, FileReply, HistoryReply, ProfileReply, RadioReply, ReportReply)


class Talker:
    """Sends answers through one bot."""

    def __init__(self, music: MusicService, bot: Bot) -> None:
        """`bot` is initialised: it knows its own name."""
        self.music = music
        self.bot = bot
        self.redraws = Redraws()
        self.sessions = LiveCards(self._draw_session, _SESSION_SECONDS)

    async def close(self) -> None:
        """Finish the redraws under way and start no more."""
        await self.redraws.close(_LAST_DRAWINGS_SECONDS)
        await self.sessions.close()

    def context(self, update: Update) -> Context | None:
        """Return the asking user and chat, or None."""
        return incoming.context(update, self.music, self.bot.id)

    async def answer(self, context: Context, where: Place, reply: Reply, *, privately: bool = False) -> None:
        """Send a reply; a reply for one user alone never goes to a group."""
        if where.is_group and (privately or isinstance(reply, _BETWEEN_US)):
            await self._answer_privately(context, where, reply)
            return
        if isinstance(reply, SessionReply):
            await self._answer_session(where, reply)
            return
        if isinstance(reply, Marked):  # its card is another message
            reply = Notice(reply.sentence)
        sent = await self.send(where, await self._cards(reply, is_group=where.is_group))
        if sent is None:
            return
        if isinstance(reply, SlateReply):
            await self.music.cards.keep(PLATFORM, str(sent.chat.id), str(sent.message_id), reply.slate.id)
        if problem := await delivered(context, reply):
            await self.send(where, render(problem))

    async def deliver(self, where: Place, reply: Reply) -> bool:
        """Send a reply that nobody has just asked for; return False if nobody can receive it."""
        sent = await self.send(where, await self._cards(reply, is_group=where.is_group))
        if sent is not None and isinstance(reply, SlateReply):
            await self.music.cards.keep(PLATFORM, str(sent.chat.id), str(sent.message_id), reply.slate.id)
        return sent is not None

    async def send(self, where: Place, cards: list[Card]) -> Message | None:
        """Send messages; return the last, None if nobody can receive them.

        A group that became a supergroup keeps its data, even if Telegram did not report the change.
        """
        sent = await send(self.bot, where, cards)
        if sent is not None and sent.chat.id != where.chat_id:
            await self.music.cards.move(PLATFORM, str(where.chat_id), str(sent.chat.id))
        return sent

    async def _answer_session(self, where: Place, reply: SessionReply) -> None:
        """Show a new card if the user asked for it; else say what happened and edit the live card."""
        session_id = reply.session.id
        if not reply.is_fresh and await self.music.sessions.card(session_id):
            self.sessions.touch(session_id)
            now = reply.session.now
            said = reply.note or (f"▶ {spoken(now.song)}" if now else say("Nothing is playing."))
            await self.send(where, render(Notice(said)))
            return
        if sent := await self.send(where, render(reply)):
            await self.music.sessions.show_on(session_id, f"{sent.chat.id}:{sent.message_id}")

    async def session_pressed(self, query: CallbackQuery, reply: SessionReply) -> None:
        """Update the card that was pressed; it becomes the live one."""
        message = query.message
        if message is not None:
            card = f"{message.chat.id}:{message.message_id}"
            await self.music.sessions.show_on(reply.session.id, card)
        self.sessions.touch(reply.session.id)

    async def radio_pressed(self, query: CallbackQuery, context: Context, reply: RadioReply) -> None:
        """Show the radio's song in place of the card that was pressed."""
        message = query.message
        if message is None:
            return
        card = render(reply, await self._scene(reply))[-1]
        await edit(self.bot, card, chat_id=message.chat.id, message_id=message.message_id)
        await delivered(context, reply)

    async def _draw_session(self, session_id: int) -> None:
        chat, _, message = (await self.music.sessions.card(session_id) or "").partition(":")
        if message:
            shown = render(SessionReply(await self.music.sessions.look(session_id)))[-1]
            await edit(self.bot, shown, chat_id=int(chat), message_id=int(message))

    async def _answer_privately(self, context: Context, where: Place, reply: Reply) -> None:
        alone = Place(int(context.account.external_id))
        sent = None
        if alone.chat_id > 0:  # a group that speaks in its own name has no private chat
            sent = await self.send(alone, await self._cards(reply))
            if sent is not None:
                await delivered(context, reply)
        told, elsewhere = "I have sent it to you in private.", "This is just for you:"
        address = f"https://t.me/{self.bot.username}?start{_start(reply)}"
        rows = () if sent else ((Key(say("Open our chat"), url=address),),)
        await self.send(where, [Card(say(told if sent else elsewhere), rows)])

    async def _cards(self, reply: Reply, *, is_group: bool = False) -> list[Card]:
        pictures = await painter().paint(drawings(reply))
        scene = replace(await self._scene(reply, is_group=is_group), pictures=pictures)
        return illustrated(render(reply, scene), pictures)

    async def _scene(self, reply: Reply, *, is_group: bool = False) -> Scene:
        match reply:
            case SlateReply(slate):
                return await self.scene(slate, is_group=is_group)
            case RadioReply(radio):
                query = radio.slate.query
                return Scene(await self.music.communities.links((song_of(radio),), query.user_id))
            case Done(_, song) if song is not None:
                return Scene(await self.music.communities.links((song,)))
        return Scene()

    async def scene(self, slate: ServedSlate, *, is_group: bool, viewer: int | None = None) -> Scene:
        """Return the scene of a slate: links to its songs, votes in a group, the link that shares it."""
        query = slate.query
        people = (query.user_id, *query.others) if query.others else ()
        word = await self.music.cards.share(slate.id)
        return Scene(
            await self.music.communities.links(tuple(pick.song for pick in slate.picks), query.user_id),
            await self.music.communities.votes(slate.id) if is_group else None,
            f"https://t.me/{self.bot.username}?start=slate_{slate.id}_{word}",
            shows_reasons=viewer is None or viewer == query.user_id,
            names=tuple(await self.music.communities.names(PLATFORM, people)) if people else (),
        )

    async def user(self, context: Context) -> int | None:
        """Return the id of the asking user, None before their first message."""
        return await self.music.communities.user(PLATFORM, context.account.external_id)

    async def liked(self, context: Context) -> frozenset[Subject]:
        """Return the songs and artists that the asking user likes."""
        user = await self.user(context)
        return frozenset() if user is None else await self.music.reactions.liked(user)

    def redraw(
        self,
        chat_id: int,
        message_id: int,
        reply: Marked,
        *,
        is_group: bool,
        viewer: int | None = None,
        head: str = "",
    ) -> None:
        """Queue an update of a card with the current verdicts, under its own heading."""

        async def draw() -> None:
            scene = await self.scene(reply.slate, is_group=is_group, viewer=viewer)
            card = render(reply, replace(scene, head=head))[-1]
            await edit(self.bot, card, chat_id=chat_id, message_id=message_id)

        self.redraws.draw((chat_id, message_id), draw)

    def redraw_card(self, query: CallbackQuery, card: Card) -> None:
        """Queue a redraw of the message with the pressed button."""
        message = query.message
        if message is None:
            return
        chat_id, message_id = message.chat.id, message.message_id
        draw = partial(edit, self.bot, card, chat_id=chat_id, message_id=message_id)
        self.redraws.draw((chat_id, message_id), draw)

    def settle(self, query: CallbackQuery) -> None:
        """Remove the buttons of an answered question."""
        message = query.message
        if isinstance(message, Message) and message.text:
            self.redraw_card(query, Card(message.text_html))


def _start(reply: Reply) -> str:
    """Return the start parameter that brings a new user to the waiting question in the private chat."""
    asked = parse(reply.payload) if isinstance(reply, Confirm) else None
    return f"=visible_{asked.community_id}" if isinstance(asked, Agree) else ""


def below(query: CallbackQuery) -> Place:
    """Return the destination of the answer to a press: below the pressed message."""
    message = query.message
    if isinstance(message, Message):
        return incoming.place(message)
    if message is None:
        raise TypeError("a press without a message has no place")
    return Place(message.chat.id, is_group=incoming.community(message.chat) is not None)


async def toast(query: CallbackQuery, text: str = "", *, alert: bool = False, url: str | None = None) -> None:
    """Answer a press; a press too old for an answer still counts."""
    try:
        await query.answer(cut(plain(text), ANSWER) or None, show_alert=alert or None, url=url)
    except BadRequest as error:
        if not is_too_late(error):
            raise
