"""A card that is drawn again keeps its title and its note."""

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.render.slate import heading, heading_of, paged
from bot.commands import press
from bot.context import Context
from bot.replies import Problem
from storage.records import Account

SONG = "Bohemian Rhapsody by Queen"
CORRECTED = f'### Close to {SONG}\nI took "bohemian rapsody" for {SONG}.'

STRANGER = (
    "### For you\nI don't know your taste yet, so here is what most people like. Press 👍, or name an artist."
)


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def head(message) -> str:
    """Return what stands above the songs."""
    shown = [part["content"] for part in walk(message.components) if part["type"] == 10]
    return message.content.partition("\n1\\")[0] if message.content else shown[0]


def button(message, start: str, end: str) -> str:
    ids = [part.get("custom_id", "") for part in walk(message.components)]
    return next(carried for carried in ids if carried.startswith(start) and carried.endswith(end))


async def pressed(member, card) -> list[str]:
    """Return the heading as it was, after a press, and after a second one."""
    found = [head(card)]
    for _ in range(2):
        await member.click(card.message, custom_id=button(card, "fb:", ":like"))
        found.append(head(card))
    return found


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({}, STRANGER),
        ({"wish": "jazz"}, "### For you: jazz"),
        ({"wish": "like abba"}, "### Close to ABBA"),
        ({"wish": "like bohemian rapsody"}, CORRECTED),
    ],
)
async def test_a_pressed_card_keeps_its_title_and_note(ann, channel, options, title):
    card = (await ann.slash(channel, "recommend", **options)).response
    assert await pressed(ann, card) == [title] * 3


async def test_a_card_for_the_voice_channel_keeps_saying_for_whom(ann, bo, channel, env):
    voice = env.guild.create_voice_channel("lounge")
    for member in (ann, bo, env.guild.add_member(env.create_user("cy"))):
        await member.join_voice(voice)
    for member, artist in ((ann, "queen"), (bo, "abba")):
        await member.slash(channel, "like", song=artist)
    card = (await ann.slash(channel, "recommend", **{"for": "voice", "count": 12})).response
    title = "### For Ann and Bo · {}/3\n1 person here has not told me anything yet."
    assert await pressed(bo, card) == [title.format(1)] * 3
    await bo.click(card.message, custom_id=button(card, "pg:", ":1"))
    assert head(card) == title.format(2)
    more = await bo.click(card.message, custom_id=button(card, "sl:", ":more"))
    assert head(more.followups[-1]) == "### For Bo and Ann · 1/3"


async def test_who_listens_together_is_not_said_elsewhere(ann, bo, channel, env):
    voice = env.guild.create_voice_channel("lounge")
    for member in (ann, bo):
        await member.join_voice(voice)
        await member.slash(channel, "like", song="queen")
    card = (await ann.slash(channel, "recommend", **{"for": "voice", "wish": "rock"})).response
    assert head(card) == "### For Ann and Bo: rock"
    music = env.bot.music
    eve = Context(music, Account("discord", "77", "Eve"), None, "discord:1", chat="eve's")
    more = button(card, "sl:", ":more")
    assert isinstance(await press(eve, more), Problem)
    await music.cards.keep("discord", "eve's", "opened by a link", int(more.split(":")[1]))
    assert (await press(eve, more)).title == "For you: rock"


async def test_a_card_without_the_right_to_embed_keeps_its_title_and_note_too(env):
    guild = env.create_guild("Strict")
    bare = discord.PermissionOverwrite(embed_links=False)
    channel = guild.create_text_channel("plain", overwrites={env.bot.user: bare})
    cy = guild.add_member(env.create_user("cy"))
    card = (await cy.slash(channel, "recommend", wish="like bohemian rapsody")).response
    assert await pressed(cy, card) == [CORRECTED] * 3


texts = st.one_of(st.text(max_size=40), st.sampled_from(["1. x", "1\\. x", "a · 1/2", "### x", "\n2\\. y"]))


class Bare:
    """A message as plain text, which is all that the heading is read off."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.components = ()


@given(texts.filter(str.strip), texts, st.integers(0, 3), st.integers(1, 4), st.booleans())
def test_whatever_a_heading_says_it_is_read_off_as_it_was_written(title, note, number, pages, compact):
    written = heading(title, note, compact=compact)
    message = Bare(f"{paged(written, number, pages)}\n{number * 5 + 1}\\. **song**\n-# why")
    assert heading_of(message, is_paged=pages > 1) == written
