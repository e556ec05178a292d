"""Whole conversations with the bot as its own process, by polling."""

import asyncio
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
    await api.until(lambda: greeting["text"] == f"👍 Noted: {names[2]}.")
    ticked = [key["text"] for row in greeting["reply_markup"]["inline_keyboard"] for key in row]
    assert ticked == [*(f"✓ {name}" for name in names[:3]), *names[3:]]
    # A fourth is noted, and the list stays.
    assert (await ann.press(greeting, names[3]))["text"] == f"👍 Noted: {names[3]}."
    await api.until(lambda: f"✓ {names[3]}" in str(greeting))
    assert len(api.sent[ann.id]) == 2


async def test_a_double_tap_in_the_greeting_changes_nothing(api, ann):
    greeting = await ann.ask("/start")
    names = [key["text"] for row in greeting["reply_markup"]["inline_keyboard"] for key in row]
    payload = greeting["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    first, second = await asyncio.gather(*(ann.press_payload(payload, greeting) for _ in range(2)))
    assert first["text"] == f"👍 Noted: {names[0]}. Two more, and your first list comes."
    assert second["text"].startswith(f"You already love {names[0]}.")
    await api.until(lambda: greeting["text"].endswith("Two more, and your first list comes."))
    ticked = [key["text"] for row in greeting["reply_markup"]["inline_keyboard"] for key in row]
    assert ticked == [f"✓ {names[0]}", *names[1:]]


async def test_misspelt_artists_of_a_list_are_offered_and_each_press_keeps_the_others(api, ann):
    await ann.ask("/start")
    offered = await ann.ask("radiohed, bjork, portished")
    assert offered["text"].startswith("👍 Noted: Björk. I understood Radiohead and Portishead")
    await ann.press(offered, "👍 Radiohead")
    await api.until(lambda: "✓ Radiohead" in str(offered))
    await ann.press(offered, "👍 Portishead")
    slate = await api.next_sent(ann.id, 2)
    assert slate["text"].startswith("👍 Noted: Portishead.\n\nFor you")


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
    assert done["text"].startswith("Your data is deleted: 1 event")
    assert (await ann.ask("/history"))["text"].startswith("You have not told me anything yet")


async def test_a_button_nobody_knows_is_answered_politely(api, ann):
    slate = await ann.ask("/recommend")
    for payload in ("nonsense", "fb:999999:0:like", "fb:1:99:like", "do:forget:a1", "run:nothing"):
        before = len(api.sent[ann.id])
        answer = await ann.press_payload(payload, slate)
        if "text" not in answer:  # said in a message instead
            assert (await api.next_sent(ann.id, before))["text"], payload


async def test_the_menu_is_told_for_private_chats_groups_and_administrators_in_five_languages(api):
    scopes = ("all_private_chats", "all_group_chats", "all_chat_administrators")
    assert set(api.menus) == {
        (scope, language) for scope in scopes for language in ("", "de", "es", "fr", "pt")
    }
    assert [c["command"] for c in api.menus["all_private_chats", ""]] == list(COMMANDS)
    assert "forget" not in [c["command"] for c in api.menus["all_group_chats", ""]]
    for scope in scopes:
        english, german = api.menus[scope, ""], api.menus[scope, "de"]
        assert all(e["description"] != g["description"] for e, g in zip(english, german, strict=True))
