"""Pictures on Telegram: a photo with its caption, for the user alone."""

import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]


async def test_a_profile_is_a_photo_with_the_rest_in_its_caption(ann):
    await ann.ask("/like Nina Simone - Feeling Good")
    sent = await ann.ask("/profile")
    [size] = sent["photo"]
    assert size["width"] == 1200
    assert sent["caption"].startswith("The taste of Ann")
    assert "What I believe" in sent["caption"]
    assert "▰" not in sent["caption"]


async def test_who_asked_for_text_gets_text(ann):
    await ann.ask("/like Nina Simone - Feeling Good")
    await ann.ask("/settings pictures off")
    sent = await ann.ask("/profile")
    assert "photo" not in sent
    assert "▰" in sent["text"]
    await ann.ask("/settings pictures dark")
