"""/admin policy: whoever runs the bot decides who chooses the songs; anybody else is told how it is said."""

import pytest

from storage.store import Store

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_whoever_runs_the_bot_promotes_by_the_log_and_rolls_back(own_api, start, tmp_path, answered):
    with Store.open(tmp_path / "segue.db") as store:
        answered(store, 1200)
    ann, bo = own_api.person(1, "Ann"), own_api.person(2, "Bo")
    await start(TELEGRAM_OWNER="1")
    first, second, *_ = (await ann.ask("/admin policy"))["text"].splitlines()
    assert first == "bandit chooses the songs; 1,200 of its choices have been answered."
    assert second.startswith("Liked: 40.0 % (")
    assert (await ann.ask("/admin policy promote greedy"))["text"].startswith("greedy may not take over: ")
    promoted = (await ann.ask("/admin policy promote certain"))["text"]
    assert promoted.startswith("certain chooses from now on: its lower bound 0.")
    refused = (await bo.ask("/admin policy back"))["text"]
    assert refused == (
        "That is for whoever runs me. If that is you, put TELEGRAM_OWNER=2 into .env and start me again."
    )
    assert (await ann.ask("/admin policy"))["text"].startswith("certain chooses the songs; 0 of its choices")
    assert (await ann.ask("/admin policy back"))["text"] == "bandit chooses again."


async def test_an_administrator_of_a_group_sees_how_policies_stand_and_changes_nothing(own_api, start):
    ann = own_api.person(1, "Ann")
    await start()
    group = {"id": -1001, "type": "group", "title": "Friday"}
    own_api.store(group, {"from": ann.user, "group_chat_created": True})
    own_api.members[group["id"], ann.id] = "administrator"
    assert (await ann.ask("/admin policy", group))["text"].startswith("bandit chooses the songs; 0 of its")
    refused = (await ann.ask("/admin policy promote certain", group))["text"]
    assert refused == "That is for whoever runs me."
