"""Forged presses through the real library: what is not theirs looks like what does not exist."""

import re

import pytest
from botapi import BOT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]

NOBODY = 10**17
# Not "fans of ABBA also like Queen", which everybody may read.
_NAMED = r"(you like|likes|of|listen to) Queen"


def payloads(card):
    keys = [key for row in card["reply_markup"]["inline_keyboard"] for key in row]
    return [key["callback_data"] for key in keys if "url" not in key]


async def answers(api, person, payload, message):
    """Return all that somebody is told after a press on a message in their private chat."""
    before = len(api.sent[person.id])
    toast = await person.press_payload(payload, message)
    if not toast.get("text"):  # the answer comes as a message
        await api.next_sent(person.id, before)
    return toast.get("text"), [sent["text"] for sent in api.sent[person.id][before:]]


async def test_a_stranger_reads_and_changes_nothing_of_a_group(api, ann, bo, group):
    await ann.ask("/like queen", group)
    card = await ann.ask("/recommend 2", group)
    session = await ann.ask("/session start Friday", group)
    await ann.ask("/next", group)
    await api.until(lambda: "▶ " in session["text"])
    shown = session["text"]
    mine = await bo.ask("/help like")
    number = next(p.split(":")[1] for p in payloads(session) if p.startswith("se:"))
    hidden = [f"se:{number}:{verb}" for verb in ("next", "recap", "links", "m3u8")]
    for payload in [*payloads(card), *payloads(session), *hidden]:
        missing = re.sub(r":\d+", f":{NOBODY}", payload, count=1)
        expected = await answers(api, bo, missing, mine)
        assert await answers(api, bo, payload, mine) == expected, payload
    assert session["text"] == shown
    assert (await ann.ask("/session", group))["chat"]["id"] == group["id"]
    assert "1 listener: Ann (host)" in session["text"]


async def test_whoever_left_a_group_has_no_part_in_it_until_they_speak_there_again(api, ann, bo, group):
    card = await ann.ask("/recommend 1", group)
    await bo.press(card, "👍")
    await api.until(lambda: card["reply_markup"]["inline_keyboard"][0][0]["text"] == "👍 1")
    await api.deliver({"message": api.store(group, {"from": bo.user, "left_chat_member": bo.user})})
    refused = await bo.press(card, "👎")
    assert refused["text"].startswith("I no longer know that list.")
    await api.deliver({"message": api.store(group, {"from": bo.user, "new_chat_members": [bo.user, BOT]})})
    assert (await bo.press(card, "👎"))["text"].startswith("👎 Noted")


async def test_a_song_sent_through_inline_mode_is_judged_by_those_who_read_it(api, ann, bo):
    first = (await ann.search(""))["results"][0]
    like = first["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    chosen = {"result_id": first["id"], "from": ann.user, "query": "", "inline_message_id": "SENT"}
    await api.deliver({"chosen_inline_result": {**chosen, "from": bo.user, "inline_message_id": "FORGED"}})
    assert (await bo.press_payload(like, inline_message_id="FORGED"))["text"].startswith("I no longer know")
    await api.deliver({"chosen_inline_result": chosen})
    await ann.ask("/help like")  # hers are handled in turn: the message is known now
    assert (await bo.press_payload(like, inline_message_id="SENT"))["text"].startswith("👍 Noted: you like")
    assert (await bo.press_payload(like, inline_message_id="OTHER"))["text"].startswith("I no longer know")


async def test_a_group_is_erased_only_when_an_administrator_says_yes(api, ann, bo, group):
    api.members[group["id"], ann.id] = "administrator"
    await ann.ask("/admin size 3", group)
    refused = await bo.ask("/admin erase", group)
    assert refused["text"].startswith("That is for the administrators")
    for answer in ("No, leave it", "Erase it all"):
        question = await ann.ask("/admin erase", group)
        assert question["text"].startswith("Erase all that I know of this group")
        stranger = await bo.press(question, "Erase it all")
        assert stranger["text"].startswith("That is for the administrators")
        assert "Songs on a list: 3" in (await ann.ask("/admin settings", group))["text"]
        before = len(api.sent[group["id"]])
        await ann.press(question, answer)
    assert (await api.next_sent(group["id"], before))["text"].startswith("Erased: 1 setting")
    assert "Songs on a list: 5" in (await ann.ask("/admin settings", group))["text"]


async def test_a_group_reads_only_what_was_said_there(ann, group):
    await ann.ask("/like queen")
    await ann.ask("/like abba", group)
    assert "Queen" in (await ann.ask("/recommend 5"))["text"] + (await ann.ask("/why"))["text"]
    for _ in range(3):
        card = await ann.ask("/recommend 10", group)
        assert not re.search(_NAMED, card["text"])
        assert not re.search(_NAMED, reasons(await ann.ask("/why", group)))
    await ann.ask("/visible on", group)
    told = "".join([(await ann.ask("/recommend 10", group))["text"] for _ in range(3)])
    assert re.search(r"(like|likes|of) Queen", told)


def reasons(told):
    return "\n".join(line.partition(": ")[2] for line in told["text"].splitlines())
