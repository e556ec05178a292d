"""A song that nobody knows yet is asked for in a form: from /add, from "not found", from "none of these"."""

import re

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.buttons import LOCAL, LONGEST_ID
from bot.adapters.discord.forms import form
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.replies import Problem
from bot.replies.i18n import speaking


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    return "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)


def adds(message) -> str:
    ids = [part.get("custom_id", "") for part in walk(message.components)]
    return next(carried for carried in ids if carried.startswith("add:"))


def fields(modal) -> dict[str, str | None]:
    """Return what the form has filled in, by the id of its fields."""
    return {part["component"]["custom_id"]: part["component"].get("value") for part in modal["components"]}


async def test_add_without_words_asks_for_artist_and_title_in_a_form(ann, channel, music):
    shown = await ann.slash(channel, "add")
    assert fields(shown.modal) == {"artist": None, "title": None}
    sent = await ann.submit_modal(shown, {"artist": "Nick Drake", "title": "Pink Moon (demo)"})
    assert texts(sent.response) == "In the catalogue: Pink Moon (demo) by Nick Drake. Like it?"
    assert (await music.names.resolve("Nick Drake - Pink Moon (demo)")).song.title == "Pink Moon (demo)"


async def test_add_with_words_needs_no_form(ann, channel):
    added = await ann.slash(channel, "add", text="Nick Drake - Pink Moon (demo)")
    assert texts(added.response).startswith("In the catalogue: Pink Moon (demo) by Nick Drake.")


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("Qwyxzz Brlff - Zzkt", {"artist": "Qwyxzz Brlff", "title": "Zzkt"}),
        ("Qwyxzzbrlff", {"artist": None, "title": "Qwyxzzbrlff"}),
    ],
)
async def test_a_song_that_is_not_found_can_be_added_at_once(ann, channel, typed, filled):
    missed = (await ann.slash(channel, "like", song=typed)).response
    shown = await ann.click(missed.message, custom_id=adds(missed))
    assert fields(shown.modal) == filled
    sent = await ann.submit_modal(shown, {"artist": "Somebody New", "title": "Zzkt"})
    assert texts(sent.response) == "In the catalogue: Zzkt by Somebody New. Like it?"


async def test_none_of_these_is_an_answer_as_well(ann, channel):
    asked = (await ann.slash(channel, "like", song="love")).response
    assert "Which one" in texts(asked)
    shown = await ann.click(asked.message, custom_id=adds(asked))
    sent = await ann.submit_modal(shown, {"artist": "The Loves of Nobody", "title": ""})
    assert texts(sent.response) == "In the catalogue: The Loves of Nobody. Like it?"


async def test_a_form_counts_that_was_opened_before_a_restart(ann, channel, env):
    shown = await ann.slash(channel, "add")
    assert dict(env.bot._connection._view_store._modals) == {}, "nothing has to be remembered"
    sent = await ann.submit_modal(shown, {"artist": "  Nick Drake ", "title": " "})
    assert "Nick Drake" in texts(sent.response)


def test_a_form_speaks_the_language_it_is_opened_in():
    with speaking("de"):
        assert form("").title == "Einen Song hinzufügen"


@given(st.text(max_size=5000), st.sampled_from(["en", "de", "es"]))
def test_no_name_makes_a_button_or_a_form_that_discord_refuses(name, language):
    for press in page(Problem("No.", name), Scene()).buttons:
        assert len(press.payload) <= LONGEST_ID
        found = LOCAL.fullmatch(press.payload)
        with speaking(language):
            shown = form(found["name"]).to_dict()
        assert 1 <= len(shown["title"]) <= 45
        for label in shown["components"]:
            assert 1 <= len(label["label"]) <= 45
            assert len(label["component"].get("value") or "") <= 200


def test_the_fields_are_text_of_one_line():
    kinds = {part["component"]["style"] for part in form("").to_dict()["components"]}
    assert kinds == {discord.TextStyle.short.value}
    assert re.fullmatch(r"\w+", form("").custom_id)
