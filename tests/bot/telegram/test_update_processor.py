"""One person's updates in turn, other people's at once, each once and none lost; of many edits the newest."""

import asyncio
import logging

import pytest
from telegram import Bot, Update, User
from telegram.error import NetworkError, TimedOut

from bot.adapters.telegram import transport
from bot.adapters.telegram.answers import Redraw
from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.inbox import Inbox
from bot.adapters.telegram.transport import Hidden, Patient
from bot.adapters.telegram.update_processor import InTurn
from bot.replies.i18n import say
from recommender.service import MusicService
from storage.records import Account, Community


def update(number, person):
    user = {"id": person, "is_bot": False, "first_name": "x"}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": user, "text": "x"}
    return Update.de_json({"update_id": number, "message": message}, None)


@pytest.fixture
async def music(tmp_path):
    async with await MusicService.open(tmp_path / "segue.db", learn=False) as service:
        yield service


async def opened(music) -> Inbox:
    """Return the inbox of a process that has just started."""
    inbox = Inbox(music)
    bot = Bot("123456:x")
    bot._bot_user = User(123456, "Segue", is_bot=True)
    await inbox.open(bot)
    return inbox


def waiting(inbox) -> list[int]:
    return [inbox.get_nowait().update_id for _ in range(inbox.qsize())]


async def test_one_persons_updates_wait_for_each_other_and_other_peoples_do_not(music):
    order, done = InTurn(await opened(music), Languages(music)), []

    async def handled(number, seconds):
        await asyncio.sleep(seconds)
        done.append(number)

    await asyncio.gather(
        order.process_update(update(1, 7), handled(1, 0.05)),
        order.process_update(update(2, 7), handled(2, 0)),
        order.process_update(update(3, 8), handled(3, 0.01)),
    )
    assert done == [3, 1, 2]


async def test_an_update_delivered_twice_passes_once_even_after_a_restart(music):
    inbox = await opened(music)
    for _ in range(2):
        await inbox.put(update(1, 7))
    assert waiting(inbox) == [1]
    await inbox.handled(update(1, 7))
    again = await opened(music)
    await again.put(update(1, 7))
    assert waiting(again) == []


async def test_what_was_not_handled_is_taken_up_by_the_next_start_and_nothing_else(music):
    inbox = await opened(music)
    order = InTurn(inbox, Languages(music))
    for number in (1, 2, 3):
        await inbox.put(update(number, 7))

    async def done():
        pass

    async def forever():
        await asyncio.sleep(3600)

    await order.process_update(update(1, 7), done())
    broken = asyncio.create_task(order.process_update(update(2, 7), forever()))
    await asyncio.sleep(0.05)
    broken.cancel()
    await asyncio.wait([broken])
    again = await opened(music)
    left = [again.get_nowait() for _ in range(again.qsize())]
    assert [(one.update_id, one.message.text, one.message.from_user.id) for one in left] == [
        (2, "x", 7),
        (3, "x", 7),
    ]


async def test_somebody_is_answered_in_their_language_and_a_group_in_the_one_it_decided(music):
    languages, said = Languages(music), []
    order = InTurn(await opened(music), languages)

    async def answer():
        said.append(say("Your list"))

    async def hear(number, chat, code):
        user = {"id": 7, "is_bot": False, "first_name": "x", "language_code": code}
        message = {"message_id": number, "date": 1, "chat": chat, "from": user, "text": "x"}
        one = Update.de_json({"update_id": number, "message": message}, None)
        await order.process_update(one, answer())

    alone, group = {"id": 7, "type": "private"}, {"id": -7, "type": "group", "title": "Friday"}
    for number, (chat, code) in enumerate([(alone, "de"), (alone, "es-419"), (alone, None), (group, "de")]):
        await hear(number, chat, code)
    friday = Community("telegram", "-7", "group", "Friday")
    listener = await music.arrive(Account("telegram", "7", "x"), friday)
    await music.communities.decide(listener.community_id, "language", "es")
    languages.forget("-7")
    await hear(9, group, "de")
    assert said == ["Deine Liste", "Tu lista", "Your list", "Your list", "Tu lista"]


async def test_what_goes_on_in_the_background_is_held_until_it_is_released(music):
    inbox = await opened(music)
    await inbox.put(update(1, 7))
    inbox.hold(update(1, 7))
    await InTurn(inbox, Languages(music)).process_update(update(1, 7), asyncio.sleep(0))
    assert waiting(await opened(music)) == [1]
    await inbox.release(update(1, 7))
    assert waiting(await opened(music)) == []


async def test_an_update_that_cannot_be_kept_is_not_passed_on_before_it_is(music, monkeypatch, caplog):
    inbox, full = await opened(music), [OSError("disk full")]
    keep = music.deliveries.keep

    async def failing(*given, **more):
        if full:
            raise full.pop()
        return await keep(*given, **more)

    monkeypatch.setattr(music.deliveries, "keep", failing)
    monkeypatch.setattr("bot.adapters.telegram.inbox._PAUSE", 0.0)
    await inbox.put(update(1, 7))
    assert waiting(inbox) == [1]
    assert "update 1 could not be kept" in caplog.text


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


async def test_what_may_have_arrived_is_not_sent_twice_and_what_did_not_is():
    patient, tried = Patient(lambda _: asyncio.sleep(0)), []

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


@pytest.mark.parametrize(("gone", "outcome"), [(60.0, "sent"), (3600.0, "failed")])
async def test_a_network_that_is_gone_for_a_minute_is_waited_for_and_one_gone_for_good_is_not(gone, outcome):
    now, tried = 0.0, 0

    async def sleep(seconds):
        nonlocal now
        now += seconds

    async def send(_):
        nonlocal tried
        tried += 1
        if now < gone:
            raise NetworkError("no route") from transport.httpx.ConnectError("no route")
        return "sent"

    async def sent():
        try:
            return await Patient(sleep).process_request(send, (0,), {}, "sendMessage", {}, None)
        except NetworkError:
            return "failed"

    assert await sent() == outcome
    assert tried < 20
    assert now < (80 if outcome == "sent" else 150)
