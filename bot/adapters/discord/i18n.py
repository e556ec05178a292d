"""Words in other languages: names and descriptions of commands, labels of buttons.

The sentences of replies are in `bot.replies.i18n`, for every platform.
"""

import json
from functools import cache
from pathlib import Path
from typing import cast

import discord
from discord import app_commands

from bot.replies.i18n import ENGLISH, LANGUAGES

_FOLDER = Path(__file__).parent / "locale"
_LOCALES = {
    discord.Locale.german: "de",
    discord.Locale.spain_spanish: "es",
    discord.Locale.latin_american_spanish: "es",
}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the words of a language, by key; English where there is no such language."""
    path = _FOLDER / f"{language if language in LANGUAGES else ENGLISH}.json"
    return cast("dict[str, str]", json.loads(path.read_text(encoding="utf-8")))


def language_of(locale: discord.Locale | None, decided: str = "") -> str:
    """Return the language to use: what the server has decided, else the person's own, else English."""
    return decided or _LOCALES.get(locale or discord.Locale.american_english, ENGLISH)


def word(key: str, language: str = ENGLISH) -> str:
    """Return a word of the interface; the English one where a translation lacks it."""
    return catalogue(language).get(key) or catalogue(ENGLISH)[key]


def named(message: str, key: str) -> app_commands.locale_str:
    """Return an English text that is translated under `key`."""
    return app_commands.locale_str(message, key=key)


class Translator(app_commands.Translator):
    """Hands Discord the names and descriptions of commands in every language there is."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in this language, None where English is to be shown."""
        del context
        language = _LOCALES.get(locale)
        key = string.extras.get("key")
        return None if language is None or key is None else catalogue(language).get(key)
