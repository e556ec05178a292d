"""Native reactions to the bot's cards: a thumb or heart is a verdict; removing it takes it back.

Telegram reports reactions only to administrators.  A user's reactions count from the day of their consent;
unsigned ones teach the group.
"""

import asyncio
from collections.abc import Iterable

from telegram import MessageReactionCountUpdated, MessageReactionUpdated, ReactionTypeEmoji, Update

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.adapters.telegram.incoming import PLATFORM
from bot.commands import on_list
from bot.context import Ask, Context
from bot.replies import Marked, Notice, Reply
from storage.records import Account, Kind

CONSENT = "reactions"
ON = "on"

_LIKES = frozenset("❤👍🔥🥰👏🎉🤩😍💯⚡🏆🕊🤗😘😎") | {"❤\u200d🔥"}
_DISLIKES = frozenset("👎🤬🤮💩🥱😴🖕😡💔")


def meant(reactions: Iterable[object]) -> Kind | None:
    """Return the first verdict among a user's reactions to one message, else None."""
    for reaction in reactions:
        if isinstance(reaction, ReactionTypeEmoji):
            emoji = reaction.emoji.replace("\ufe0f", "")
            if emoji in _LIKES:
                return Kind.LIKE
            if emoji in _DISLIKES:
                return Kind.DISLIKE
    return None


class Reactions:
    """Turns reactions into verdicts."""

    def __init__(self, talker: Talker) -> None:
        """`talker` redraws the cards."""
        self._talker = talker
        self._music = talker.music

    async def reacted(self, update: Update, _: Anything) -> None:
        """Handle a reaction that a user set, changed or removed."""
        told = update.message_reaction
        if told is None:
            return
        before, after = meant(told.old_reaction), meant(told.new_reaction)
        if before == after or (account := await self._signed(told)) is None:
            return
        context = Context(
            self._music,
            account,
            incoming.community(told.chat),
            incoming.key(update, self._talker.bot.id),
            chat=str(told.chat.id),
        )
        await self._judge(context, told.chat.id, told.message_id, before, after)

    async def counted(self, update: Update, _: Anything) -> None:
        """Handle counts of unsigned reactions: the most frequent verdict becomes the group's."""
        told = update.message_reaction_count
        if told is None:
            return
        kind = _majority(told)
        context = Context(
            self._music,
            incoming.group_itself(told.chat),
            incoming.community(told.chat),
            incoming.key(update, self._talker.bot.id),
            chat=str(told.chat.id),
        )
        await self._judge(context, told.chat.id, told.message_id, None, kind, is_count=True)

    async def _signed(self, told: MessageReactionUpdated) -> Account | None:
        if told.user is None:
            return None if told.actor_chat is None else incoming.group_itself(told.actor_chat)
        if told.user.is_bot:
            return None
        user_id = await self._music.communities.user(PLATFORM, str(told.user.id))
        if user_id is None or await self._music.communities.wish(user_id, CONSENT) != ON:
            return None
        return incoming.person(told.user)

    async def _shown_in(self, chat_id: str, message_id: str) -> int | None:
        """Return the slate that a message shows, else None; a new card is recorded after it is sent."""
        for pause in (0.0, 1.0):
            await asyncio.sleep(pause)
            slate_id = await self._music.cards.find(PLATFORM, chat_id, message_id)
            if slate_id is not None:
                return slate_id
        return None

    async def _judge(
        self,
        context: Context,
        chat_id: int,
        message_id: int,
        before: Kind | None,
        after: Kind | None,
        *,
        is_count: bool = False,
    ) -> None:
        slate_id = await self._shown_in(str(chat_id), str(message_id))
        if slate_id is None:
            return

        async def judged(ask: Ask) -> Reply:
            slate = await ask.music.slate(ask.listener, slate_id)
            if len(slate.picks) != 1:  # it is about the list, not about every song on it
                await ask.music.cards.judge(ask.listener, slate_id, after)
                return Notice("")
            standing = slate.picks[0].verdict
            kind = _pressed(standing, standing if is_count else before, after)
            if kind is not None:
                await ask.music.reactions.press(
                    ask.listener, slate_id, slate.picks[0].position, kind, key=ask.key()
                )
            return Marked("", await ask.music.slate(ask.listener, slate_id))

        reply = await on_list(context, slate_id, judged)
        if isinstance(reply, Marked):
            self._talker.redraw(chat_id, message_id, reply, is_group=True)


def _pressed(standing: Kind | None, before: Kind | None, after: Kind | None) -> Kind | None:
    """Return the button that brings the verdict in line with the reaction, None if it already is."""
    if after is not None:
        return after if standing != after else None
    # Removed: takes back its own verdict, and nothing the user said otherwise since.
    return before if before is not None and standing == before else None


def _majority(told: MessageReactionCountUpdated) -> Kind | None:
    balance = 0
    for reaction in told.reactions:
        kind = meant([reaction.type])
        balance += reaction.total_count * {Kind.LIKE: 1, Kind.DISLIKE: -1}.get(kind or Kind.SKIP, 0)
    if balance == 0:
        return None
    return Kind.LIKE if balance > 0 else Kind.DISLIKE
