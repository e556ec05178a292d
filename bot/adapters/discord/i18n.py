"""Names and descriptions of commands in the languages of Discord's interface.

The words themselves are in `bot/locale`, by their English wording; a name of a command or of its fields is
there under "name:" and the English name.
"""

import discord
from discord import app_commands

from bot.replies.i18n import ENGLISH, catalogue

_LOCALES = {
    discord.Locale.german: "de",
    discord.Locale.spain_spanish: "es",
    discord.Locale.latin_american_spanish: "es",
}


def language_of(locale: discord.Locale | None, decided: str = "") -> str:
    """Return the language to use: what the server has decided, else the person's own, else English."""
    return decided or _LOCALES.get(locale or discord.Locale.american_english, ENGLISH)


def described(english: str) -> app_commands.locale_str:
    """Return a description, or the name of a menu, to be translated."""
    return app_commands.locale_str(english, key=english)


def named(english: str) -> app_commands.locale_str:
    """Return the name of a command or a field, to be translated; "person2" is another "person"."""
    word = english.rstrip("0123456789")
    return app_commands.locale_str(english, key=f"name:{word}", number=english.removeprefix(word))


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
        language, key = _LOCALES.get(locale), string.extras.get("key")
        word = None if language is None or key is None else catalogue(language).get(key)
        return None if word is None else word + str(string.extras.get("number", ""))
