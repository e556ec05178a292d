"""Messages and presses: parses updates, calls the commands and sends the replies."""

from functools import partial
from itertools import chain

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, Update
from telegram import InlineKeyboardButton as Key

from bot.adapters.telegram import incoming
from bot.adapters.telegram.admins import ERASE, Admins
from bot.adapters.telegram.answers import Anything, Talker, below, toast
from bot.adapters.telegram.groups import CIRCLE, REACTIONS, Groups
from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.incoming import Place
from bot.adapters.telegram.menus import OURS
from bot.adapters.telegram.people import names_nobody, pointed, takes_people
from bot.adapters.telegram.render import NO
from bot.adapters.telegram.render.card import Card
from bot.adapters.telegram.render.slate import heading_of
from bot.adapters.telegram.text import lines
from bot.commands import aside, dispatch, on_list, press
from bot.commands.table import COMMANDS, called
from bot.commands.thumbs import thumbs_in
from bot.context import Context, spoken
from bot.handlers.radio import playing
from bot.handlers.reactions import mark_many
from bot.replies import Done, Marked, Notice, Problem, RadioReply, Reply, SessionReply, SlateReply
from bot.replies.buttons import (
    Act,
    Agree,
    Feedback,
    Join,
    KeepOut,
    Love,
    OnRadio,
    OnSession,
    OnSong,
    Payload,
    Run,
    Yes,
    parse,
)
from bot.replies.i18n import say
from recommender.errors import NotKnown
from storage.records import Subject

_TICK = "✓ "
_OR_ANSWER = "Or answer a message of theirs with it."
_MORE_HERE = {
    "import": "Or send me that file in our private chat, up to 20 MB: it counts as yours.",
    "privacy": "In groups, I count reactions to my lists only from people who agreed.",
}


class Chat:
    """Talks with all users through one bot."""

    def __init__(self, talker: Talker, languages: Languages, owner: int | None = None) -> None:
        """`talker` sends answers; `languages` drops cached settings on changes; `owner` is a Telegram id."""
        self.talker = talker
        self.bot = talker.bot
        self.groups = Groups(talker)
        self.admins = Admins(talker, languages, owner)

    # --- messages ---------------------------------------------------------------------------------------

    async def hear(self, update: Update, _: Anything) -> None:
        """Answer a message that is meant for the bot."""
        message, context = update.message, self.talker.context(update)
        if message is None or context is None:
            return
        line = self._meant(message)
        if line is None:
            return
        where = incoming.place(message)
        named = incoming.command(line)
        command = named[0] if named is not None else ""
        if where.is_group and (wait := await self.groups.held_back(message, context)):
            await self.talker.answer(context, where, wait)
        elif (verdicts := thumbs_in(line)) and (slate_id := self._answered(message)):
            work = partial(mark_many, verdicts=verdicts, slate_id=slate_id)
            reply = await on_list(context, slate_id, work)
            await self.talker.answer(context, where, reply)
            if isinstance(reply, Marked):
                await self._redraw_list(message.reply_to_message, context, reply)
        elif command == "admin":
            await self.admins.administer(message, context, where, line)
        elif command == "circle":
            await self.groups.circle(context, where)
        elif command == "recommend" and where.is_group:
            await self.talker.answer(context, where, await self.groups.recommend(context, line))
        else:
            if takes_people(line):
                line = await pointed(self.bot, context, message, line)
            await self._converse(context, where, command, line)

    async def _converse(self, context: Context, where: Place, command: str, line: str) -> None:
        reply = await dispatch(context, line, chatty=not where.is_group)
        if isinstance(reply, Problem) and takes_people(line) and names_nobody(line):
            reply = Problem(f"{reply.sentence} {say(_OR_ANSWER)}")
        if isinstance(reply, Notice) and command in _MORE_HERE:
            reply = Notice(f"{reply.text}\n\n{say(_MORE_HERE[command])}")
        await self.talker.answer(context, where, reply, privately=_is_secret(line))
        if not where.is_group and (more := await aside(context)) is not None:
            await self.talker.answer(context, where, more)

    def _meant(self, message: Message) -> str | None:
        """Return the line meant for the bot; in a group, only its commands, and thumbs that answer it."""
        text, is_private = message.text or "", message.chat.type == message.chat.PRIVATE
        found = incoming.command(text)
        if found is None:
            is_ours = is_private or (incoming.answers(message, self.bot.id) and thumbs_in(text))
            return text if is_ours else None
        name, bot = found
        if bot is not None and bot.casefold() != self.bot.username.casefold():
            return None
        # Other bots in a group have commands of their own.
        return text if is_private or bot is not None or name in OURS or called(name) else None

    def _answered(self, message: Message) -> int | None:
        """Return the slate whose card a message answers, else None."""
        card = message.reply_to_message if incoming.answers(message, self.bot.id) else None
        if card is None or card.reply_markup is None:
            return None
        keys = chain.from_iterable(card.reply_markup.inline_keyboard)
        buttons = (_parsed(str(key.callback_data)) for key in keys)
        return next((button.slate_id for button in buttons if isinstance(button, Feedback)), None)

    # --- presses ----------------------------------------------------------------------------------------

    async def press(self, update: Update, _: Anything) -> None:
        """Answer a press exactly once and act on it."""
        query, context = update.callback_query, self.talker.context(update)
        if query is None or context is None:
            return
        payload = query.data or ""
        if payload == NO:
            await toast(query, say("Nothing changed."))
            self.talker.settle(query)
            return
        if payload == ERASE:
            await self.admins.pressed(query, context)
            return
        if payload.startswith((CIRCLE, REACTIONS)):
            await self.groups.pressed(query, context, payload)
            return
        button = _parsed(payload)
        if button is None or _is_quick(button):
            reply = await press(context, payload)
            await toast(query, _said(reply), alert=isinstance(reply, Problem))
            await self._show(query, context, reply, button)
            return
        if query.message is None:  # sent through inline mode: the bot is not in that chat
            await self._lead_here(query, button)
            return
        await toast(query)
        if isinstance(button, Yes | Join | Agree | KeepOut):
            self.talker.settle(query)
        reply = await press(context, payload)
        secret = isinstance(button, Run) and _is_secret(button.command)
        await self.talker.answer(context, below(query), reply, privately=secret)

    async def _show(
        self, query: CallbackQuery, context: Context, reply: Reply, button: Payload | None
    ) -> None:
        """Update the message after an answered press."""
        if isinstance(reply, Marked):
            await self._redraw_list(query.message, context, reply)
        elif isinstance(reply, SessionReply):
            await self.talker.session_pressed(query, reply)
        elif isinstance(reply, RadioReply):
            await self.talker.radio_pressed(query, context, reply)
        elif query.message is None or isinstance(reply, Problem | Notice):
            return
        elif isinstance(button, Love):
            await self._show_love(query, context, reply)
        elif isinstance(reply, Done) and (not reply.buttons or incoming.community(query.message.chat)):
            return  # the answer to the press said it already
        else:
            await self.talker.answer(context, below(query), reply)

    async def _show_love(self, query: CallbackQuery, context: Context, reply: Reply) -> None:
        """Tick the loved artists of a greeting; send any other reply below.

        In a group the greeting stays as it is: other users choose from it too.
        """
        message = query.message
        if isinstance(message, Message) and incoming.community(message.chat) is None and message.reply_markup:
            loved = await self.talker.liked(context)
            keys = message.reply_markup.inline_keyboard
            rows = tuple(tuple(_ticked(key, loved) for key in row) for row in keys)
            self.talker.redraw_card(query, Card(lines(_said(reply)), rows))
        if isinstance(reply, SlateReply):
            await self.talker.answer(context, below(query), reply)

    async def _redraw_list(
        self, message: MaybeInaccessibleMessage | None, context: Context, reply: Marked
    ) -> None:
        if message is None:
            return
        is_group = incoming.community(message.chat) is not None
        viewer = None if is_group else await self.talker.user(context)
        self.talker.redraw(
            message.chat.id,
            message.message_id,
            reply,
            is_group=is_group,
            viewer=viewer,
            head=heading_of(message),
        )

    async def _lead_here(self, query: CallbackQuery, button: Payload) -> None:
        start = ""
        if isinstance(button, Act):
            track = "" if button.subject.track_id is None else f"_{button.subject.track_id}"
            start = f"=song_{button.subject.artist_id}{track}"
        await toast(query, url=f"https://t.me/{self.bot.username}?start{start}")


def _parsed(payload: str) -> Payload | None:
    try:
        return parse(payload)
    except NotKnown:
        return None


def _ticked(key: Key, loved: frozenset[Subject]) -> Key:
    """Return a button of the greeting, ticked if its artist is in `loved`."""
    button = _parsed(str(key.callback_data))
    if not isinstance(button, Love) or Subject(button.artist_id) not in loved or key.text.startswith(_TICK):
        return key
    return Key(f"{_TICK}{key.text.removeprefix('👍 ')}", callback_data=key.callback_data)


def _is_secret(line: str) -> bool:
    """Return whether the answer to a line must not appear in a group."""
    found = called(line)
    return found is not None and COMMANDS[found[0].name.partition(" ")[0]].privacy == "secret"


def _is_quick(button: Payload) -> bool:
    match button:
        case Feedback(_, _, verb):
            return verb not in ("more", "why")
        case Act(command, _):
            return command in COMMANDS and COMMANDS[command].at_once
        case OnSession(_, verb):
            return verb in ("join", "leave", "next")
        case OnRadio(_, verb):
            return verb != "why"
    return isinstance(button, Love | OnSong)


def _said(reply: Reply) -> str:
    match reply:
        case Marked(sentence) | Done(sentence) | Problem(sentence) | Notice(sentence):
            return sentence
        case SlateReply(_, title, note):
            return note or title
        case RadioReply():
            return playing(reply)
        case SessionReply(live, note):
            return note or (f"▶ {spoken(live.now.song)}" if live.now else "")
    return ""
