"""The way between: webhook, limits, blocks, repeats, a network that is gone, and the end."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from botapi import CUT, Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEGUE = Path(sys.executable).with_name("segue")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_webhook_is_used_where_set_and_strangers_are_refused(own_api, start):
    port = free_port()
    settings = {"TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook", "TELEGRAM_WEBHOOK_PORT": str(port)}
    ann = own_api.person(1, "Ann")
    await own_api.deliver({"message": own_api.store(ann.chat, {"from": ann.user, "text": "/like queen"})})
    await start(**settings)
    assert own_api.webhook["secret_token"]
    await own_api.next_sent(1, 0)  # what waited is handled
    slate = await ann.ask("/recommend")
    await ann.press(slate, "1 👍")
    await own_api.until(lambda: slate["reply_markup"]["inline_keyboard"][0][0]["text"] == "1 👍 ✓")
    update = {"update_id": 99, "message": {**ann.api.messages[1, 1], "text": "/history"}}
    assert await own_api.call_webhook(update, secret="wrong") == 403  # noqa: S106 - nobody's
    assert "getUpdates" not in own_api.calls


async def test_limits_blocks_repeats_and_a_lost_network_lose_and_double_nothing(own_api, start):
    bot = await start()
    ann, bo = own_api.person(1, "Ann"), own_api.person(2, "Bo")
    # Too many requests: the answer comes once the time is over.
    own_api.refusals["sendMessage"].append(Refused(429, "Too Many Requests: retry after 1", retry_after=1))
    assert (await ann.ask("/like queen"))["text"].startswith("👍 Noted: you like Queen.")
    assert len(own_api.sent[1]) == 1
    # Blocked: nobody is told, and the others go on.
    own_api.blocked.add(2)
    await bo.say("/like abba")
    assert (await ann.ask("/undo"))["text"] == "↩ Taken back: your like of Queen."
    own_api.violations.clear()
    own_api.blocked.clear()
    assert "ABBA" in (await bo.ask("/history"))["text"]
    # The same update twice.
    message = own_api.store(ann.chat, {"from": ann.user, "text": "/like queen"})
    number = await own_api.deliver({"message": message})
    await own_api.next_sent(1, 2)
    await own_api.deliver({"message": message}, update_id=number)
    listed = await ann.ask("/history")
    assert listed["text"].count("Queen") == 2
    assert len(own_api.sent[1]) == 4
    # No network for a while: what was asked before is answered after, once.
    slate = await ann.ask("/recommend")
    await own_api.stop()
    own_api.pending.append(
        {
            "update_id": next(own_api.numbers),
            "message": own_api.store(ann.chat, {"from": ann.user, "text": "/help like"}),
        }
    )
    await asyncio.sleep(3)
    await own_api.start()
    assert (await own_api.next_sent(1, 5, 60))["text"].startswith("/like SONG")
    await ann.press(slate, "1 👍")
    await asyncio.sleep(0.5)
    assert len(own_api.sent[1]) == 6
    assert await bot.stop() < 5


async def test_one_failure_of_telegram_loses_no_answer(own_api, start):
    await start()
    ann = own_api.person(1, "Ann")
    for failure in (Refused(502, "Bad Gateway"), Refused(500, "Internal Server Error"), Refused(CUT, "")):
        own_api.refusals["sendMessage"].append(failure)
        assert (await ann.ask("/help like"))["text"].startswith("/like SONG")
    assert len(own_api.sent[1]) == 3


async def test_sigterm_in_the_midst_of_messages_ends_soon_and_loses_nothing(own_api, start):
    bot = await start()
    people = [own_api.person(number, f"P{number}") for number in range(1, 21)]
    for person in people:
        await person.say("/like queen")
    await own_api.until(lambda: own_api.calls["sendMessage"] >= 1)
    assert await bot.stop() < 5
    await start()
    for person in people:
        before = len(own_api.sent[person.id])
        assert before == 1, "answered once, before the end or after the beginning"
        assert "Queen" in (await person.ask("/history"))["text"]


async def test_presses_during_sigterm_are_answered_or_kept_and_none_is_an_error(own_api, start):
    bot = await start()
    people = [own_api.person(number, f"P{number}") for number in range(1, 21)]
    cards = [await person.ask("/recommend 1") for person in people]
    own_api.refusals["sendMessage"].append(Refused(429, "Too Many Requests", retry_after=9))
    presses = [
        asyncio.create_task(person.press(card, label))
        for person, card in zip(people, cards, strict=True)
        for label in ("👍", "1 more")
    ]
    await own_api.until(lambda: own_api.calls["answerCallbackQuery"] >= 1)
    assert await bot.stop() < 5
    assert " ERROR " not in (bot.log.read_text(encoding="utf-8") if bot.log.exists() else "")
    await start()
    # People wait 15 seconds for the answer to a press; a start on a busy machine may take longer.
    await asyncio.gather(*presses, return_exceptions=True)
    await own_api.until(lambda: all(answer.done() for answer in own_api.queries.values()), 60)
    await own_api.until(lambda: all(len(own_api.sent[person.id]) == 2 for person in people), 30)
    for person in people[::5]:
        assert (await person.ask("/history"))["text"].count("👍") == 1
    # What was broken off begins anew, with another answer to the press, which Telegram lets pass.
    own_api.violations[:] = [said for said in own_api.violations if "answered before" not in said]
    own_api.answered = Counter(own_api.queries.keys())


async def test_a_kill_loses_nothing_that_was_answered(own_api, start):
    bot = await start()
    ann = own_api.person(1, "Ann")
    await ann.ask("/like queen")
    await bot.stop(signal.SIGKILL)
    await start()
    assert "Queen" in (await ann.ask("/history"))["text"]


async def test_a_kill_between_fetching_and_answering_loses_nothing(own_api, start):
    bot = await start()
    people = [own_api.person(number, f"P{number}") for number in range(1, 61)]
    for person in people:
        await person.say("/like queen")
    # Telegram has been told that all of them arrived, and has forgotten them; few are answered.
    await own_api.until(lambda: not own_api.pending)
    await bot.stop(signal.SIGKILL)
    answered = sum(bool(own_api.sent[person.id]) for person in people)
    assert answered < len(people), "killed too late to show anything"
    await start()
    await own_api.until(lambda: all(own_api.sent[person.id] for person in people), 60)
    for person in people[:: len(people) // 5]:
        assert "👍" in own_api.sent[person.id][0]["text"] or "already" in own_api.sent[person.id][0]["text"]
        assert (await person.ask("/history"))["text"].count("Queen") == 1


@pytest.mark.parametrize("token", ["1:wrong", "hello", "1:x\n2:y"])
async def test_a_token_that_is_refused_ends_in_one_sentence(own_api, learned, tmp_path, token):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DISCORD_")},
        "TELEGRAM_TOKEN": token,
        "TELEGRAM_BASE_URL": own_api.base_url,
        "SEGUE_LOG": str(tmp_path / "segue.log"),
    }
    process = await asyncio.create_subprocess_exec(
        str(SEGUE),
        "--database",
        str(learned),
        "run",
        cwd=tmp_path,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    told = "segue: Telegram refuses the token: check TELEGRAM_TOKEN against @BotFather's.\n"
    assert errors.decode() == told


async def test_sigterm_during_a_training_ends_within_five_seconds(own_api, start):
    bot = await start()
    ann = own_api.person(1, "Ann")
    await ann.ask("/like queen")
    question = await ann.ask("/forget")
    await ann.press(question, "Yes")  # which learns afresh
    assert await bot.stop() < 5


async def test_the_other_platform_may_be_broken_and_telegram_goes_on(own_api, start):
    settings = {"DISCORD_TOKEN": "x.y.z", "DISCORD_API_BASE": f"http://127.0.0.1:{free_port()}/api/v10"}
    bot = await start(**settings)
    ann = own_api.person(1, "Ann")
    waited = []
    for _ in range(20):
        began = time.monotonic()
        await ann.ask("/help like")
        waited.append(time.monotonic() - began)
        await asyncio.sleep(0.1)
    assert sorted(waited)[len(waited) // 2] < 0.5
    assert await bot.stop() < 5
