"""What survives an end and a beginning."""

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_buttons_work_after_a_restart(own_api, start):
    ann = own_api.person(1, "Ann")
    first = await start()
    slate = await ann.ask("/recommend")
    await first.stop()
    await start()
    assert (await ann.press(slate, "1 👍"))["text"].startswith("👍 Noted")
    await own_api.until(lambda: "✓" in str(slate["reply_markup"]))
    assert slate["reply_markup"]["inline_keyboard"][0][0]["text"] == "1 👍 ✓"


async def test_messages_that_came_while_nobody_was_there_are_answered(own_api, start):
    ann = own_api.person(1, "Ann")
    first = await start()
    await ann.ask("/like queen")
    await first.stop()
    await ann.say("/history")
    await start()
    assert "Queen" in (await own_api.next_sent(1, 1))["text"]
