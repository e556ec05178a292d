"""Telegram bot process: builds PTB's application and runs it, by polling or webhook, until cancelled."""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    ChosenInlineResultHandler,
    InlineQueryHandler,
    MessageHandler,
    MessageReactionHandler,
)
from telegram.ext import filters as on

from bot.adapters.telegram.answers import Anything, Talker
from bot.adapters.telegram.carrier import TelegramCarrier
from bot.adapters.telegram.chat import Chat
from bot.adapters.telegram.clips import Clips
from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.imports import Files
from bot.adapters.telegram.inbox import Inbox, inbox_of
from bot.adapters.telegram.inline import Inline
from bot.adapters.telegram.media import Media
from bot.adapters.telegram.menus import set_menus
from bot.adapters.telegram.reactions import Reactions
from bot.adapters.telegram.transport import Patient, hide
from bot.adapters.telegram.update_processor import InTurn
from bot.adapters.telegram.webhook import TELEGRAM_CONNECTIONS, Webhook
from bot.courier import Courier
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService

log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]

# Telegram sends nothing else, and sends reactions only if they are listed.
UPDATES = (
    Update.MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.CHOSEN_INLINE_RESULT,
    Update.MESSAGE_REACTION,
    Update.MESSAGE_REACTION_COUNT,
    Update.MY_CHAT_MEMBER,
)
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # format of @BotFather's tokens
_REFUSED = "Telegram refuses the token: check TELEGRAM_TOKEN against @BotFather's."
# Everything a user can send besides text and files.
_MEDIA = on.PHOTO | on.Sticker.ALL | on.LOCATION | on.CONTACT | on.POLL | on.Dice.ALL
_CLIPS = on.VOICE | on.AUDIO | on.VIDEO_NOTE | on.VIDEO | on.Document.AUDIO | on.Document.VIDEO
_HEAR = on.REPLY & on.Regex(r"^/hear(@\w+)?\s*$")
_FILES = "files"
_TALKER = "talker"
_COURIER = "courier"
_WEBHOOK = "webhook"
_WATCH_SECONDS = 60.0
_HANG_UP_SECONDS = 1.0
_FINISH_SECONDS = 2.0
_CONNECTIONS = 64
_ANSWER_SECONDS = 20.0
_POLL_SECONDS = 30


async def run(settings: Settings, music: MusicService, ready: Callable[[], None]) -> None:
    """Serve Telegram until cancelled; answers every update received by then.

    Calls `ready` once Telegram accepts the token.  Raises `MusicError` if the token is missing or refused: a
    retry would not help.
    """
    if settings.telegram_token is None:
        raise MusicError("Telegram needs a token: ask @BotFather for one and put TELEGRAM_TOKEN=... in .env.")
    token = settings.telegram_token.get_secret_value()
    if not _TOKEN.fullmatch(token):
        raise MusicError(_REFUSED)
    hide(token)
    languages = Languages(music)
    application = build(settings, Inbox(music), languages)
    try:
        await _begin(application, settings, music, languages)
        log.info("talking on Telegram as @%s", application.bot.username)
        ready()
        await _watch(application)
    except InvalidToken:
        # Not chained: the library's error quotes the token.
        raise MusicError(_REFUSED) from None
    finally:
        await _end(application)


def build(settings: Settings, inbox: Inbox, languages: Languages) -> App:
    """Return the application, ready to run."""
    if settings.telegram_token is None:
        raise ValueError("a bot needs a token")
    builder = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(settings.telegram_base_url)
        .base_file_url(settings.telegram_base_file_url)
        .rate_limiter(Patient())
        .update_queue(inbox)
        .concurrent_updates(InTurn(inbox, languages))
        .connection_pool_size(_CONNECTIONS)
        .pool_timeout(10.0)
        # A message given up too early would be sent twice.
        .read_timeout(_ANSWER_SECONDS)
    )
    return builder.build()


async def _begin(application: App, settings: Settings, music: MusicService, languages: Languages) -> None:
    await application.initialize()
    add_handlers(application, music, languages, settings.telegram_owner)
    await inbox_of(application).open(application.bot)
    await application.start()
    application.create_task(set_menus(application.bot), name="menus")
    courier = Courier(music, TelegramCarrier(application.bot_data[_TALKER]))
    application.bot_data[_COURIER] = asyncio.create_task(courier.keep(), name="telegram mailings")
    updater = application.updater
    if updater is None:
        raise RuntimeError("the application was built without an updater")
    if settings.telegram_webhook_url is None:
        await updater.start_polling(
            timeout=_POLL_SECONDS, allowed_updates=UPDATES, error_callback=_polling_failed
        )
        return
    await _listen(application, settings, settings.telegram_webhook_url)


async def _listen(application: App, settings: Settings, url: str) -> None:
    # Sent to Telegram at every start, so a fresh one each time works too.
    given = settings.telegram_webhook_secret
    secret = given.get_secret_value() if given else secrets.token_urlsafe(32)
    path = urlsplit(url).path.strip("/")
    webhook = Webhook(path, secret, application.bot, application.update_queue.put)
    webhook.listen(settings.telegram_webhook_listen, settings.telegram_webhook_port)
    application.bot_data[_WEBHOOK] = webhook
    await application.bot.set_webhook(
        url, allowed_updates=UPDATES, secret_token=secret, max_connections=TELEGRAM_CONNECTIONS
    )


def add_handlers(
    application: App, music: MusicService, languages: Languages, owner: int | None = None
) -> None:
    """Register a handler for each kind of update; `owner` is the operator's id."""
    talker = Talker(music, application.bot)
    chat, inline, reactions = Chat(talker, languages, owner), Inline(talker), Reactions(talker)
    files, media, clips = Files(talker), Media(talker), Clips(talker)
    application.bot_data[_FILES] = files
    application.bot_data[_TALKER] = talker
    application.add_handlers(
        [
            MessageHandler(on.UpdateType.MESSAGE & _HEAR, clips.pointed),
            MessageHandler(on.UpdateType.MESSAGE & on.TEXT, chat.hear),
            CallbackQueryHandler(chat.press),
            InlineQueryHandler(inline.search),
            ChosenInlineResultHandler(inline.chosen),
            MessageReactionHandler(
                reactions.reacted,
                message_reaction_types=MessageReactionHandler.MESSAGE_REACTION_UPDATED,
            ),
            MessageReactionHandler(
                reactions.counted,
                message_reaction_types=MessageReactionHandler.MESSAGE_REACTION_COUNT_UPDATED,
            ),
            MessageHandler(on.UpdateType.MESSAGE & _CLIPS, clips.received),
            MessageHandler(on.UpdateType.MESSAGE & on.ChatType.PRIVATE & on.Document.ALL, files.received),
            MessageHandler(on.UpdateType.MESSAGE & on.ChatType.GROUPS & on.Document.ALL, files.redirected),
            MessageHandler(on.StatusUpdate.MIGRATE, chat.groups.moved),
            MessageHandler(
                on.StatusUpdate.NEW_CHAT_MEMBERS | on.StatusUpdate.LEFT_CHAT_MEMBER, chat.groups.came_or_went
            ),
            MessageHandler(on.UpdateType.MESSAGE & on.ChatType.PRIVATE & _MEDIA, media.received),
            ChatMemberHandler(chat.groups.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    application.add_error_handler(_failed)


async def _watch(application: App) -> None:
    """Check the token until cancelled; raise InvalidToken if it is revoked: polling ends silently then."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        try:
            await application.bot.get_me()
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning("Telegram does not answer: %s", error)


async def _end(application: App) -> None:
    """Stop listening, finish received updates, disconnect; each step has its limit, under 5 s in all."""
    updater = application.updater
    files = application.bot_data.get(_FILES)
    if isinstance(files, Files):
        files.stop()
    talker = application.bot_data.get(_TALKER)
    in_turn = application.update_processor
    courier = application.bot_data.get(_COURIER)
    webhook = application.bot_data.get(_WEBHOOK)
    for work, seconds, needed in (
        (partial(_cancel, courier), _HANG_UP_SECONDS, courier is not None),
        (webhook.close if webhook else None, _HANG_UP_SECONDS, True),
        (updater.stop if updater else None, _HANG_UP_SECONDS, bool(updater and updater.running)),
        (application.stop, _FINISH_SECONDS, application.running),
        # Tasks that wait for a Telegram limit would otherwise go on without network and database.
        (in_turn.leave if isinstance(in_turn, InTurn) else None, _HANG_UP_SECONDS, True),
        (talker.close if isinstance(talker, Talker) else None, _HANG_UP_SECONDS, True),
        (application.shutdown, _HANG_UP_SECONDS, True),
    ):
        if work is None or not needed:
            continue
        try:
            async with asyncio.timeout(seconds):
                await work()
        except (TimeoutError, RuntimeError, TelegramError) as error:
            log.warning("Telegram was left without a goodbye: %s", error or "it took too long")
    await inbox_of(application).close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("another program fetches this bot's messages; stop it: %s", error)
    else:
        log.warning("no messages can be fetched, trying again: %s", error)


async def _failed(update: object, context: Anything) -> None:
    """Log errors between Telegram and the commands; commands report their own errors."""
    number = update.update_id if isinstance(update, Update) else None
    log.error("telegram update %s failed", number, exc_info=context.error)
