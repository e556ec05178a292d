"""The menus on messages and people, on what really stands in a channel."""

import discord
import pytest
from simcord.results import to_discord_message

from bot.adapters.discord.song_mentions import LONGEST, names_in


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    return "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)


SPOTIFY = {
    "type": "link",
    "url": "https://open.spotify.com/track/0000000000000000000000",
    "title": "Bohemian Rhapsody - Remastered 2011",
    "provider": {"name": "Spotify"},
    "description": "Queen · A Night At The Opera (2011 Remaster) · Song · 1975",
}
YOUTUBE = {
    "type": "video",
    "url": "https://www.youtube.com/watch?v=00000000000",
    "provider": {"name": "YouTube"},
    "title": "Queen \u2013 Bohemian Rhapsody (Official Video Remastered)",
    "author": {"name": "Queen Official"},
}
TOPIC = {**YOUTUBE, "title": "Bohemian Rhapsody (Remastered 2011)", "author": {"name": "Queen - Topic"}}
FMBOT = {
    "type": "rich",
    "author": {"name": "Last track for somebody"},
    "description": "**[Bohemian Rhapsody](https://www.last.fm/music/Queen/_/Bohemian+Rhapsody)**\n"
    "**Queen** \u2022 *A Night at the Opera*",
}

WRITTEN = {
    "as it should be": "Queen - Bohemian Rhapsody",
    "with a long dash and case": "QUEEN \u2014 bohemian rhapsody",
    "as a quotation of somebody": "> **Queen - Bohemian Rhapsody** \U0001f3b6",
    "after a label": "now playing: Queen - Bohemian Rhapsody",
    "with what a video says of itself": "Queen - Bohemian Rhapsody (Official Video) [4K]",
    "with a mention and words around": "<@123456> listen to this\nQueen - Bohemian Rhapsody\nit is so good",
    "in a list": "1. Queen - Bohemian Rhapsody",
    "beside a link that is no music": "https://tenor.com/view/cat Queen - Bohemian Rhapsody",
    "misspelt": "queen - bohemian rapsody",
    "the other words order": "Bohemian Rhapsody by Queen",
}


@pytest.mark.parametrize("how", WRITTEN)
async def test_a_song_is_found_however_people_write_it(ann, bo, channel, how):
    message = await bo.send(channel, WRITTEN[how])
    liked = await ann.context_menu(channel, "Like this song", message)
    assert "Noted: you like Bohemian Rhapsody by Queen." in texts(liked.response)
    assert liked.response.ephemeral


@pytest.mark.parametrize("embed", [SPOTIFY, YOUTUBE, TOPIC, FMBOT])
async def test_a_song_is_found_in_what_a_link_unfolds_to_and_what_other_bots_post(
    ann, bo, channel, env, embed
):
    content = "" if embed is FMBOT else f"so good: <{embed['url']}?si=abc>"
    stored = env.backend.create_message(channel.id, bo.id, content, embeds=[embed])
    message = to_discord_message(env, stored)
    liked = await ann.context_menu(channel, "Like this song", message)
    assert "Noted: you like Bohemian Rhapsody by Queen." in texts(liked.response)


async def test_a_link_that_is_known_goes_before_the_words_around_it(ann, bo, channel, music):
    song = (await music.names.resolve("portishead - glory box")).song
    await music._write(
        lambda s: s.db.execute(
            "INSERT INTO track_ids VALUES ('spotify', '0123456789012345678901', ?)", (song.subject.track_id,)
        )
    )
    said = "better than Queen - Bohemian Rhapsody: https://open.spotify.com/track/0123456789012345678901?si=x"
    liked = await ann.context_menu(channel, "Like this song", await bo.send(channel, said))
    assert texts(liked.response) == "👍 Noted: you like Glory Box by Portishead."


async def test_a_song_that_was_forwarded_is_found(ann, bo, channel, env):
    there = await bo.send(env.guild.create_text_channel("elsewhere"), "Queen - Bohemian Rhapsody")
    liked = await ann.context_menu(channel, "Like this song", await bo.forward(there, channel))
    assert "Noted: you like Bohemian Rhapsody by Queen." in texts(liked.response)


async def test_the_one_song_of_a_card_is_liked_and_of_several_none_is_guessed(ann, bo, channel):
    await ann.slash(channel, "like", song="depeche mode")
    card = (await ann.slash(channel, "recommend", count=1)).response
    title = texts(card).split("**[")[1].split("]")[0]
    liked = await bo.context_menu(channel, "Like this song", card.message)
    assert f"Noted: you like {title} by" in texts(liked.response).replace("\\", "")
    many = (await ann.slash(channel, "recommend")).response
    asked = await bo.context_menu(channel, "Like this song", many.message)
    assert texts(asked.response).startswith("I see no song in that message")


async def test_a_number_or_nothing_at_all_names_no_song(ann, bo, channel):
    await ann.slash(channel, "recommend")
    for said in ("2", "https://tenor.com/view/cat", "\U0001f602"):
        asked = await ann.context_menu(channel, "Like this song", await bo.send(channel, said))
        assert "Noted" not in texts(asked.response), said


async def test_taste_is_compared_with_people_of_whom_something_is_known(ann, bo, channel, env):
    await ann.slash(channel, "like", song="queen")
    for person in (ann, bo):
        await person.slash(channel, "visible", state="on")
    itself = await ann.context_menu(channel, "Compare taste", ann)
    assert texts(itself.response).startswith("You agree with yourself")
    stranger = await ann.context_menu(channel, "Compare taste", bo)
    assert texts(stranger.response) == "Bo has not told me enough yet to compare."
    machine = env.guild.add_member(env.create_user("jukebox", bot=True))
    told = await ann.context_menu(channel, "Compare taste", machine)
    assert texts(told.response).startswith("I compare only people who are visible here.")


def test_a_message_of_any_length_and_kind_is_read(written):
    for content in ("x - " * 5000, "**" * 2000, "[" * 4000, "\n" * 4000, "- - - -", "<@1>" * 900):
        assert all(0 < len(name) <= LONGEST for name in names_in(written(content)))


@pytest.fixture
def written():
    """Make a message that nobody sent, for reading alone."""
    state = discord.Client(intents=discord.Intents.none())._connection
    channel = discord.PartialMessageable(state, 1)
    author = {"id": "1", "username": "x", "discriminator": "0", "avatar": None, "global_name": None}

    def make(content: str) -> discord.Message:
        data = {
            "id": "1",
            "channel_id": "1",
            "author": author,
            "content": content,
            "attachments": [],
            "embeds": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "type": 0,
            "pinned": False,
            "tts": False,
            "edited_timestamp": None,
            "components": [],
            "timestamp": "2026-01-01T00:00:00+00:00",
        }
        return discord.Message(state=state, channel=channel, data=data)

    return make
