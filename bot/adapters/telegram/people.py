"""Users named in a Telegram message: the author of the answered message, a mention, an @username."""

from collections.abc import Iterable

from telegram import Bot, Message, MessageEntity
from telegram.error import TelegramError

from bot.adapters.telegram import incoming
from bot.adapters.telegram.incoming import PLATFORM
from bot.commands.table import called
from bot.context import Context

_MOST_ASKED = 40  # users looked up per message for a username


async def pointed(bot: Bot, context: Context, message: Message, line: str) -> str:
    """Return a command with `<@id>` in place of each user that Telegram identifies in it.

    Without a name, the command means the author of the answered message.
    """
    whom = {
        (entity.offset, entity.length): entity.user.id
        for entity in message.entities
        if entity.type == MessageEntity.TEXT_MENTION and entity.user is not None
    }
    mentions = message.parse_entities([MessageEntity.MENTION])
    if mentions:
        known = await _usernames(bot, context, message.chat.id)
        for entity, text in mentions.items():
            if (user := known.get(text.removeprefix("@").casefold())) is not None:
                whom[entity.offset, entity.length] = user
    answered = _answered(message)
    told = _replaced(line, whom.items())
    return f"{told} <@{answered}>" if answered is not None and names_nobody(line) else told


def _replaced(line: str, whom: Iterable[tuple[tuple[int, int], int]]) -> str:
    """Replace each span by a mention; spans are counted in UTF-16 code units, as Telegram does."""
    units = line.encode("utf-16-le")
    for (offset, length), user in sorted(whom, reverse=True):
        start, end = 2 * offset, 2 * (offset + length)
        units = units[:start] + f"<@{user}>".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le")


async def _usernames(bot: Bot, context: Context, chat_id: int) -> dict[str, int]:
    """Return the ids of comparable users here by username; Telegram offers no such look-up."""
    if context.community is None:
        return {}
    found = {}
    for account in (await context.music.comparing.accounts(context.community))[:_MOST_ASKED]:
        try:
            member = await bot.get_chat_member(chat_id, int(account))
        except TelegramError:  # left the group, or deleted the account
            continue
        if member.user.username:
            found[member.user.username.casefold()] = member.user.id
    return found


def _answered(message: Message) -> int | None:
    """Return the author of the answered message; every message of a topic answers its first one."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    spoke = incoming.speaker(answered)
    return None if spoke is None or spoke.platform != PLATFORM else int(spoke.external_id)


def takes_people(line: str) -> bool:
    """Return whether the command of a line is about other users."""
    found = called(line)
    argument = found[0].argument if found is not None else None
    return argument is not None and argument.kind in ("person", "people")


def names_nobody(line: str) -> bool:
    """Return whether a command stands alone or only with a number of songs."""
    found = called(line)
    return found is not None and all(word.isdecimal() for word in found[1].split())
