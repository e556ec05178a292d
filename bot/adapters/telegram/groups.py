"""Groups: joining and leaving, changed ids, group settings, and circles of users who listen together."""

import time
from collections import OrderedDict

from telegram import CallbackQuery, ChatMember, Message, Update
from telegram import InlineKeyboardButton as Key

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker, below, toast
from bot.adapters.telegram.incoming import PLATFORM, Place
from bot.adapters.telegram.reactions import CONSENT, ON
from bot.adapters.telegram.render.card import Card, Keyboard
from bot.adapters.telegram.text import lines
from bot.commands import perform
from bot.commands.table import COMMANDS
from bot.context import Ask, Context
from bot.handlers import moods
from bot.replies import Notice, Problem, Reply
from bot.replies.i18n import counted, say

CIRCLE = "circle:"
REACTIONS = "react:"

_PRESENT = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.RESTRICTED)
_WELCOME = (
    "Hello. /recommend brings songs for whoever asks, /circle for all who listen along. Judge them by their "
    "buttons. What this group likes, I learn as well; /privacy says what I keep."
)
_HINT = (
    "To the administrators: Telegram shows me reactions to my lists only if I am one of you. If "
    "your reactions should count, agree below."
)
_OURS = "Reactions to my lists can count as well, for everybody who agrees below."
_REMEMBERED = 5_000  # users with a known last command, for the cooldown


class Groups:
    """Commands and events of groups."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker
        self._music = talker.music
        self._last: OrderedDict[tuple[int, str], float] = OrderedDict()

    # --- joining, leaving, moving -----------------------------------------------------------------------

    async def membership(self, update: Update, _: Anything) -> None:
        """Greet a group that added the bot; record when a group removes it."""
        told = update.my_chat_member
        place = None if told is None else incoming.community(told.chat)
        if told is None or place is None:
            return
        was, is_now = (member.status in _PRESENT for member in (told.old_chat_member, told.new_chat_member))
        if is_now:
            await self._music.communities.returned(place)
        elif was:
            await self._music.communities.left(place)
        if is_now and not was:
            is_admin = told.new_chat_member.status == ChatMember.ADMINISTRATOR
            text = f"{say(_WELCOME)}\n\n{say(_OURS if is_admin else _HINT)}"
            await self._talker.send(Place(told.chat.id), [Card(lines(text), _consent_keys())])

    async def came_or_went(self, update: Update, _: Anything) -> None:
        """Record users who enter or leave a group: group lists ignore those who left."""
        message = update.message
        place = None if message is None else incoming.community(message.chat)
        if message is None or place is None:
            return
        for user in message.new_chat_members:
            await self._music.communities.came(place, incoming.person(user))
        if message.left_chat_member is not None:
            await self._music.communities.went(place, incoming.person(message.left_chat_member))

    async def moved(self, update: Update, _: Anything) -> None:
        """Keep the data of a group that became a supergroup."""
        message = update.message
        if message is None:
            return
        old, new = message.chat.id, message.migrate_to_chat_id
        if new is None:
            old, new = message.migrate_from_chat_id or message.chat.id, message.chat.id
        await self._music.cards.move(PLATFORM, str(old), str(new))

    # --- group settings ---------------------------------------------------------------------------------

    async def held_back(self, message: Message, context: Context) -> Notice | None:
        """Return a notice for a user within the group's cooldown, else None."""
        if context.community is None:
            return None
        place = await self._music.communities.find(PLATFORM, context.community.external_id)
        wait = 0.0 if place is None else (await self._music.communities.settings(place)).cooldown
        if not wait:
            return None
        who, now = (message.chat.id, context.account.external_id), time.monotonic()
        left = self._last.get(who, float("-inf")) + wait - now
        if left > 0:
            return Notice(
                say("One moment, {}: {} s more, this group has decided.", context.account.name, f"{left:.0f}")
            )
        self._last[who] = now
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return None

    async def recommend(self, context: Context, line: str) -> Reply:
        """Return a slate of the group's size, for the whole circle if the user is in one."""

        async def brought(ask: Ask) -> Reply:
            arguments = COMMANDS["recommend"].read(line.partition(" ")[2].strip())
            place = ask.listener.community_id
            if "count" not in arguments.options and place is not None:
                arguments.options["count"] = (await ask.music.communities.settings(place)).size
            present = await ask.music.circles.present(ask.listener)
            others = tuple(user for user in present if user != ask.listener.user_id)
            if ask.listener.user_id in present and others:
                return await moods.recommend_together(ask, arguments, others)
            return await moods.recommend(ask, arguments)

        return await perform(context, brought)

    # --- circles and consent ----------------------------------------------------------------------------

    async def circle(self, context: Context, where: Place) -> None:
        """Open a circle: users who press Join listen together."""
        if not where.is_group:
            alone = Notice(say("People listen together in a group: add me to one and say /circle there."))
            await self._talker.answer(context, where, alone)
            return
        reply = await perform(context, _entered)
        if isinstance(reply, Notice):
            await self._talker.send(where, [Card(lines(reply.text), _circle_keys())])
        else:
            await self._talker.answer(context, where, reply)

    async def pressed(self, query: CallbackQuery, context: Context, payload: str) -> None:
        """Handle a button of a circle, or of the consent to reactions."""
        if payload.startswith(REACTIONS):
            await self._consent(query, context, agreed=payload.endswith(":on"))
            return
        if payload == f"{CIRCLE}songs":
            await toast(query)
            await self._talker.answer(context, below(query), await self.recommend(context, "/recommend"))
            return
        reply = await perform(context, _entered if payload.endswith("join") else _left, spoke=False)
        said = reply.text if isinstance(reply, Notice) else ""
        await toast(query, said or _sentence(reply), alert=not said)
        if said:
            self._talker.redraw_card(query, Card(lines(said), _circle_keys()))

    async def _consent(self, query: CallbackQuery, context: Context, *, agreed: bool) -> None:
        async def noted(ask: Ask) -> Reply:
            await ask.music.communities.set_wish(ask.listener.user_id, CONSENT, ON if agreed else "off")
            return Notice(
                say("Your reactions to my lists count from now on, everywhere.")
                if agreed
                else say("Your reactions no longer count.")
            )

        reply = await perform(context, noted)
        await toast(query, reply.text if isinstance(reply, Notice) else _sentence(reply), alert=True)


async def _entered(ask: Ask) -> Notice:
    return _present(await ask.music.circles.join(ask.listener))


async def _left(ask: Ask) -> Notice:
    return _present(await ask.music.circles.leave(ask.listener))


def _present(users: list[int]) -> Notice:
    who = counted(len(users), "person listens along", "people listen along")
    return Notice(say("🎧 {}. Press Join, then /recommend brings songs for all who did.", who))


def _sentence(reply: Reply) -> str:
    return reply.sentence if isinstance(reply, Problem) else ""


def _consent_keys() -> Keyboard:
    on, off = (f"{REACTIONS}{state}" for state in ("on", "off"))
    return ((Key(say("Count my reactions"), callback_data=on), Key(say("No longer"), callback_data=off)),)


def _circle_keys() -> Keyboard:
    join, leave = (f"{CIRCLE}{act}" for act in ("join", "leave"))
    return (
        (Key(say("Join"), callback_data=join), Key(say("Leave"), callback_data=leave)),
        (Key(say("Songs for all of us"), callback_data=f"{CIRCLE}songs"),),
    )
