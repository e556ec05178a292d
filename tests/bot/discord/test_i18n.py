"""Every name and description is there in every language, and none breaks Discord's rules."""

import re

import discord
import pytest
from discord import app_commands

from bot.adapters.discord import admin, menus, slash
from bot.adapters.discord.i18n import Translator, language_of, named
from bot.replies.catalogues import catalogue
from bot.replies.i18n import LANGUAGES

NAME = re.compile(r"[-_'\w]{1,32}")


def commands() -> list:
    return [*slash.commands(), *menus.commands(), *admin.groups()]


def texts(command):
    """Yield (text, whether it is the name of a slash command or an option)."""
    is_menu = isinstance(command, app_commands.ContextMenu)
    yield command._locale_name, not is_menu
    if not is_menu:
        yield command._locale_description, False
    if isinstance(command, app_commands.Group):
        for child in command.commands:
            yield from texts(child)
    elif not is_menu:
        for parameter in command._params.values():
            if "key" in getattr(parameter._rename, "extras", {}):
                yield parameter._rename, True
            yield parameter.description, False


def translated(text: app_commands.locale_str, language: str) -> str:
    key, context, known = text.extras["key"], text.extras.get("context"), catalogue(language)
    return known.pgettext(context, key) if context else known.gettext(key)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_name_and_description_is_translated(language):
    every = [text for command in commands() for text, _ in texts(command)]
    assert [text.extras["key"] for text in every if not translated(text, language)] == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_translated_names_are_names_and_descriptions_fit(language):
    for command in commands():
        for text, is_name in texts(command):
            word = translated(text, language)
            assert word == word.strip()
            if is_name:
                assert NAME.fullmatch(word), word
                assert word == word.lower()
            else:
                assert 1 <= len(word) <= 100


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_two_commands_share_a_translated_name(language):
    groups = [commands(), *(c.commands for c in commands() if isinstance(c, app_commands.Group))]
    for group in groups:
        names = [
            translated(c._locale_name, language) for c in group if not isinstance(c, app_commands.ContextMenu)
        ]
        assert len(names) == len(set(names))


async def test_discord_is_handed_the_words_of_each_locale():
    text = slash.commands()[0]._locale_name
    translate = Translator().translate
    assert await translate(text, discord.Locale.german, None) == "mag-ich"
    assert await translate(text, discord.Locale.latin_american_spanish, None) == "me-gusta"
    assert await translate(text, discord.Locale.french, None) == "j-aime"
    assert await translate(text, discord.Locale.brazil_portuguese, None) == "curtir"
    assert await translate(text, discord.Locale.japanese, None) is None
    second = named("person2")
    assert await translate(second, discord.Locale.spain_spanish, None) == "persona2"


def test_what_the_server_decided_goes_before_the_language_of_the_person():
    assert language_of(discord.Locale.german) == "de"
    assert language_of(discord.Locale.german, "es") == "es"
    assert language_of(discord.Locale.japanese) == "en"
