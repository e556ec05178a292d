"""Who is meant on Telegram: whoever wrote the message that is answered, a mention, an @username."""

from collections.abc import Iterable

from telegram import Bot, Message, MessageEntity
from telegram.error import TelegramError

from bot.adapters.telegram import incoming
from bot.adapters.telegram.incoming import PLATFORM
from bot.commands.table import called
from bot.context import Context

_MOST_ASKED = 40  # people whose username is looked up for one message


async def pointed(bot: Bot, context: Context, message: Message, line: str) -> str:
    """Return a command with `<@id>` for each person in it whom Telegram knows by more than a name.

    Without a name, whoever wrote the message that it answers is meant.
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
    """Put a mention in the place of each span, counted as Telegram does: in UTF-16 code units."""
    units = line.encode("utf-16-le")
    for (offset, length), user in sorted(whom, reverse=True):
        start, end = 2 * offset, 2 * (offset + length)
        units = units[:start] + f"<@{user}>".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le")


async def _usernames(bot: Bot, context: Context, chat_id: int) -> dict[str, int]:
    """Return the ids of those who may be compared here by their usernames, as Telegram does not."""
    if context.community is None:
        return {}
    found = {}
    for account in (await context.music.comparing.accounts(context.community))[:_MOST_ASKED]:
        try:
            member = await bot.get_chat_member(chat_id, int(account))
        except TelegramError:  # gone from the group, or from Telegram
            continue
        if member.user.username:
            found[member.user.username.casefold()] = member.user.id
    return found


def _answered(message: Message) -> int | None:
    """Return who wrote the message that this one answers; every message of a topic answers its first one."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    spoke = incoming.speaker(answered)
    return None if spoke is None or spoke.platform != PLATFORM else int(spoke.external_id)


def takes_people(line: str) -> bool:
    """Tell whether the command that a line calls is about other people."""
    found = called(line)
    argument = found[0].argument if found is not None else None
    return argument is not None and argument.kind in ("person", "people")


def names_nobody(line: str) -> bool:
    """Tell whether a command stands alone, or with the number of songs it asks for."""
    found = called(line)
    return found is not None and all(word.isdecimal() for word in found[1].split())
