"""Facts between machines, through a real broker."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from bot.adapters.kafka.client import NoBrokerError, ensure
from bot.adapters.kafka.fact_exchange import sharing
from bot.adapters.kafka.topics import EVENTS
from recommender.service import MusicService
from storage.records import Account, Community, Kind

ANN = Account("discord", "1", "Ann")
PLACE = Community("discord", "guild", "server", "A server")


async def within(seconds, condition):
    """Return how long it took until `condition` held."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < seconds
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def both(stack, machine, settings_of, broker, *names):
    machines = []
    for name in names:
        database = machine(name)
        music = await stack.enter_async_context(await MusicService.open(database, seed=1))
        await stack.enter_async_context(
            sharing(settings_of(database, broker), music, broker.address, patience=20)
        )
        machines.append(music)
    return machines


async def like(music, name, *, key, kind=Kind.LIKE, place=None):
    listener = await music.arrive(ANN, place)
    song = (await music.names.resolve(name)).song
    await music.reactions.record(listener, song.subject, kind, key=key)
    return listener, song


async def liked(music):
    user = await music.communities.user("discord", "1")
    if user is None:
        return set()
    return {(await music.names.song(subject)).title for subject in await music.reactions.liked(user)}


async def test_what_is_said_on_one_machine_is_known_on_the_other(broker, machine, settings_of):
    async with AsyncExitStack() as stack:
        one, other = await both(stack, machine, settings_of, broker, "one", "other")
        listener, song = await like(one, "Bohemian Rhapsody", key="discord:5:", place=PLACE)

        async def there():
            return await liked(other) == {song.title}

        assert await within(10, there) < 5
        await one.comparing.decide(listener, visible=True)

        async def visible():
            place = await other.communities.find("discord", "guild")
            user = await other.communities.user("discord", "1")
            return place is not None and await other.communities.wish(user, f"visible:{place}") == "1"

        await within(10, visible)
        await other.reactions.undo(await other.arrive(ANN), key="discord:6:")

        async def undone():
            return await liked(one) == set()

        await within(10, undone)


async def test_forgetting_reaches_the_log_and_every_machine_and_no_replay_brings_anybody_back(
    broker, machine, settings_of
):
    async with AsyncExitStack() as stack:
        one, other = await both(stack, machine, settings_of, broker, "one", "other")
        listener, song = await like(one, "Bohemian Rhapsody", key="discord:5:")

        async def there():
            return await liked(other) == {song.title}

        await within(10, there)
        await one.forget(listener)

        async def gone():
            return await other.communities.user("discord", "1") is None

        await within(30, gone)

        async def told():
            return await one.replication.waiting() == 0

        await within(10, told)
        (new,) = await both(stack, machine, settings_of, broker, "new")
        assert await new.communities.user("discord", "1") is None
        kept = {key: value for _, key, value in broker.all("segue.events")}
        assert [key for key, value in kept.items() if value is not None and "Rhapsody" in str(value)] == []
        assert "discord" not in str({key: value for key, value in kept.items() if value is not None})


async def test_facts_wait_while_the_broker_is_away(own_broker, machine, settings_of, caplog):
    database = machine("one")
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(await MusicService.open(database, seed=1))
        settings = settings_of(database, own_broker)
        facts = await stack.enter_async_context(sharing(settings, one, own_broker.address, patience=0.5))
        assert "facts wait" in caplog.text
        await within(20, lambda: _is(one.replication.origin))
        _, song = await like(one, "Bohemian Rhapsody", key="discord:5:")
        assert await liked(one) == {song.title}
        assert await one.replication.waiting() > 0
        own_broker.start()
        await asyncio.wait_for(facts.caught_up.wait(), 30)

        async def sent():
            return await one.replication.waiting() == 0

        await within(30, sent)
    keys = [key for _, key, _ in own_broker.all("segue.events")]
    assert keys == ['["account","discord","1"]', '["event","discord:5:"]']


async def _is(read):
    return await read() is not None


def test_without_a_broker_there_is_one_sentence(own_broker):
    with pytest.raises(NoBrokerError, match=r"No broker answers at 127.0.0.1:\d+"):
        ensure({"bootstrap.servers": own_broker.address}, (EVENTS,), 1)
