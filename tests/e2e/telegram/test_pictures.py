"""Pictures on Telegram: a photo with its caption, for the user alone."""

import pytest

PLAYS = "artist,track,plays,timestamp\n" + "".join(
    f"Nina Simone,Song {n % 7},1,2024-0{1 + n % 9}-01 1{n % 9}:00:00\n" for n in range(60)
)
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


async def test_a_year_is_an_album_to_swipe(api, ann):
    before = len(api.sent[ann.id])
    document = api.document("history.csv", PLAYS.encode())
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    told = await api.next_sent(ann.id, before)
    await api.until(lambda: told["text"].startswith("Added"), 30)
    before = len(api.sent[ann.id])
    first = await ann.ask("/wrapped 2024")
    await api.until(lambda: len(api.sent[ann.id]) == before + 3)
    album = api.sent[ann.id][before:]
    assert {one["media_group_id"] for one in album} == {first["media_group_id"]}
    assert [(one["photo"][0]["width"], one["photo"][0]["height"]) for one in album] == [(720, 1280)] * 3
    assert first["caption"].startswith("Ann: 2024 wrapped")


async def test_a_chart_is_a_square_of_songs(api, ann):
    before = len(api.sent[ann.id])
    document = api.document("history.csv", PLAYS.encode())
    await api.deliver({"message": api.store(ann.chat, {"from": ann.user, "document": document})})
    told = await api.next_sent(ann.id, before)
    await api.until(lambda: told["text"].startswith("Added"), 30)
    sent = await ann.ask("/chart 3 all")
    assert sent["photo"][0]["width"] == 1080
    assert sent["caption"].startswith("The chart of Ann\n\nSongs of all time")


async def test_a_session_ends_with_a_picture_of_who_liked_what(ann, group):
    await ann.ask("/like Nina Simone - Feeling Good")
    await ann.ask("/session start Friday", group)
    await ann.ask("/next", group)
    sent = await ann.ask("/session recap", group)
    assert sent["photo"]
    assert sent["caption"].startswith("Friday: 1 song in ")


async def test_a_profile_asked_for_in_a_group_is_shown_in_private_alone(api, ann):
    await ann.ask("/like Nina Simone - Feeling Good")
    group = {"id": -100_777, "type": "supergroup", "title": "Cave"}
    before = len(api.sent[ann.id])
    there = await ann.ask("/profile", group)
    assert "photo" not in there
    assert "photo" in await api.next_sent(ann.id, before)
