"""The bot as its own process, through real sockets, every request held against Discord's own description."""

import asyncio
import json

import pytest

pytestmark = pytest.mark.slow


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def payloads(message) -> list[str]:
    return [c["custom_id"] for c in walk(message["components"]) if c["type"] == 2]


def texts(message) -> str:
    return "\n".join(c["content"] for c in walk(message["components"]) if c["type"] == 10)


async def test_a_conversation_from_the_first_command_to_the_last_button(discord, start, tmp_path):
    process = await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    assert [c["intents"] for c in discord.identified] == [(1 << 0) | (1 << 7) | (1 << 10) | (1 << 13)]

    offered = await discord.complete("like", "song", "bohemian")
    assert offered["choices"][0]["name"].startswith("Queen - Bohemian Rhapsody")
    liked = await discord.slash("like", song=offered["choices"][0]["value"])
    assert texts(liked) == "👍 Noted: you like Bohemian Rhapsody by Queen."

    card = await discord.slash("recommend")
    assert len(payloads(card)) == 17
    assert "because you like" in texts(card)
    thumb = next(p for p in payloads(card) if p.endswith(":like"))
    pressed = await discord.press(card, thumb)
    assert {c.get("label") for c in walk(pressed["components"])} >= {"👍 1"}

    # The network fails in the middle of it all: the session is resumed, and nothing is asked twice.
    await discord.drop()
    await asyncio.wait_for(discord.resumed.wait(), 60)
    discord.limit_next = 1  # and Discord says: not so fast
    why = await discord.press(card, next(p for p in payloads(card) if p.endswith("why")))
    assert len(texts(why).splitlines()) == 5
    for command in ("history", "profile", "privacy", "help", "export", "forget"):
        assert await discord.slash(command, user="500" if command == "help" else "400")

    process.terminate()
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    log = (tmp_path / "segue.log").read_text() if (tmp_path / "segue.log").exists() else ""
    assert "e2e-e2e" not in log + out.decode() + err.decode()
    assert "Traceback" not in log + out.decode() + err.decode()


async def test_the_same_delivery_twice_counts_once(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    data = {"id": "1", "name": "like", "type": 1, "options": [{"name": "song", "type": 3, "value": "u2"}]}
    twice = discord.interaction(2, data)
    await discord.asked(twice)
    await discord.asked(twice)
    assert len(texts(await discord.slash("history")).splitlines()) == 1


async def test_sync_brings_every_command_in_every_language(discord, start):
    process = await start("discord-sync")
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert (process.returncode, err) == (0, b"")
    assert b"commands are up to date everywhere" in out
    sent = next(body for method, path, body in discord.requests if method == "PUT")
    names = {command["name"]: command for command in sent}
    assert names["like"]["name_localizations"]["de"] == "mag-ich"
    assert names["like"]["integration_types"] == [0, 1]
    assert names["like"]["contexts"] == [0, 1, 2]
    assert names["server"]["default_member_permissions"] == 32
    assert names["Like this song"]["type"] == 3


async def test_two_presses_at_the_same_instant_are_both_on_the_card(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    card = await discord.slash("recommend")
    thumb = next(p for p in payloads(card) if p.endswith(":like"))
    before = len(discord.requests)
    await asyncio.gather(*(discord.press(card, thumb, user=str(401 + n)) for n in range(8)))
    drawn = await drawn_until(discord, before, thumb, "👍 8")
    assert drawn == sorted(drawn)


def faces(discord, before: int, thumb: str) -> list[str]:
    """Return what stood on a button in each drawing of its card."""
    return [
        {c["custom_id"]: c["label"] for c in walk(body["components"]) if c["type"] == 2}[thumb]
        for method, path, body in discord.requests[before:]
        if method == "PATCH" and path.endswith("@original")
    ]


async def drawn_until(discord, before: int, thumb: str, face: str) -> list[str]:
    """Wait until a button says so, and return all that it has said."""
    for _ in range(600):
        if (drawn := faces(discord, before, thumb))[-1:] == [face]:
            return drawn
        await asyncio.sleep(0.05)
    raise AssertionError(f"never drawn: {face}")


async def test_fifty_presses_at_once_are_answered_before_the_card_is_drawn_a_few_times(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    card = await discord.slash("recommend")
    thumb = next(p for p in payloads(card) if p.endswith(":like"))
    before, discord.latency = len(discord.requests), 0.15
    told = await asyncio.gather(*(discord.press(card, thumb, user=str(500 + n)) for n in range(50)))
    assert all("Noted" in texts(answer) for answer in told)
    drawn_by_then = len(faces(discord, before, thumb))
    drawn = await drawn_until(discord, before, thumb, "👍 50")
    assert drawn_by_then < 25
    assert len(drawn) < 25


async def test_a_press_counts_whose_receipt_was_lost(discord, start, tmp_path):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    card = await discord.slash("recommend")
    thumb = next(p for p in payloads(card) if p.endswith(":like"))
    discord.lose_receipts = 1
    assert "Noted" in texts(await discord.press(card, thumb, user="401"))
    discord.lose_receipts = 1
    assert texts(await discord.slash("like", song="u2")).startswith("👍 Noted: you like U2.")
    assert "Traceback" not in (tmp_path / "segue.log").read_text()


async def test_where_the_bot_is_no_member_lists_are_for_the_asker_alone(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    data = {"id": "1", "name": "recommend", "type": 1, "options": []}
    by_person = {"authorizing_integration_owners": {"1": "400"}}
    foreign = discord.interaction(2, data) | by_person | {"guild_id": "999", "context": 0}
    group = discord.interaction(2, data) | by_person | {"context": 2}
    del group["guild_id"]
    group["user"] = group.pop("member")["user"]
    alone = group | {"id": "77", "token": "token-77", "context": 1}
    for asked, is_hidden in ((foreign, True), (group, True), (alone, False)):
        before = len(discord.requests)
        assert texts(await discord.asked(asked)).startswith("### For you")
        signs = [body for _, path, body in discord.requests[before:] if path.endswith("/callback")]
        assert [bool(sign.get("data", {}).get("flags", 0) & 64) for sign in signs] == [is_hidden]


async def test_where_only_the_person_installed_it_the_server_is_not_remembered(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    data = {"id": "1", "name": "like", "type": 1, "options": [{"name": "song", "type": 3, "value": "u2"}]}
    alone = {"authorizing_integration_owners": {"1": "400"}, "guild_id": "999", "context": 0}
    liked = await discord.asked(discord.interaction(2, data) | alone)
    assert texts(liked).startswith("👍 Noted: you like U2.")
    exported = {"id": "1", "name": "export", "type": 1, "options": []}
    await discord.asked(discord.interaction(2, exported) | alone)
    assert json.loads(discord.files[-1])["communities"] == []


async def test_a_form_is_sent_off_and_its_song_is_known(discord, start):
    await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    missed = await discord.slash("like", song="qwyxzz brlff")
    opened = await discord.press(missed, next(p for p in payloads(missed) if p.startswith("add:")))
    assert [label["component"]["custom_id"] for label in opened["components"]] == ["artist", "title"]
    sent = [
        {"type": 18, "id": n, "component": {"type": 4, "id": 9 + n, "custom_id": key, "value": value}}
        for n, (key, value) in enumerate({"artist": "Qwyxzz", "title": "Brlff"}.items())
    ]
    data = {"custom_id": opened["custom_id"], "components": sent}
    added = await discord.asked(discord.interaction(5, data, message=missed))
    assert texts(added) == "In the catalogue: Brlff by Qwyxzz. Like it?"
    assert texts(await discord.slash("like", song="qwyxzz brlff")).startswith("👍 Noted: you like Brlff")


async def test_two_shards_serve_two_servers_and_one_may_lose_its_connection(discord, start):
    discord.shards, other = 2, str((1 << 22) + 201)  # servers are spread over shards by their id
    discord.guilds = (*discord.guilds, other)
    process = await start("run", "discord")
    await asyncio.wait_for(discord.ready.wait(), 120)
    assert sorted(c["shard"] for c in discord.identified) == [[0, 2], [1, 2]]

    def like(song: str, **place: str) -> dict:
        data = {"id": "1", "name": "like", "type": 1, "options": [{"name": "song", "type": 3, "value": song}]}
        there = {"authorizing_integration_owners": {"0": place["guild_id"]}} if place else {}
        return discord.interaction(2, data) | place | there

    assert texts(await discord.asked(like("u2"))).startswith("👍 Noted: you like U2.")
    assert texts(await discord.asked(like("queen", guild_id=other))).startswith("👍 Noted: you like Queen.")
    await discord.drop(shard=1)
    assert texts(await discord.asked(like("abba"))).startswith("👍 Noted: you like ABBA.")
    await asyncio.wait_for(discord.resumed.wait(), 60)
    late = await discord.asked(like("tricky", guild_id=other))
    assert texts(late).startswith("👍 Noted: you like Tricky.")
    assert len(texts(await discord.slash("history")).splitlines()) == 4
    await discord.asked(discord.interaction(2, {"id": "1", "name": "export", "type": 1, "options": []}))
    places = json.loads(discord.files[-1])["communities"]
    assert len(places) == 2, places
    said = [await asyncio.wait_for(process.stderr.readline(), 60) for _ in range(2)]
    assert b"is in 2 servers. Invite: " in said[1]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0


WRONG = {
    "a wrong token": ({}, "Discord does not accept the DISCORD_TOKEN: reset it at"),
    "no token": ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN=... in"),
    "no network": ({"DISCORD_API_BASE": "http://127.0.0.1:9/api/v10"}, "I cannot reach Discord at 127.0.0.1"),
    "a missing intent": ({"DISCORD_PRESENCES": "true"}, "has not switched on the Presence Intent"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_keeps_it_from_starting_is_one_sentence_with_what_to_do(discord, start, what):
    settings, sentence = WRONG[what]
    discord.refuse_token = what == "a wrong token"
    discord.refuse_intents = what == "a missing intent"
    process = await start("run", "discord", **settings)
    _, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 2
    assert sentence in err.decode()
    assert "Traceback" not in err.decode()
