"""Users, chats and commands of Telegram updates; pure functions."""

import re
from dataclasses import dataclass

from telegram import Chat, MaybeInaccessibleMessage, Message, Update, User

from bot.context import Context, Picking
from recommender.service import MusicService
from storage.records import Account, Community

PLATFORM = "telegram"
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """Destination of an answer: a chat, its topic, and the message to answer."""

    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None
    is_group: bool = False


def person(user: User) -> Account:
    """Return the account of a Telegram user; the id stays when the name changes."""
    return Account(PLATFORM, str(user.id), user.full_name or str(user.id))


def group_itself(chat: Chat) -> Account:
    """Return the account of a group, for its anonymous administrators and unsigned reactions."""
    return Account(PLATFORM, str(chat.id), chat.title or "an anonymous group")


def speaker(message: Message) -> Account | None:
    """Return the account that speaks: a user, or the group or channel they speak for; None for neither."""
    if message.is_automatic_forward:
        return None
    # Telegram then names a stand-in as the user, the same one in every group.
    if message.sender_chat is not None:
        return group_itself(message.sender_chat)
    user = message.from_user
    return None if user is None or user.is_bot else person(user)


def community(chat: Chat) -> Community | None:
    """Return the community of a group, None for a private chat."""
    if chat.type not in (Chat.GROUP, Chat.SUPERGROUP):
        return None
    return Community(PLATFORM, str(chat.id), "group", chat.title or str(chat.id))


def place(message: Message) -> Place:
    """Return the destination of the answer to a message."""
    is_group = message.chat.type != Chat.PRIVATE
    topic = message.message_thread_id if message.is_topic_message else None
    return Place(message.chat.id, topic, message.message_id if is_group else None, is_group)


def answers(message: Message, bot_id: int) -> bool:
    """Return whether a message answers a message of the bot."""
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == bot_id


def key(update: Update, bot_id: int) -> str:
    """Return the key of a delivery: stable over all deliveries of one message, press or reaction.

    Update numbers restart after a quiet week and differ between bots, so the key names the content.
    """
    if update.callback_query is not None:
        return f"telegram:{bot_id}:press:{update.callback_query.id}"
    message = update.effective_message
    if update.message_reaction is not None:
        at = int(update.message_reaction.date.timestamp())
        return f"telegram:{bot_id}:react:{update.update_id}:{at}"
    if message is not None:
        return f"telegram:{bot_id}:say:{message.chat.id}:{message.message_id}"
    return f"telegram:{bot_id}:update:{update.update_id}"


def context(update: Update, music: MusicService, bot_id: int) -> Context | None:
    """Return the context of an update, None if its sender cannot be answered."""
    query, message = update.callback_query, update.message
    if query is not None:
        chat = query.message.chat if query.message is not None else None
        where = None if chat is None else community(chat)
        reads = (query.inline_message_id or "") if chat is None else str(chat.id)
        who = person(query.from_user)
        topic = _topic(query.message)
        return Context(music, who, where, key(update, bot_id), topic, reads, _picking(where))
    if message is None:
        return None
    account = speaker(message)
    if account is None:
        return None
    where, reads = community(message.chat), str(message.chat.id)
    return Context(music, account, where, key(update, bot_id), _topic(message), reads, _picking(where))


def _picking(where: Community | None) -> Picking:
    """Return how users pick: only private chats treat written names as meant for the bot."""
    return "presses" if where is None else "commands"


def _topic(message: MaybeInaccessibleMessage | None) -> str:
    if not isinstance(message, Message) or not message.is_topic_message:
        return ""
    return str(message.message_thread_id)


def command(text: str) -> tuple[str, str | None] | None:
    """Return the command a text begins with and the bot it addresses, None for any other text.

    >>> command("/like@segue_bot queen"), command("like queen")
    (('like', 'segue_bot'), None)
    """
    found = _COMMAND.match(text)
    return None if found is None else (found["name"].casefold(), found["bot"])
