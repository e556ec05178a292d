"""Pictures on Discord: a gallery in the card, for who wants pictures."""

import discord
import pytest

from bot.pictures.painter import painter
from storage.records import Event, Kind

pytestmark = pytest.mark.usefixtures("env")
PNG = b"\x89PNG\r\n\x1a\n"


def galleries(message) -> list[discord.MediaGalleryComponent]:
    boxes = [part for part in message.components if isinstance(part, discord.Container)]
    return [part for box in boxes for part in box.children if isinstance(part, discord.MediaGalleryComponent)]


async def likes(ann, channel):
    for song in ("Nina Simone - Feeling Good", "Massive Attack - Teardrop"):
        await ann.slash(channel, "like", song=song)


async def test_a_profile_is_a_picture_that_says_what_it_shows(ann, channel):
    await likes(ann, channel)
    answer = (await ann.slash(channel, "profile")).response
    [gallery] = galleries(answer.message)
    [item] = gallery.items
    assert item.description.startswith("The taste of Ann. Artists: ")
    [file] = answer.message.attachments
    assert file.filename == "taste.png"
    assert answer.ephemeral


async def test_a_year_is_three_pictures_in_one_gallery(music, ann, channel):
    await likes(ann, channel)
    user = await music.communities.user("discord", str(ann.id))
    queen = (await music.names.resolve("Queen - Bohemian Rhapsody")).song.subject
    times = [1_704_067_200 + 86_400 * n for n in range(30)]

    def heard(store):
        for at in times:
            event = Event(f"t{at}", user, queen, Kind.PLAY, at=at, source="lastfm")
            store.log.append(event, now=at)

    await music._write(heard)
    answer = (await ann.slash(channel, "wrapped", year=2024)).response
    [gallery] = galleries(answer.message)
    assert len(gallery.items) == 3
    assert gallery.items[0].description.startswith("Ann: 2024 wrapped: ")
    assert answer.ephemeral


async def test_who_asked_for_text_gets_text(ann, channel):
    await likes(ann, channel)
    said = await ann.slash(channel, "settings pictures", look="off")
    assert "Pictures: off" in str(said.response.message.components[0].children[0].content)
    answer = (await ann.slash(channel, "profile")).response
    assert galleries(answer.message) == []
    assert answer.message.attachments == []


async def test_a_picture_that_fails_leaves_the_text(ann, channel, monkeypatch, caplog):
    await likes(ann, channel)
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    painter().close()
    answer = (await ann.slash(channel, "profile")).response
    assert galleries(answer.message) == []
    assert "Massive Attack" in "".join(
        part.content for part in answer.message.components[0].children if hasattr(part, "content")
    )
    assert "no picture could be made" in caplog.text
