"""What survives an end and a beginning."""

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_buttons_work_after_a_restart(api, start, ann):
    first = await start()
    slate = await ann.ask("/recommend")
    await first.stop()
    await start()
    await ann.press(slate, "1 👍")
    await api.until(lambda: slate["reply_markup"]["inline_keyboard"][0][0]["text"] == "1 👍 ✓")


async def test_messages_that_came_while_nobody_was_there_are_answered(api, start, ann):
    first = await start()
    await ann.ask("/like queen")
    await first.stop()
    await ann.say("/history")
    await start()
    assert "Queen" in (await api.next_sent(ann.id, 1))["text"]
