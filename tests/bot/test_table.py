"""Nothing of a command is forgotten anywhere: each test names the command and the place that lacks it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from telegram.constants import BotCommandLimit

import bot
from bot.adapters.discord import slash
from bot.adapters.telegram.menus import OURS, menus
from bot.command import ABOUT, Command, Kind
from bot.commands.table import COMMANDS, called
from bot.replies.catalogues import NAME, catalogue, file_of
from bot.replies.i18n import ENGLISH, LANGUAGES

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
PAGE = Path(bot.__file__).parents[1] / "docs" / "commands.md"
EVERY = [one for command in COMMANDS.values() for one in (command, *command.subcommands)]


def untranslated(commands: list[Command], language: str) -> list[str]:
    """Return a sentence for each word of these commands that a language lacks."""
    known, missing = catalogue(language), []
    for command in commands:
        words = [command.summary, *(meaning for _, meaning in command.details)]
        words += [option.summary for option in command.options]
        if command.argument is not None:
            words += [command.argument.label, command.argument.about]
        fields = [option.name for option in command.options]
        fields += [command.argument.name] if command.argument is not None else []
        lacks = [word for word in words if any(map(str.isalpha, word)) and not known.gettext(word)]
        lacks += [f"{NAME} {name}" for name in (command.word, *fields) if not known.pgettext(NAME, name)]
        missing += [f'/{command.name}: {file_of(language).parts[-3]} lacks "{word}".' for word in lacks]
    return missing


@pytest.mark.parametrize("language", OTHERS)
def test_all_words_of_every_command_are_in_every_language(language):
    missing = untranslated(EVERY, language)
    assert not missing, "\n".join(missing)
    assert [one.name for one in OURS.values() if not catalogue(language).gettext(one.summary)] == []


def test_a_word_that_is_forgotten_is_named():
    new = replace(COMMANDS["undo"], name="qwghlm", summary="Find songs by tempo", argument=None)
    assert untranslated([new], "de") == [
        '/qwghlm: de lacks "Find songs by tempo".',
        '/qwghlm: de lacks "name qwghlm".',
    ]


def test_every_command_is_on_the_page_of_commands():
    page = PAGE.read_text(encoding="utf-8")
    missing = [f"docs/commands.md lacks /{name}." for name in COMMANDS if f"`/{name}" not in page]
    assert not missing, "\n".join(missing)


def test_every_command_is_in_telegrams_menus_in_every_language():
    shown = {(type(scope).__name__, language): {c.command for c in menu} for scope, language, menu in menus()}
    groups = {name for name, command in {**COMMANDS, **OURS}.items() if command.in_groups}
    wanted = {
        "BotCommandScopeAllPrivateChats": set(COMMANDS),
        "BotCommandScopeAllGroupChats": groups - {"admin"},
        "BotCommandScopeAllChatAdministrators": groups,
    }
    missing = [
        f"Telegram's menu {scope}, language {language!r}, lacks /{name}."
        for scope, names in wanted.items()
        for language in ["", *OTHERS]
        for name in sorted(names - shown[scope, language])
    ]
    assert not missing, "\n".join(missing)
    assert all(
        shown[scope, language] == names for scope, names in wanted.items() for language in ["", *OTHERS]
    )


def test_telegrams_menus_speak_the_language_they_are_for():
    for scope, language, commands in menus():
        known = catalogue(language or ENGLISH)
        for one in commands:
            summary = {**COMMANDS, **OURS}[one.command].summary
            assert one.description == (known.gettext(summary) or summary), (scope, language, one.command)
            assert BotCommandLimit.MIN_DESCRIPTION <= len(one.description) <= BotCommandLimit.MAX_DESCRIPTION


def test_every_command_is_a_slash_command_on_discord_with_all_its_subcommands():
    built = {command.name: command for command in slash.commands()}
    missing = [f"Discord lacks /{name}." for name in COMMANDS if name not in built]
    assert not missing, "\n".join(missing)
    for name, command in COMMANDS.items():
        if command.subcommands:
            found = {child.name for child in built[name].commands}
            assert found == {one.word for one in command.subcommands}, f"subcommands of /{name} on Discord"


def test_the_subcommands_fit_every_platform_and_a_phone():
    for command in EVERY:
        assert re.fullmatch(r"[a-z]{1,16}( [a-z]{1,16})?", command.name)
        assert 5 <= len(command.summary) <= 40, command.summary
        assert command.example.startswith(f"/{command.name}")
        assert command.handler or command.mention, f"/{command.name} has no handler"
        found = called(command.example)
        assert found is not None
        assert found[0] in (command, *command.subcommands)


def test_an_alias_calls_the_same_and_hides_no_command():
    for command in EVERY:
        if command.alias:
            assert command.alias not in COMMANDS
            assert called(f"/{command.alias} 3") == (command, "3")


def test_every_kind_of_argument_is_described():
    assert set(ABOUT) == set(get_args(Kind))


def test_what_changes_or_erases_needs_its_slash():
    harmless = {name for name, command in COMMANDS.items() if command.bare}
    assert harmless.isdisjoint(
        {"forget", "link", "unlink", "like", "dislike", "block", "add", "next", "undo"}
    )
    assert harmless.isdisjoint({"compare", "blend", "who", "neighbours"}), "these ask for consent, once"


def test_help_shows_two_examples_of_whatever_takes_words_or_a_number():
    takes = [one for one in EVERY if one.argument is not None or one.options]
    assert [one.name for one in takes if not one.also and one.name != "start"] == []
    for one in takes:
        assert one.also != one.example
        assert called(one.also or one.example) is not None
