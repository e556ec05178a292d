"""Groups: everybody's own verdicts, votes, topics, another id, administrators, reactions, circles."""

import asyncio
import json
import re
import time

import pytest
from botapi import BOT, ME

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]


def reaction(person, message, old=(), new=(), **who):
    emoji = [[{"type": "emoji", "emoji": one} for one in some] for some in (old, new)]
    signed = who or {"user": person.user}
    return {
        "message_reaction": {
            "chat": message["chat"],
            "message_id": message["message_id"],
            "date": int(time.time()),
            "old_reaction": emoji[0],
            "new_reaction": emoji[1],
            **signed,
        }
    }


async def press_consent(api, person, group):
    before = len(api.sent[group["id"]])
    await api.deliver(
        {
            "my_chat_member": {
                "chat": group,
                "from": person.user,
                "date": int(time.time()),
                "old_chat_member": {"status": "left", "user": bot_user()},
                "new_chat_member": {"status": "member", "user": bot_user()},
            }
        }
    )
    welcome = await api.next_sent(group["id"], before)
    assert "administrators" in welcome["text"]
    answer = await person.press(welcome, "Count my reactions")
    assert answer["text"].startswith("Your reactions to my lists count from now on")


def bot_user():
    return {k: ME[k] for k in BOT}


async def until_votes(api, message, label):
    await api.until(lambda: message["reply_markup"]["inline_keyboard"][0][0]["text"] == label)


def song(card, number):
    line = next(line for line in card["text"].splitlines() if line.startswith(f"{number}. "))
    return re.fullmatch(r"\d+\. .* - (.*?)(?: \(\d{4}\))?", line)[1]


def labels(card):
    return [[key["text"] for key in row] for row in card["reply_markup"]["inline_keyboard"]]


async def test_a_card_pressed_by_many_counts_each_persons_own_like(api, ann, bo, group):
    card = await ann.ask("/recommend 1", group)
    assert card["reply_to_message"]["text"] == "/recommend 1"
    await ann.press(card, "👍")
    await bo.press(card, "👍")
    await until_votes(api, card, "👍 2")
    await ann.press(card, "👍")
    await until_votes(api, card, "👍 1")


async def test_other_peoples_talk_and_other_bots_commands_are_left_alone(api, ann, group):
    await ann.say("what a day", group)
    await ann.say("/weather berlin", group)
    await ann.say("/recommend@other_bot", group)
    answer = await ann.ask(f"/help@{BOT['username']} like", group)
    assert answer["text"].startswith("/like SONG")
    assert len(api.sent[group["id"]]) == 1


async def test_an_answer_to_a_list_judges_that_list_by_number(api, ann, bo, group):
    card, later = await ann.ask("/recommend", group), await ann.ask("/recommend", group)
    told = await bo.ask("+2 -3", group, reply_to_message=card)
    assert [line.split(":")[0] for line in told["text"].splitlines()] == ["👍 Noted", "👎 Noted"]
    assert song(card, 2) in told["text"]
    assert song(card, 3) in told["text"]
    await api.until(lambda: labels(card)[1][0] == "2 👍 1" and labels(card)[2][1] == "👎 1")
    assert labels(later)[1][0] == "2 👍"


async def test_the_greeting_of_a_group_asks_for_what_is_heard_there(ann, group):
    asked = (await ann.ask("/start", group))["text"]
    assert asked.endswith("Pick them here, or tell me each: /like Radiohead")


async def test_what_concerns_one_person_goes_to_that_person(api, ann, bo, group):
    await ann.ask("/like queen")
    told = await ann.ask("/history", group)
    assert told["text"] == "I have sent it to you in private."
    assert "Queen" in api.sent[ann.id][-1]["text"]
    refused = await bo.ask("/link", group)
    assert refused["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://t.me/segue_test_bot?start"
    assert not api.sent[bo.id]


async def test_forum_topics_are_answered_in_their_topic(ann, group):
    forum = {**group, "type": "supergroup", "is_forum": True}
    answer = await ann.ask("/help", forum, message_thread_id=77, is_topic_message=True)
    assert answer["message_thread_id"] == 77


async def test_a_group_that_becomes_a_supergroup_keeps_its_data(api, ann, group):
    api.members[group["id"], ann.id] = "creator"
    await ann.ask("/recommend 1", group)
    new = {"id": group["id"] - 10**9, "type": "supergroup", "title": group["title"]}
    api.store(new, {"from": BOT, "text": "hello"})
    api.members[new["id"], ann.id] = "creator"
    moved = api.store(group, {"from": ann.user, "migrate_to_chat_id": new["id"]})
    await ann.ask("/admin size 2", group)
    await api.deliver({"message": moved})
    arrived = api.store(new, {"from": ann.user, "migrate_from_chat_id": group["id"]})
    await api.deliver({"message": arrived})
    card = await ann.ask("/recommend", new)
    assert len(card["reply_markup"]["inline_keyboard"]) == 3


async def test_a_group_that_moved_unnoticed_stays_one_group(api, ann, bo, group):
    api.members[group["id"], ann.id] = "creator"
    await ann.ask("/admin size 3", group)
    card = await ann.ask("/recommend", group)
    new = {"id": group["id"] - 10**9, "type": "supergroup", "title": group["title"]}
    api.store(new, {"from": BOT, "text": "hello"})
    api.members[new["id"], ann.id] = "creator"
    api.migrated[group["id"]] = new["id"]
    await bo.press(card, "3 more")
    more = await api.next_sent(new["id"], 0)
    assert len(re.findall(r"^\d+\. ", more["text"], re.MULTILINE)) == 3
    assert (await bo.press(card, "1 👍"))["text"].startswith("👍 Noted")
    stats = (await ann.ask("/admin stats", new))["text"].splitlines()
    assert stats[:3] == ["People I have met here: 2", "Lists shown here: 2", "Said here: 1 × 👍"]  # noqa: RUF001


async def test_administrators_decide_and_nobody_else(api, ann, bo, group):
    api.members[group["id"], ann.id] = "administrator"
    assert (await bo.ask("/admin size 3", group))["text"] == "That is for the administrators of this group."
    assert "3 songs" in (await ann.ask("/admin size 3", group))["text"]
    card = await bo.ask("/recommend", group)
    assert len(card["reply_markup"]["inline_keyboard"]) == 4
    stats = await ann.ask("/admin stats", group)
    assert stats["text"].startswith("People I have met here: 2")
    api.members[group["id"], ann.id] = "member"
    assert (await ann.ask("/admin size 4", group))["text"] == "That is for the administrators of this group."


async def test_administrators_are_offered_what_has_an_effect_and_nothing_else(api, ann, group):
    api.members[group["id"], ann.id] = "administrator"
    decided = (await ann.ask("/admin settings", group))["text"]
    assert [line.partition(":")[0] for line in decided.splitlines()] == [
        "Language",
        "Songs on a list",
        "Explicit songs",
        "Cooldown",
        "Blocked here",
    ]
    offered = (await ann.ask("/admin", group))["text"]
    assert "channel" not in offered
    assert (await ann.ask("/admin channel de", group))["text"] == offered
    assert (await ann.ask("/admin settings", group))["text"] == decided


async def test_a_group_is_spoken_to_in_the_language_it_decided(api, ann, bo, group):
    api.members[group["id"], ann.id] = "administrator"
    assert (await ann.ask("/admin language klingon", group))["text"].startswith("Say one of the languages")
    await ann.ask("/admin language de", group)
    assert (await bo.ask("/like queen", group))["text"].startswith("👍 Notiert: Du magst Queen.")
    card = await bo.ask("/recommend 1", group)
    assert card["text"].startswith("Für dich")
    assert "weil du Queen magst" in card["text"]
    assert (await bo.ask("/like queen"))["text"].startswith("You already like Queen.")


async def test_a_german_group_decides_in_german(ann, group, api):
    api.members[group["id"], ann.id] = "administrator"
    await ann.ask("/admin language de", group)
    english = re.compile(r"\b(the|this|here|songs?|people|list)\b")
    for line, told in (
        ("/admin", "/admin settings - was diese Gruppe entschieden hat"),
        ("/admin settings", "Sprache: de"),
        ("/admin size 3", "Listen haben hier ab jetzt 3 Songs"),
        ("/admin size 99", "Eine Liste hat 1 bis 20 Songs."),
        ("/admin cooldown x", "Sag eine Zahl"),
        ("/admin stats", "Leute, die ich hier kenne: 1"),
        ("/admin block coldplay", "🚫 Von Coldplay kommt hier nichts mehr."),
        ("/admin blocked", "Hier ausgeschlossen:"),
        ("/admin remove", "Antworte auf eine Nachricht"),
        ("/admin policy promote x", "Das ist für die Person, die mich betreibt."),
    ):
        text = (await ann.ask(line, group))["text"]
        assert text.startswith(told), line
        assert not english.search(text), text


async def test_an_anonymous_administrator_speaks_for_the_group(api, ann, group):
    stand_in = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    before = len(api.sent[group["id"]])
    await ann.say("/admin size 4", group, sender_chat=group, **{"from": stand_in})
    answer = await api.next_sent(group["id"], before)
    assert "4 songs" in answer["text"]


async def test_a_reaction_counts_once_its_person_agreed_and_goes_with_it(api, ann, group):
    card = await ann.ask("/recommend 1", group)
    await api.deliver(reaction(ann, card, new="👍"))
    await press_consent(api, ann, group)
    assert card["reply_markup"]["inline_keyboard"][0][0]["text"] == "👍"
    await api.deliver(reaction(ann, card, new="❤"))
    await until_votes(api, card, "👍 1")
    await api.deliver(reaction(ann, card, old="❤", new="👎"))
    await api.until(lambda: card["reply_markup"]["inline_keyboard"][0][1]["text"] == "👎 1")
    await api.deliver(reaction(ann, card, old="👎"))
    await api.until(lambda: card["reply_markup"]["inline_keyboard"][0][1]["text"] == "👎")


async def test_an_anonymous_reaction_teaches_the_group_and_nobody(api, ann, group):
    card = await ann.ask("/recommend 1", group)
    await api.deliver(reaction(None, card, new="👍", actor_chat=group))
    await until_votes(api, card, "👍 1")
    counts = {
        "chat": group,
        "message_id": card["message_id"],
        "date": int(time.time()),
        "reactions": [{"type": {"type": "emoji", "emoji": "👎"}, "total_count": 3}],
    }
    await api.deliver({"message_reaction_count": counts})
    await api.until(lambda: card["reply_markup"]["inline_keyboard"][0][1]["text"] == "👎 1")
    history = await ann.ask("/history")
    assert history["text"].startswith("You have not told me anything yet")


async def test_those_who_joined_the_circle_get_one_list_for_all(api, ann, bo, group):
    await ann.ask("/like queen", group)
    await bo.ask("/like metallica", group)
    circle = await ann.ask("/circle", group)
    assert circle["text"].startswith("🎧 1 person listens along.")
    answer = await bo.press(circle, "Join")
    assert answer["text"].startswith("🎧 2 people listen along.")
    await api.until(lambda: circle["text"].startswith("🎧 2"))
    card = await bo.ask("/recommend", group)
    assert "because one of you likes" in card["text"]
    # A press draws the card again, and it stays a list for the two of them.
    assert card["text"].startswith("For Bo and Ann")
    await ann.press(card, "1 👍")
    await until_votes(api, card, "1 👍 1")
    assert card["text"].startswith("For Bo and Ann")
    before = len(api.sent[group["id"]])
    await ann.press(circle, "Songs for all of us")
    assert "one of you likes" in (await api.next_sent(group["id"], before))["text"]
    await bo.press(circle, "Leave")
    assert "one of you" not in (await bo.ask("/recommend", group))["text"]


async def test_a_reaction_to_a_list_judges_the_list_and_no_song_of_it(api, ann, group):
    await press_consent(api, ann, group)
    card = await ann.ask("/recommend", group)
    await api.deliver(reaction(ann, card, new="🔥"))
    await asyncio.sleep(1.5)
    export = await ann.ask("/export")
    kept = json.loads(api.files[export["document"]["file_id"]])
    assert kept["events"] == []
    assert [verdict["kind"] for verdict in kept["slate_verdicts"]] == ["like"]
