"""/admin in a group: settings of its administrators, each time checked with Telegram."""

from collections.abc import Awaitable, Callable
from functools import partial

from telegram import CallbackQuery, ChatMember, Message
from telegram import Chat as TelegramChat
from telegram import InlineKeyboardButton as Key
from telegram.error import TelegramError

from bot.adapters.telegram.answers import Talker, below, toast
from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.incoming import Place
from bot.adapters.telegram.render import NO
from bot.adapters.telegram.render.card import Card, Keyboard
from bot.adapters.telegram.text import lines
from bot.commands import perform
from bot.context import Ask, Context, Mention
from bot.handlers import admin, policies, releases, weekly
from bot.handlers.names import understand
from bot.replies import Choices, Notice, Reply
from bot.replies.i18n import LANGUAGES, say
from recommender.errors import NotKnown

HELP = """\
/admin settings - what this group has decided
/admin language de - in which language I answer here: en, de, es, fr, pt
/admin size 8 - how many songs a list has
/admin explicit off - leave explicit songs out
/admin cooldown 10 - seconds between two commands of one person
/admin weekly on fri 18 - ten songs for this group every week; /admin weekly off
/admin releases on - new releases of artists several of you like; /admin releases off
/admin quiet 22-8, /admin quiet - quiet hours; end all that comes by itself
/admin block ARTIST, /admin unblock ARTIST, /admin blocked - what is kept out of here
/admin stats - this group in figures
/admin remove - in answer to somebody: take their data out of this group
/admin erase - erase what I know of this group
/admin retrain, /admin knowledge - learn now; what I know
/admin policy - who chooses the songs, and whether another would do better
/admin policy promote NAME, /admin policy back - for whoever runs me: let another choose, or the one before"""

ERASE = "admin:erase"
"""Payload of the confirmation button; every press is checked with Telegram again."""

_SURE = "Erase all that I know of this group, what it has decided as well? Only administrators can say yes."
_ADMINISTRATORS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
_SWITCH = {"on": True, "yes": True, "off": False, "no": False}


class Admins:
    """Answers /admin."""

    def __init__(self, talker: Talker, languages: Languages, owner: int | None) -> None:
        """`talker` sends answers; `languages` drops cached settings on changes; `owner` is a Telegram id."""
        self._talker = talker
        self._languages = languages
        self._owner = owner

    async def administer(self, message: Message, context: Context, where: Place, line: str) -> None:
        """Run an administrator's command; refuse every other user, checked each time."""
        words = line.split(maxsplit=2)[1:]
        verb, rest = (words[0].casefold() if words else "help"), (words[1] if len(words) > 1 else "")
        if verb == "policy" and (rest or not where.is_group):
            reply: Reply = await self._policy(message, context, rest)
        elif not where.is_group:
            reply = Notice(f"{say('In a group, its administrators may say:')}\n{say(HELP)}")
        elif not await self.may(message):
            reply = Notice(say("That is for the administrators of this group."))
        elif verb == "erase":
            await self._talker.send(where, [Card(lines(say(_SURE)), _sure_keys())])
            return
        else:

            async def decided(ask: Ask) -> Reply:
                return await _decided(ask, verb, rest, message)

            reply = await perform(context, decided)
            self._languages.forget(str(message.chat.id))
        await self._talker.answer(context, where, reply)

    async def _policy(self, message: Message, context: Context, wish: str) -> Reply:
        """Show or change the policy at the request of the operator; the change applies everywhere."""
        asks = message.from_user.id if message.from_user is not None and not message.sender_chat else None
        if self._owner is None or asks != self._owner:
            text = say("That is for whoever runs me.")
            if asks is not None and message.chat.type == TelegramChat.PRIVATE:
                text += " " + say(
                    "If that is you, put {} into .env and start me again.", f"TELEGRAM_OWNER={asks}"
                )
            return Notice(text)
        return await perform(context, partial(policies.policy, wish=wish))

    async def pressed(self, query: CallbackQuery, context: Context) -> None:
        """Erase the group's data if the user who confirms is an administrator."""
        message = query.message
        if message is None or not await self._administers(message.chat, query.from_user.id):
            await toast(query, say("That is for the administrators of this group."), alert=True)
            return
        await toast(query)
        self._talker.settle(query)
        await self._talker.answer(context, below(query), await perform(context, admin.erase_here))
        self._languages.forget(str(message.chat.id))

    async def may(self, message: Message) -> bool:
        """Return whether the sender administers the chat; anonymous administrators send in its name."""
        if message.sender_chat is not None:
            return message.sender_chat.id == message.chat.id
        return message.from_user is not None and await self._administers(message.chat, message.from_user.id)

    async def _administers(self, chat: TelegramChat, user_id: int) -> bool:
        if chat.type == TelegramChat.PRIVATE:
            return False
        try:
            member = await self._talker.bot.get_chat_member(chat.id, user_id)
        except TelegramError:
            return False  # refuse when the check fails
        return member.status in _ADMINISTRATORS


def _sure_keys() -> Keyboard:
    yes = Key(say("Erase it all"), callback_data=ERASE, style="danger")
    return ((yes, Key(say("No, leave it"), callback_data=NO)),)


async def _decided(ask: Ask, verb: str, rest: str, message: Message) -> Reply:
    if verb in _PLAIN:
        return await _PLAIN[verb](ask)
    if verb in _WITH_WORDS:
        return await _WITH_WORDS[verb](ask, rest)
    return await _removed(ask, message) if verb == "remove" else Notice(say(HELP))


async def _settings(ask: Ask) -> Notice:
    return await admin.settings(ask, rooms=False)  # a group has no channels


async def _explicit(ask: Ask, rest: str) -> Notice:
    if rest.casefold() not in _SWITCH:
        raise NotKnown("Say on or off: /admin explicit off.")
    return await admin.set_explicit(ask, allowed=_SWITCH[rest.casefold()])


async def _language(ask: Ask, rest: str) -> Notice:
    if rest.casefold() not in LANGUAGES:
        raise NotKnown("Say one of the languages I speak: /admin language en, de, es, fr or pt.")
    return await admin.set_language(ask, rest.casefold())


async def _size(ask: Ask, rest: str) -> Notice:
    return await admin.set_size(ask, _number(rest))


async def _cooldown(ask: Ask, rest: str) -> Notice:
    return await admin.set_cooldown(ask, _number(rest))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise NotKnown("Say a number: /admin size 8, /admin cooldown 10.")
    return int(text[:9])


async def _block(ask: Ask, rest: str) -> Reply:
    return await admin.block_here(ask, await _meant(ask, rest))


async def _unblock(ask: Ask, rest: str) -> Reply:
    return await admin.unblock_here(ask, await _meant(ask, rest))


async def _meant(ask: Ask, rest: str) -> Mention:
    if not rest:
        raise NotKnown("Say whom: /admin block Coldplay.")
    found = await understand(ask, "like", rest)
    if isinstance(found, Choices):
        # A button would not know that it came from an administrator.
        named = "; ".join(choice.song.label for choice in found.choices)
        raise NotKnown("Several go by that name: {}. Write artist - title.", named)
    return Mention(found.song)


async def _blocked(ask: Ask) -> Reply:
    songs = await admin.blocked_here(ask)
    if not songs:
        return Notice(say("Nothing is kept out of here."))
    return Notice("\n".join([say("Kept out of here:"), *(song.label for song in songs)]))


async def _removed(ask: Ask, message: Message) -> Reply:
    answered = message.reply_to_message
    if answered is None or answered.from_user is None:
        raise NotKnown("Answer a message of that person with /admin remove.")
    return await admin.remove_member(ask, str(answered.from_user.id), answered.from_user.full_name)


_PLAIN: dict[str, Callable[[Ask], Awaitable[Reply]]] = {
    "settings": _settings,
    "stats": admin.statistics,
    "retrain": admin.retrain,
    "knowledge": admin.knowledge,
    "policy": policies.shown,
    "blocked": _blocked,
}
_WITH_WORDS: dict[str, Callable[[Ask, str], Awaitable[Reply]]] = {
    "language": _language,
    "size": _size,
    "cooldown": _cooldown,
    "explicit": _explicit,
    "block": _block,
    "unblock": _unblock,
    "weekly": lambda ask, rest: weekly.weekly_of(ask, weekly.ours(ask), rest),
    "releases": lambda ask, rest: releases.releases_of(ask, weekly.ours(ask), rest),
    "quiet": lambda ask, rest: weekly.quiet_of(ask, weekly.ours(ask), rest),
    "zone": lambda ask, rest: weekly.zone_of(ask, weekly.ours(ask), rest),
}
