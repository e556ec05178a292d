"""Command menus beside the text field, per kind of chat and language."""

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from bot.command import Command
from bot.commands.table import COMMANDS
from bot.replies.i18n import ENGLISH, LANGUAGES, say, speaking

log = logging.getLogger(__name__)

# Commands of Telegram alone; its chat answers them itself.
_OURS = (
    Command("circle", "Listen together: a list for all who join", "/circle", in_groups=True),
    Command("admin", "Decide for this group", "/admin", in_groups=True, managers_only=True),
)
OURS = {command.name: command for command in _OURS}


def menus() -> list[tuple[BotCommandScope, str, list[BotCommand]]]:
    """Return every menu as (scope, language code, commands); "" is the fallback language."""
    in_groups = [command for command in (*COMMANDS.values(), *_OURS) if command.in_groups]
    shown = {
        BotCommandScopeAllPrivateChats(): list(COMMANDS.values()),
        BotCommandScopeAllGroupChats(): [command for command in in_groups if not command.managers_only],
        BotCommandScopeAllChatAdministrators(): in_groups,
    }
    return [
        (scope, "" if language == ENGLISH else language, _menu(commands, language))
        for scope, commands in shown.items()
        for language in LANGUAGES
    ]


def _menu(commands: list[Command], language: str) -> list[BotCommand]:
    with speaking(language):
        return [BotCommand(command.name, say(command.summary)) for command in commands]


async def set_menus(bot: Bot) -> None:
    """Send the menus to Telegram; the bot also works without them."""
    try:
        for scope, language, commands in menus():
            await bot.set_my_commands(commands, scope, language or None)
    except TelegramError as error:
        log.warning("the menus could not be set: %s", error)
