"""Delivery to Telegram: sends and edits messages, and handles refusals.

A blocked bot and a deleted chat end in a log line, never in an error: nobody is left to read one.
"""

import logging
from io import BytesIO

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.adapters.telegram.incoming import Place
from bot.adapters.telegram.render.card import Card, Keyboard

log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_UNCHANGED = "message is not modified"
_TOO_LATE = ("query is too old", "query_id_invalid", "query id is invalid")
_UNFETCHED = ("failed to get http url content", "wrong file identifier", "wrong type of the web page content")
_GONE = (
    "chat not found",
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "topic_closed",
    "thread not found",
    "not enough rights",
    "have no rights",
    "user is deactivated",
    "chat_write_forbidden",
    "group chat was upgraded",
)


async def send(bot: Bot, where: Place, cards: list[Card]) -> Message | None:
    """Send the messages of one reply in order; return the last, None if nobody can receive them.

    Messages for a group that became a supergroup go there; the returned message has its chat.
    """
    sent = None
    for card in cards:
        try:
            try:
                sent = await _send(bot, where, card)
            except ChatMigrated as moved:
                where = Place(moved.new_chat_id, is_group=where.is_group)
                sent = await _send(bot, where, card)
        except Forbidden as error:
            log.info("a chat does not want messages: %s", error)
            return None
        except BadRequest as error:
            if not _is_gone(error):
                raise
            log.warning("a chat cannot be written to: %s", error)
            return None
    return sent


async def _send(bot: Bot, where: Place, card: Card) -> Message:
    answered = None
    if where.reply_to is not None:
        answered = ReplyParameters(where.reply_to, allow_sending_without_reply=True)
    if card.pictures:
        return await _send_pictures(bot, where, card, answered)
    if card.file is not None:
        return await bot.send_document(
            where.chat_id,
            InputFile(BytesIO(card.file.content), filename=card.file.name),
            caption=card.text,
            parse_mode=ParseMode.HTML,
            message_thread_id=where.thread_id,
            reply_parameters=answered,
        )
    if card.sample is not None and (sent := await _send_sample(bot, where, card, answered)):
        return sent
    return await bot.send_message(
        where.chat_id,
        card.text,
        parse_mode=ParseMode.HTML,
        message_thread_id=where.thread_id,
        reply_parameters=answered,
        reply_markup=keyboard(card.rows),
        link_preview_options=preview(card),
    )


async def _send_sample(
    bot: Bot, where: Place, card: Card, answered: ReplyParameters | None
) -> Message | None:
    """Send 30 seconds of a song by its address; return None if Telegram cannot fetch it."""
    sample = card.sample
    if sample is None:
        return None
    try:
        return await bot.send_audio(
            where.chat_id,
            sample.url,
            caption=card.text,
            parse_mode=ParseMode.HTML,
            performer=sample.artist,
            title=sample.title,
            message_thread_id=where.thread_id,
            reply_parameters=answered,
            reply_markup=keyboard(card.rows),
        )
    except BadRequest as error:
        if not any(words in str(error).casefold() for words in _UNFETCHED):
            raise
        log.info("30 seconds of a song could not be fetched: %s", error)
        return None


async def _send_pictures(bot: Bot, where: Place, card: Card, answered: ReplyParameters | None) -> Message:
    """Send one picture with its caption, or an album; return the first message."""
    first, *others = card.pictures
    if not others:
        return await bot.send_photo(
            where.chat_id,
            first.content,
            filename=first.name,
            caption=card.text,
            parse_mode=ParseMode.HTML,
            message_thread_id=where.thread_id,
            reply_parameters=answered,
            reply_markup=keyboard(card.rows),
        )
    album = await bot.send_media_group(
        where.chat_id,
        [InputMediaPhoto(one.content, filename=one.name) for one in card.pictures],
        caption=card.text,
        parse_mode=ParseMode.HTML,
        message_thread_id=where.thread_id,
        reply_parameters=answered,
    )
    return album[0]


async def edit(
    bot: Bot, card: Card, *, chat_id: int | None, message_id: int | None, inline_id: str | None = None
) -> None:
    """Show a card in place of a sent message; skip messages that look the same already or are gone."""
    try:
        await bot.edit_message_text(
            card.text,
            chat_id=chat_id,
            message_id=message_id,
            inline_message_id=inline_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(card.rows),
            link_preview_options=preview(card),
        )
    except (Forbidden, ChatMigrated) as error:  # old messages of a moved group cannot be edited
        log.info("a chat does not want messages: %s", error)
    except BadRequest as error:
        if _UNCHANGED not in str(error).casefold() and not _is_gone(error):
            raise


def preview(card: Card) -> LinkPreviewOptions:
    """Return the preview of a card: the song's cover if its page is known, else none."""
    if card.cover is None:
        return _NO_PREVIEW
    return LinkPreviewOptions(url=card.cover, prefer_small_media=True, show_above_text=False)


def keyboard(rows: Keyboard) -> InlineKeyboardMarkup | None:
    """Return rows of buttons as a Telegram keyboard, None without buttons."""
    return InlineKeyboardMarkup(rows) if rows else None


def is_too_late(error: BadRequest) -> bool:
    """Return whether a press is too old for Telegram to accept an answer."""
    return any(words in str(error).casefold() for words in _TOO_LATE)


def _is_gone(error: BadRequest) -> bool:
    return any(words in str(error).casefold() for words in _GONE)
