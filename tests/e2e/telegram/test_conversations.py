"""Whole conversations with the bot as its own process, by polling."""

import json

import pytest

from bot.commands.table import COMMANDS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]


async def test_a_stranger_presses_three_artists_and_gets_a_list(api, ann):
    greeting = await ann.ask("/start")
    assert greeting["text"].startswith("Hello Ann. I recommend music")
    names = [key["text"] for row in greeting["reply_markup"]["inline_keyboard"] for key in row]
    assert len(names) == 10
    for name in names[:2]:
        answer = await ann.press(greeting, name)
        assert answer["text"].startswith(f"👍 Noted: {name}. ")
    await api.until(lambda: greeting["text"].endswith("One more, and your first list comes."))
    await ann.press(greeting, names[2])
    slate = await api.next_sent(ann.id, 1)
    assert slate["text"].startswith(f"👍 Noted: {names[2]}.\n\nFor you\n\n1. ")
    assert "because you like" in slate["text"]


async def test_a_stranger_writes_three_artists_and_gets_a_list(ann):
    await ann.ask("/start")
    slate = await ann.ask("radiohead, björk\nnina simone, zzyzx qwghlm")
    assert slate["text"].startswith(
        "👍 Noted: Radiohead, Björk and Nina Simone. I do not know zzyzx qwghlm.\n\nFor you"
    )


async def test_presses_edit_in_place_and_a_second_press_takes_back(api, ann):
    slate = await ann.ask("/recommend")
    assert len(slate["reply_markup"]["inline_keyboard"]) == 6
    labels = [key["text"] for key in slate["reply_markup"]["inline_keyboard"][0]]
    assert labels == ["1 👍", "👎", "⏭", "More like this"]
    answer = await ann.press(slate, "2 👍")
    assert answer["text"].startswith("👍 Noted: you like ")
    await api.until(lambda: slate["reply_markup"]["inline_keyboard"][1][0]["text"] == "2 👍 ✓")
    await ann.press(slate, "2 👍")
    await api.until(lambda: slate["reply_markup"]["inline_keyboard"][1][0]["text"] == "2 👍")
    assert len(api.sent[ann.id]) == 1


async def test_more_like_this_brings_another_list(api, ann):
    slate = await ann.ask("/recommend")
    await ann.press(slate, "More like this")
    second = await api.next_sent(ann.id, 1)
    assert second["text"].startswith("Close to ")


async def test_every_command_of_the_table_is_answered(ann):
    await ann.ask("/like queen")
    await ann.ask("/recommend 3")
    for name, command in COMMANDS.items():
        answer = await ann.ask(command.example)
        assert answer.get("text", answer.get("caption")), name


async def test_everything_kept_comes_as_a_file_and_is_erased_on_yes(api, ann):
    await ann.ask("/like queen")
    export = await ann.ask("/export")
    assert export["document"]["file_name"] == "segue-export.json"
    kept = json.loads(api.files[export["document"]["file_id"]])
    assert [event["artist"] for event in kept["events"]] == ["Queen"]
    question = await ann.ask("/forget")
    await ann.press(question, "No")
    await api.until(lambda: "reply_markup" not in question)
    question = await ann.ask("/forget")
    await ann.press(question, "Yes")
    done = await api.next_sent(ann.id, 4)
    assert done["text"].startswith("Done. You are erased: 1 event")
    assert (await ann.ask("/history"))["text"].startswith("You have not told me anything yet")


async def test_a_button_nobody_knows_is_answered_politely(api, ann):
    slate = await ann.ask("/recommend")
    for payload in ("nonsense", "fb:999999:0:like", "fb:1:99:like", "do:forget:a1", "run:nothing"):
        before = len(api.sent[ann.id])
        answer = await ann.press_payload(payload, slate)
        if "text" not in answer:  # said in a message instead
            assert (await api.next_sent(ann.id, before))["text"], payload


async def test_the_menu_is_told_for_private_chats_groups_and_administrators_in_three_languages(api):
    scopes = ("all_private_chats", "all_group_chats", "all_chat_administrators")
    assert set(api.menus) == {(scope, language) for scope in scopes for language in ("", "de", "es")}
    assert [c["command"] for c in api.menus["all_private_chats", ""]] == list(COMMANDS)
    assert "forget" not in [c["command"] for c in api.menus["all_group_chats", ""]]
    for scope in scopes:
        english, german = api.menus[scope, ""], api.menus[scope, "de"]
        assert all(e["description"] != g["description"] for e, g in zip(english, german, strict=True))
