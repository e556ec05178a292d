"""A session in a Telegram group: join by button, one card edited in place, topics apart."""

import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]


async def test_a_group_listens_together_on_one_card(api, ann, bo, group):
    await ann.ask("/like queen", group)
    await bo.ask("/like queen", group)
    card = await ann.ask("/session start Friday", group)
    assert "Friday begins" in card["text"]
    answer = await bo.press(card, "Join")
    assert answer["text"] == "Bo listens along."
    await api.until(lambda: "2 listeners: Ann (host), Bo" in card["text"])
    told = await ann.ask("/next", group)
    assert told["text"].startswith("▶ ")
    await api.until(lambda: "▶ " in card["text"])
    assert "both like Queen" in card["text"] or "all like Queen" in card["text"]
    await bo.press(card, "👍")
    await api.until(lambda: "Bo 👍" in card["text"])
    refused = await bo.press(card, "Next")
    assert refused["text"].startswith("That is for the host")
    ended = await ann.ask("/session end", group)
    assert "Friday: 1 song" in ended["text"]


async def test_two_topics_have_a_session_each(ann, group):
    forum = {**group, "type": "supergroup", "is_forum": True}
    first = await ann.ask("/session start One", forum, message_thread_id=7, is_topic_message=True)
    second = await ann.ask("/session start Two", forum, message_thread_id=8, is_topic_message=True)
    assert "One begins" in first["text"]
    assert "Two begins" in second["text"]


async def test_alone_there_is_nobody_to_listen_with(ann):
    assert "People listen together" in (await ann.ask("/session start Alone"))["text"]
