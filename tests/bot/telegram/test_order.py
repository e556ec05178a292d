"""One person's updates in turn, different people's at once, each once; and of many edits the newest."""

import asyncio
import logging

from telegram import Update
from telegram.error import NetworkError, TimedOut

from bot.adapters.telegram import transport
from bot.adapters.telegram.order import InTurn
from bot.adapters.telegram.talker import Redraw
from bot.adapters.telegram.transport import Hidden, Patient


def update(number, person):
    user = {"id": person, "is_bot": False, "first_name": "x"}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": user, "text": "x"}
    return Update.de_json({"update_id": number, "message": message}, None)


async def test_one_persons_updates_wait_for_each_other_and_other_peoples_do_not():
    order, done = InTurn(), []

    async def handled(number, seconds):
        await asyncio.sleep(seconds)
        done.append(number)

    await asyncio.gather(
        order.process_update(update(1, 7), handled(1, 0.05)),
        order.process_update(update(2, 7), handled(2, 0)),
        order.process_update(update(3, 8), handled(3, 0.01)),
    )
    assert done == [3, 1, 2]


async def test_an_update_delivered_twice_is_handled_once():
    order, done = InTurn(), []

    async def handled():
        done.append(1)

    for _ in range(2):
        await order.process_update(update(1, 7), handled())
    assert done == [1]


async def test_of_the_edits_that_wait_only_the_newest_is_made():
    redraw, drawn, gate = Redraw(), [], asyncio.Event()

    async def draw(what):
        drawn.append(what)
        await gate.wait()

    first = asyncio.create_task(redraw("card", lambda: draw("first")))
    await asyncio.sleep(0)
    await redraw("card", lambda: draw("second"))
    await redraw("card", lambda: draw("third"))
    gate.set()
    await first
    assert drawn == ["first", "third"]


def test_a_secret_is_in_no_line_of_the_log(caplog):
    caplog.handler.addFilter(Hidden("123:SECRET"))
    try:
        int("bad token 123:SECRET")
    except ValueError:
        logging.getLogger("x").exception("POST %s", "https://api.telegram.org/bot123:SECRET/getMe")
    assert "SECRET" not in caplog.text
    assert "bad token ***" in caplog.text


async def test_what_may_have_arrived_is_not_sent_twice_and_what_did_not_is(monkeypatch):
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.0)
    patient, tried = Patient(), []

    async def failing(error):
        tried.append(error)
        if len(tried) < 3:
            raise error
        return "sent"

    async def outcome(endpoint, error):
        tried.clear()
        try:
            return await patient.process_request(failing, (error,), {}, endpoint, {}, None), len(tried)
        except NetworkError:
            return "failed", len(tried)

    unsent = NetworkError("refused")
    unsent.__cause__ = transport.httpx.ConnectError("refused")
    assert await outcome("sendMessage", TimedOut()) == ("failed", 1)
    assert await outcome("sendMessage", unsent) == ("sent", 3)
    assert await outcome("editMessageText", TimedOut()) == ("sent", 3)
