"""What only Telegram has: inline mode, deep links, files, and accounts joined by a code."""

import io
import json
import re
import wave

import numpy as np
import pytest
from botapi import Refused
from openpyxl import Workbook

from recommender.audio.ear import can_hear

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]

PLAYS = "artist,track,plays,timestamp\n" + "".join(
    f"Queen,Song {n},1,2024-01-01 10:{n // 60:02}:{n % 60:02}\n" for n in range(600)
)


async def test_a_search_in_any_chat_offers_songs_whose_buttons_work_there(ann, bo):
    offered = await ann.search("bohemian")
    assert offered["is_personal"]
    first = offered["results"][0]
    assert first["title"] == "Queen - Bohemian Rhapsody"
    keys = first["reply_markup"]["inline_keyboard"][0]
    answer = await bo.press_payload(keys[0]["callback_data"], inline_message_id="AAA")
    assert answer["text"] == "👍 Noted: you like Bohemian Rhapsody by Queen."
    answer = await bo.press_payload(keys[2]["callback_data"], inline_message_id="AAA")
    assert answer["url"].startswith("https://t.me/segue_test_bot?start=song_")


async def test_an_empty_query_offers_ones_own_next_five_and_they_are_kept(api, ann, bo):
    mine, again, others = await ann.search(""), await ann.search(""), await bo.search("")
    assert len(mine["results"]) == 5
    assert [r["id"] for r in mine["results"]] == [r["id"] for r in again["results"]]
    assert mine["results"][0]["id"] != others["results"][0]["id"]
    first = mine["results"][0]
    await api.deliver({"chosen_inline_result": {"result_id": first["id"], "from": ann.user, "query": ""}})
    like = first["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert (await ann.press_payload(like, inline_message_id="BBB"))["text"].startswith("👍 Noted: you like ")


def sound(**tags):
    return {"file_id": "S", "file_unique_id": "S", "duration": 354, **tags}


GONE = Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")


async def test_a_music_file_is_a_like_to_confirm(api, ann):
    # Where a file can be heard and not be fetched, its names remain.
    api.refusals["getFile"] += [GONE] * (3 * can_hear())
    told = await ann.ask("", audio=sound(performer="Queen", title="Bohemian Rhapsody"))
    assert told["text"] == "Like it? Bohemian Rhapsody by Queen (1975)"
    assert (await ann.ask("/history"))["text"].startswith("You have not told me anything yet")
    assert (await ann.press(told, "👍 Like"))["text"] == "👍 Noted: you like Bohemian Rhapsody by Queen."
    unknown = await ann.ask("", audio=sound(performer="Qwghlm", title="Zzyzx"))
    assert unknown["text"] == "I do not know Qwghlm - Zzyzx yet. Teach me: /add Qwghlm - Zzyzx"
    assert (await ann.ask("", audio=sound()))["text"].startswith("That file does not say which song it is.")


async def test_a_voice_message_is_heard_and_brings_songs_that_sound_alike(api, ann, group):
    if not can_hear():
        pytest.skip("needs the extra segue[audio]")
    voice = voice_message(api, chord())
    told = await ann.ask("", voice=voice)
    assert told["text"].startswith("I hear "), told["text"]
    assert "Sounds like" in told["text"]
    assert "👍" in str(told["reply_markup"])
    assert (await ann.ask("", voice=voice_message(api, chord(level=0.0))))["text"].startswith(
        "I hear nothing in that."
    )
    api.refusals["getFile"].append(GONE)
    gone = {"file_id": "V", "file_unique_id": "V", "duration": 3}
    assert (await ann.ask("", voice=gone))["text"].startswith("Telegram ")
    # In a group a voice message is for the others.
    await ann.say("", group, voice=voice)
    await ann.ask("/help like", group)
    assert len(api.sent[group["id"]]) == 1


def voice_message(api, content: bytes) -> dict:
    document = api.document("voice", content)
    return {"duration": 6, **{name: document[name] for name in document if name != "file_name"}}


def chord(level: float = 0.3) -> bytes:
    """Six seconds of a chord that is struck twice a second, as a wave file."""
    t = np.arange(6 * 16_000) / 16_000
    notes = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 329.63))
    sound, file = notes * np.exp(-3 * (t % 0.5)) * level, io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((sound * 32767).clip(-32767, 32767).astype("<i2").tobytes())
    return file.getvalue()


async def test_pictures_are_told_what_can_be_read(api, ann, group):
    photo = [{"file_id": "P", "file_unique_id": "P", "width": 90, "height": 90}]
    for sent in ({"photo": photo}, {"location": {"latitude": 1.0, "longitude": 2.0}}):
        assert (await ann.ask("", **sent))["text"].startswith("I cannot listen or look. Tell me a song")
    # In a group they are for the others.
    await ann.say("", group, photo=photo)
    await ann.say("", group, audio=sound(performer="Queen", title="Bohemian Rhapsody"))
    await ann.ask("/help like", group)
    assert len(api.sent[group["id"]]) == 1


def reads(progress):
    """Tell whether a file is still being read."""
    return progress["text"].startswith("Reading the file")


async def test_a_file_that_telegram_does_not_hand_over_is_told_why(api, ann):
    for refused, told in (
        (Refused(400, "Bad Request: file is too big"), "That file is larger than the 20 MB"),
        (
            Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
            "Telegram no longer has that file.",
        ),
        (Refused(403, "Forbidden: bot was blocked"), "Telegram did not hand me that file."),
    ):
        api.refusals["getFile"].append(refused)
        progress = await ann.ask("", document=api.document("history.csv", PLAYS.encode()))
        await api.until(lambda: not reads(progress))  # noqa: B023 - awaited within the turn
        assert progress["text"].startswith(told)


async def test_a_search_that_finds_nothing_says_so(ann):
    offered = await ann.search("zzyzx qwghlm xyzzy")
    assert offered["results"] == []
    assert "Talk to me" in offered["button"]["text"]
    greeting = await ann.ask(f"/start {offered['button']['start_parameter']}")
    assert greeting["text"].startswith("Hello Ann. I recommend music")


async def test_a_link_leads_to_a_song(ann):
    first = (await ann.search("bohemian rhapsody"))["results"][0]
    more = first["reply_markup"]["inline_keyboard"][0][2]["callback_data"]
    url = (await ann.press_payload(more, inline_message_id="CCC"))["url"]
    card = await ann.ask(f"/start {url.partition('start=')[2]}")
    assert card["text"].startswith("Bohemian Rhapsody by Queen")
    assert (await ann.press(card, "👍 Like"))["text"] == "👍 Noted: you like Bohemian Rhapsody by Queen."


def reasons(card):
    lines = card["text"].splitlines()[1:]
    return {line.strip() for line in lines if line.strip() and not re.match(r"\d+\. ", line)}


async def test_a_shared_list_opens_elsewhere_and_says_nothing_of_its_owner(api, ann, bo):
    await ann.ask("/like queen")
    mine = await ann.ask("/recommend")
    share = mine["reply_markup"]["inline_keyboard"][-1][-1]["url"]
    start = re.search(r"start%3D(slate_\d+_[a-z2-7]{10})", share)[1]
    shared = await bo.ask(f"/start {start}")
    assert shared["text"].startswith("A list shared with you")
    assert reasons(shared) == {"something to try: 👍 or 👎 it and I learn"}
    await bo.press(shared, "1 👍")
    await api.until(lambda: "✓" in shared["reply_markup"]["inline_keyboard"][0][0]["text"])
    assert not reasons(shared)
    guessed = await bo.ask(f"/start {start[:-1]}{'a' if start[-1] != 'a' else 'b'}")
    assert guessed["text"].startswith("That link leads nowhere")


async def test_a_code_joins_two_accounts_once_and_unlink_parts_them(api, ann, bo):
    await ann.ask("/like queen")
    await bo.ask("/like abba")
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", (await ann.ask("/link"))["text"])[0]
    assert (await bo.ask("/link AAAA-AAAA"))["text"].startswith("I do not know that code")
    assert (await ann.ask(f"/link {code}"))["text"].startswith("That is your own code")
    for line in (f"/start link_{code.replace('-', '')}", f"/link {code}"):
        question = await bo.ask(line)
        assert question["text"].startswith("Link this account with Ann (telegram)?")
    assert "Queen" not in (await bo.ask("/history"))["text"]
    before = len(api.sent[bo.id])
    await bo.press(question, "Yes")
    assert (await api.next_sent(bo.id, before))["text"].startswith("Joined: Ann (telegram) and Bo (telegram)")
    assert {"Queen", "ABBA"} <= set(re.findall("Queen|ABBA", (await bo.ask("/history"))["text"]))
    assert (await bo.ask(f"/link {code}"))["text"].startswith("I do not know that code")
    assert (await ann.ask("/unlink"))["text"].startswith("Unlinked: Bo (telegram)")
    assert "ABBA" not in (await ann.ask("/history"))["text"]
    assert "ABBA" in (await bo.ask("/history"))["text"]
    assert (await bo.ask("/unlink"))["text"].startswith("This account is not linked")


async def test_a_history_comes_in_with_one_message_and_a_closing_count(api, ann):
    before = len(api.sent[ann.id])
    document = api.document("history.csv", PLAYS.encode())
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    told = await api.next_sent(ann.id, before)
    await api.until(lambda: told["text"].startswith("Added"), 30)
    assert "600" in told["text"]
    assert len(api.sent[ann.id]) == before + 1
    export = await ann.ask("/export")
    events = json.loads(api.files[export["document"]["file_id"]])["events"]
    assert len(events) == 600
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    again = await api.next_sent(ann.id, before + 2)
    await api.until(lambda: again["text"].startswith("Added"), 30)
    assert "0 kept" in again["text"] or "Nothing new" in again["text"]


def workbook() -> bytes:
    """Return a listening history as Deezer hands it out."""
    book = Workbook()
    sheet = book.create_sheet("10_listeningHistory")
    sheet.append(["Song Title", "Artist", "ISRC", "Album Title", "Listening Time", "Date"])
    for minute in range(3):
        sheet.append(["Song 2", "Blur", "GBAYE9600015", "Blur", 121, f"2023-03-04 10:{minute * 10:02}:00"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_the_workbook_of_deezer_comes_in(api, bo):
    before = len(api.sent[bo.id])
    document = api.document("deezer-data.xlsx", workbook())
    await api.deliver({"message": api.store(bo.chat, {"from": bo.user, "document": document})})
    told = await api.next_sent(bo.id, before)
    await api.until(lambda: told["text"].startswith("Added"), 30)
    assert "3 kept" in told["text"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "That file "),
        ("empty.csv", b"", "That file is empty"),
        (
            "many.csv",
            b"user,artist,plays\na,Queen,1\nb,ABBA,2\n",
            "That table says that several people listened",
        ),
    ],
)
async def test_a_file_that_cannot_be_taken_gets_a_sentence(api, ann, name, content, said):
    before = len(api.sent[ann.id])
    document = api.document(name, content)
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    told = await api.next_sent(ann.id, before)
    await api.until(lambda: not reads(told))
    assert told["text"].startswith(said)


async def test_a_history_in_a_group_is_led_to_the_private_chat_and_other_files_are_left_alone(
    api, ann, group
):
    async def send(name, **more):
        message = {"from": ann.user, "document": api.document(name, PLAYS.encode()), **more}
        await api.deliver({"message": api.store(group, message)})

    def caption(text):
        return {
            "caption": text,
            "caption_entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
        }

    await send("minutes.pdf")
    await send("minutes.csv", **caption("/import@other_bot"))
    await ann.ask("/help like", group)
    greeting = api.sent[group["id"]][-1]
    for n, (name, more) in enumerate(
        {
            "history.csv": {"media_group_id": "7"},
            "a.csv": caption("/import"),
            "b.csv": caption("/import@segue_test_bot"),
            "c.csv": {"reply_to_message": greeting},
        }.items(),
        1,
    ):
        await send(name, **more)
        told = await api.next_sent(group["id"], n)
        assert "send me that file in our private chat" in told["text"]
    await send("history-2.csv", media_group_id="7")
    assert (await ann.ask("/help like", group))["text"] == greeting["text"]
    assert len(api.sent[group["id"]]) == 6
    assert (await ann.ask("/history"))["text"].startswith("You have not told me anything yet")


async def test_a_file_beyond_telegrams_limit_is_explained(api, ann):
    before = len(api.sent[ann.id])
    document = {**api.document("big.csv", b"x"), "file_size": 21 << 20}
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    assert "20 MB" in (await api.next_sent(ann.id, before))["text"]


async def test_hostile_names_arrive_as_they_are(ann):
    for name in ("<3 & *bold*", "🎧 </b>", "فيروز", "_x_ `y` [z](t.me)"):
        answer = await ann.ask(f"/add {name} - {name}")
        assert (
            answer["text"]
            .replace("\u2068", "")
            .replace("\u2069", "")
            .startswith(f"In the catalogue: {name} by {name}")
        )
