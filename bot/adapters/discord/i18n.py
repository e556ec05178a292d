"""Command names and descriptions in the languages of Discord's interface.

`bot/locale` holds the texts by their English wording; names of commands and fields have the context "name".
"""

import discord
from discord import app_commands

from bot.replies.catalogues import NAME, catalogue
from bot.replies.i18n import ENGLISH

_LOCALES = {
    discord.Locale.german: "de",
    discord.Locale.spain_spanish: "es",
    discord.Locale.latin_american_spanish: "es",
    discord.Locale.french: "fr",
    discord.Locale.brazil_portuguese: "pt",
}


def language_of(locale: discord.Locale | None, decided: str = "") -> str:
    """Return the language to use: the server's setting, else the user's own, else English."""
    return decided or _LOCALES.get(locale or discord.Locale.american_english, ENGLISH)


def described(english: str) -> app_commands.locale_str:
    """Return a translatable description or menu name."""
    return app_commands.locale_str(english, key=english)


def named(english: str) -> app_commands.locale_str:
    """Return a translatable command or field name; "person2" is another "person"."""
    word = english.rstrip("0123456789")
    return app_commands.locale_str(english, key=word, context=NAME, number=english.removeprefix(word))


class Translator(app_commands.Translator):
    """Translates command names and descriptions for Discord."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in this language, None to show English."""
        del context
        language, key = _LOCALES.get(locale), string.extras.get("key")
        if language is None or key is None:
            return None
        named_as, known = string.extras.get("context"), catalogue(language)
        word = known.pgettext(named_as, key) if named_as else known.gettext(key)
        return word + str(string.extras.get("number", "")) if word else None
