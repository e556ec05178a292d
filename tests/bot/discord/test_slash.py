"""Slash commands as Discord has them: subcommands, choices, people, and what a completion carries."""

import json
from pathlib import Path

import discord
import pytest
from discord import app_commands
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.adapters.discord import admin, menus, slash
from bot.adapters.discord.i18n import Translator
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.commands.table import COMMANDS
from bot.replies import HelpReply
from bot.replies.i18n import LANGUAGES, say, speaking

SPECS = [folder / "shared" / "specs" / "discord-openapi.json" for folder in Path(__file__).resolve().parents]
SPEC = next((path for path in SPECS if path.is_file()), None)


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    return "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)


def option(command: str, name: str) -> app_commands.transformers.CommandParameter:
    built = {
        one.qualified_name: one for top in slash.commands() for one in [top, *getattr(top, "commands", [])]
    }
    return next(one for one in built[command].parameters if one.name == name)


@pytest.mark.skipif(SPEC is None, reason="needs Discord's OpenAPI description beside the project")
async def test_discord_would_take_every_command_as_it_is_registered():
    data = json.loads(SPEC.read_text(encoding="utf-8"))
    pointer = (
        "/paths/~1applications~1{application_id}~1commands/put/requestBody/content/application~1json/schema"
    )
    registry = Registry().with_resource("spec:", Resource(data, DRAFT202012))
    validator = Draft202012Validator(
        {"$ref": f"spec:#{pointer.replace('{', '%7B').replace('}', '%7D')}"}, registry=registry
    )
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    every = [*slash.commands(), *menus.commands(), *admin.groups()]
    payload = [await one.get_translated_payload(tree, Translator()) for one in every]
    assert [error.message[:200] for error in validator.iter_errors(payload)] == []


def test_choices_people_and_subcommands_are_discords_own():
    assert [one.value for one in option("visible", "state").choices] == ["on", "off"]
    assert [one.value for one in option("profile", "period").choices] == ["week", "month", "year", "all"]
    assert "fair" in [one.value for one in option("session style", "style").choices]
    assert option("compare", "person").type is discord.AppCommandOptionType.user
    assert option("session host", "person").type is discord.AppCommandOptionType.user
    people = [option("blend", name) for name in ("person", "person2", "person5")]
    assert [one.type for one in people] == [discord.AppCommandOptionType.user] * 3
    assert [one.required for one in people] == [True, False, False]
    songs = option("session energy", "songs")
    assert (songs.required, songs.min_value) == (True, 0)
    assert option("settings adventurous", "level").max_value == 10


async def test_a_session_is_run_by_its_subcommands(ann, bo, channel):
    await ann.slash(channel, "like", song="queen")
    card = (await ann.slash(channel, "session start", text="Friday")).response
    assert "Friday begins" in texts(card)
    join = next(c["custom_id"] for c in walk(card.components) if c.get("custom_id", "").endswith(":join"))
    await bo.click(card.message, custom_id=join)
    led = await ann.slash(channel, "session host", person=bo)
    assert texts(led.response).startswith("Bo leads now.")
    styled = await bo.slash(channel, "session style", style="discover")
    assert "Style: discover" in texts(styled.response)
    shown = await bo.slash(channel, "session show")
    assert "Friday" in texts(shown.response)


async def test_somebody_who_is_not_there_cannot_be_made_host(ann, bo, channel):
    await ann.slash(channel, "session start")
    refused = await ann.slash(channel, "session host", person=bo)
    assert texts(refused.response).startswith("Say who leads from now on, one of: Ann.")


async def test_settings_are_turned_by_a_number(ann, channel):
    turned = await ann.slash(channel, "settings adventurous", level=7)
    assert texts(turned.response).startswith("Adventurous: 7 of 10")
    assert turned.response.ephemeral


async def test_a_name_that_looks_like_an_id_is_a_name(ann, channel):
    for typed in ("a1", "a1t1"):
        answer = texts((await ann.slash(channel, "like", song=typed)).response)
        assert "100 gecs" not in answer
        assert "Noted" not in answer


async def test_a_picked_song_is_meant_by_a_subcommand_too(ann, channel):
    await ann.slash(channel, "session start")
    offered = await ann.autocomplete(channel, "session add", "song", "bohemian rhap")
    asked = await ann.slash(channel, "session add", song=offered[0]["value"])
    assert texts(asked.response).startswith("Bohemian Rhapsody by Queen comes when it is your turn.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("compact", [False, True])
def test_help_shows_every_summary_whole(language, compact):
    everything = HelpReply(tuple(command.help for command in COMMANDS.values()))
    with speaking(language):
        shown = page(everything, Scene(compact=compact)).pieces[0].text.replace("\\", "")
        cut = [f"/{name}" for name, command in COMMANDS.items() if say(command.summary) not in shown]
    assert cut == []


async def test_help_of_one_command_lists_what_else_may_be_typed(ann, channel):
    similar = texts((await ann.slash(channel, "help", command="similar")).response)
    session = texts((await ann.slash(channel, "help", command="session")).response)
    for typed in ("A + B", "A - B", "by:sound"):
        assert typed in similar
    for subcommand in COMMANDS["session"].subcommands:
        assert f"/{subcommand.name}" in session.replace("\\", "")
