"""Tastes side by side in a group: by name, by answering somebody, and only among those who agreed."""

import re

import pytest
import pytest_asyncio

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("bot")]

HIDDEN = "I compare only people who are visible here."


@pytest_asyncio.fixture(loop_scope="session")
async def two(ann, bo, group):
    """Ann and Bo, who share Queen and have agreed to be compared in the group."""
    for person, artists in ((ann, ("queen", "u2")), (bo, ("queen", "abba"))):
        for artist in artists:
            await person.ask(f"/like {artist}")
        told = await person.ask("/visible on", group)
        assert told["text"].startswith("You are visible here")
    return ann, bo


def together(card):
    """Return the heading of a list."""
    return card["text"].splitlines()[0]


async def blended(person, text, group, **more):
    """Ask for a list for two; return the picture of both, and the list below it."""
    before = len(person.api.sent[group["id"]])
    picture = await person.ask(text, group, **more)
    return picture, await person.api.next_sent(group["id"], before + 1)


async def test_two_who_agreed_are_compared_by_name_and_by_an_answer(two, group):
    ann, bo = two
    shown = await ann.ask("/compare @bo", group)
    assert shown["photo"]
    by_name = shown["caption"]
    agreement, *rest = by_name.splitlines()
    assert re.fullmatch(r"Ann and Bo have \d+% in common\.", agreement)
    assert rest[:3] == ["Both like: Queen.", "Bo could show you: ABBA.", "You could show Bo: U2."]
    assert rest[3].startswith("A song for both: ")
    said = await bo.say("what a day", group)
    assert (await ann.ask("/compare", group, reply_to_message=said))["caption"] == by_name


async def test_a_list_for_two_comes_by_name_and_by_an_answer(two, group):
    ann, bo = two
    picture, card = await blended(ann, "/blend Bo", group)
    assert picture["caption"].startswith("Ann and Bo have ")
    assert together(card).startswith("For Ann and Bo")
    said = await bo.say("what a day", group)
    picture, card = await blended(ann, "/blend 2", group, reply_to_message=said)
    assert picture["photo"]
    assert together(card).startswith("For Ann and Bo")
    assert len(re.findall(r"^\d+\. ", card["text"], re.MULTILINE)) == 2


async def test_who_listens_and_who_is_near_names_those_who_agreed(two, group):
    ann, _ = two
    assert (await ann.ask("/who queen", group))["text"] in ("Queen: Ann and Bo", "Queen: Bo and Ann")
    assert (await ann.ask("/who abba", group))["text"] == "ABBA: Bo"
    assert re.fullmatch(r"Bo: \d+%", (await ann.ask("/neighbours", group))["text"])


async def test_a_mention_tells_people_of_one_name_apart(api, two, group):
    ann, bo = two
    other = api.person(next(api.people), "Bo")
    await other.ask("/like metallica")
    await other.ask("/visible on", group)
    assert (await ann.ask("/compare Bo", group))["text"].startswith(HIDDEN)
    pointed = {"type": "text_mention", "offset": len("/compare "), "length": 2, "user": other.user}
    told = (await ann.ask("/compare Bo", group, entities=[pointed]))["caption"]
    assert "Bo could show you: Metallica." in told
    api.usernames[bo.id] = "thebo"
    named = {"type": "mention", "offset": len("/compare "), "length": 6}
    told = (await ann.ask("/compare @TheBo", group, entities=[named]))["caption"]
    assert "Bo could show you: ABBA." in told


async def test_who_did_not_agree_is_named_to_nobody_by_any_way(api, ann, bo, group):
    await ann.ask("/like queen")
    await bo.ask("/like queen")
    await ann.ask("/visible on", group)
    said = await bo.say("what a day", group)
    api.usernames[bo.id] = "hidden_bo"
    named = {"type": "mention", "offset": len("/compare "), "length": 10}
    for line, more in (
        ("/compare Bo", {}),
        ("/compare", {"reply_to_message": said}),
        ("/compare @hidden_bo", {"entities": [named]}),
        ("/blend Bo", {}),
        ("/blend", {"reply_to_message": said}),
    ):
        assert (await ann.ask(line, group, **more))["text"].startswith(HIDDEN), line
    assert (await ann.ask("/who queen", group))["text"] == "Queen: Ann"
    assert (await ann.ask("/neighbours", group))["text"].startswith("Nobody visible here has a taste")


@pytest.mark.usefixtures("two")
async def test_the_question_is_asked_in_private_and_its_yes_counts_for_the_group(api, group):
    new = api.person(next(api.people), "Cy")
    await new.ask("/like queen")
    told = await new.ask("/compare Ann", group)
    assert told["text"] == "I have sent it to you in private."
    question = api.sent[new.id][-1]
    assert question["text"].startswith("Can people here see what you listen to?")
    before = len(api.sent[new.id])
    await new.press(question, "Yes")
    agreed = await api.next_sent(new.id, before)
    assert agreed["text"].startswith("You are visible there from now on.")
    assert (await new.ask("/compare Ann", group))["caption"].startswith("Cy and Ann have ")


@pytest.mark.usefixtures("two")
async def test_the_question_waits_for_somebody_new_behind_the_link_to_our_chat(api, group):
    new = api.person(next(api.people), "Di")
    for _ in range(2):
        told = await new.ask("/compare Ann", group)
        key = told["reply_markup"]["inline_keyboard"][0][0]
        assert key["text"] == "Open our chat"
    start = key["url"].partition("?start=")[2]
    question = await new.ask(f"/start {start}")
    assert question["text"].startswith("Can people here see what you listen to?")
    stranger = api.person(next(api.people), "Ed")
    assert (await stranger.ask(f"/start {start}"))["text"].startswith("I do not know that button")
    before = len(api.sent[new.id])
    await new.press(question, "No, leave it")
    assert (await api.next_sent(new.id, before))["text"].startswith("You stay invisible there.")
    assert (await new.ask("/compare Ann", group))["text"].startswith("Turn on /visible first")


async def test_an_answer_in_a_topic_is_no_answer_to_whoever_opened_it(two, group):
    ann, bo = two
    forum = {**group, "type": "supergroup", "is_forum": True}
    opened = {
        "message_id": 77,
        "date": 1,
        "chat": forum,
        "from": bo.user,
        "forum_topic_created": {"name": "music", "icon_color": 7322096},
    }
    topic = {"message_thread_id": 77, "is_topic_message": True, "reply_to_message": opened}
    assert (await ann.ask("/compare", forum, **topic))["text"].startswith("Say whom: /compare PERSON")


async def test_a_whole_comparison_is_held_in_german(api, ann, bo, group):
    api.members[group["id"], ann.id] = "administrator"
    await ann.ask("/admin language de", group)
    for person, artists in ((ann, ("queen", "u2")), (bo, ("queen", "abba"))):
        for artist in artists:
            await person.ask(f"/like {artist}")
    assert (await ann.ask("/visible", group))["text"].startswith("Du bist hier nicht sichtbar:")
    assert (await ann.ask("/visible on", group))["text"].startswith("Du bist hier sichtbar:")
    hidden = "Ich vergleiche nur Leute, die hier sichtbar sind."
    assert (await ann.ask("/compare Bo", group))["text"].startswith(hidden)
    assert (await ann.ask("/neighbours", group))["text"].startswith("Hier ist noch niemand sichtbar")
    assert (await ann.ask("/who abba", group))["text"] == (
        "Niemand, der hier sichtbar ist, hat mir von ABBA erzählt."
    )
    await bo.ask("/visible on", group)
    said = await bo.say("schöner Tag", group)
    told = (await ann.ask("/compare", group, reply_to_message=said))["caption"].splitlines()
    assert re.fullmatch(r"Ann und Bo haben \d+\s% gemeinsam\.", told[0])
    assert told[1:4] == [
        "Ihr mögt beide: Queen.",
        "Bo könnte dir zeigen: ABBA.",
        "Du könntest Bo zeigen: U2.",
    ]
    assert told[4].startswith("Ein Song für beide: ")
    _, card = await blended(ann, "/blend Bo", group)
    assert together(card).startswith("Für Ann und Bo")
    assert re.fullmatch(r"Bo: \d+\s%", (await ann.ask("/neighbours", group))["text"])
    assert (await ann.ask("/visible off", group))["text"].startswith("Du bist hier nicht sichtbar:")
    assert (await bo.ask("/compare Ann", group))["text"].startswith(hidden)
