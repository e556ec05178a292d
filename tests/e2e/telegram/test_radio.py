"""A radio on Telegram: one message that is edited, in the private chat only."""

import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]


async def test_the_message_shows_the_next_song_in_place(api, ann):
    card = await ann.ask("/radio Radiohead")
    assert card["text"].startswith("📻 Radio · song 1")
    await ann.press(card, "👍")
    await api.until(lambda: "👍 More of that." in card["text"])
    first = card["text"]
    answer = await ann.press(card, "⏭")
    assert answer["text"].startswith("▶ ")
    await api.until(lambda: "song 2" in card["text"])
    assert card["text"] != first
    await ann.press(card, "👎")
    await api.until(lambda: "song 3" in card["text"])
    await ann.press(card, "⏹")
    await api.until(lambda: "📻 Radio over" in card["text"])


async def test_asked_for_in_a_group_it_plays_between_the_two_of_us(ann, group):
    told = await ann.ask("/radio", group)
    assert told["text"] == "This is just for you:"
