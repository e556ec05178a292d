"""What goes wrong between machines: brokers that refuse or die, and workers that stand still."""

import asyncio
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from broker import Broker

sys.path.insert(0, str(Path(__file__).parent))
from conftest import request, results

from bot.adapters.kafka.client import NoBrokerError, ensure, options
from bot.adapters.kafka.fact_exchange import sharing
from bot.adapters.kafka.topics import EVENTS
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService
from storage.records import Account


def connected(broker, said):
    settings = Settings(database="segue.db", kafka_options=said)
    return ensure(options(settings, broker.address), (EVENTS,), 1)


def test_a_wrong_password_and_an_unknown_option_are_one_sentence_each():
    broker = Broker(asks_passwords=True)
    broker.start()
    try:
        scram = (
            "security.protocol=SASL_PLAINTEXT;sasl.mechanism=SCRAM-SHA-512;sasl.username=ann;sasl.password=x"
        )
        with pytest.raises(NoBrokerError, match=r"refuse the name and password.*SCRAM.*\.$"):
            connected(broker, scram)
        with pytest.raises(MusicError, match=r"^SEGUE_KAFKA_OPTIONS: .*nonsense"):
            connected(broker, "nonsense=1")
    finally:
        broker.kill()


def test_a_worker_that_stood_still_is_replaced_and_answers_nothing_twice(broker, machine, stream):
    broker.make(segue_songs=2, segue_results=2)
    asked = [request(f"discord:{n % 4}", n, "search", text="massive", n=1) for n in range(60)]
    workers = [stream(machine(name), broker) for name in ("first", "second")]
    for worker in workers:  # each has a partition
        worker.wait("Segue answers")
    broker.produce("segue.songs", asked[:20], parts=2)
    results(broker, 20, parts=2)
    broker.produce("segue.songs", asked[20:40], parts=2)
    workers[0].send(signal.SIGSTOP)
    stopped = time.monotonic()
    results(broker, 40, parts=2)
    took = time.monotonic() - stopped
    workers[0].send(signal.SIGCONT)
    broker.produce("segue.songs", asked[40:], parts=2)
    results(broker, 60, parts=2)
    time.sleep(1)
    answered = [int(one["request_id"][1:]) for one in results(broker, 60, parts=2)]
    assert sorted(answered) == list(range(60))
    for user in range(4):
        assert (turns := [n for n in answered if n % 4 == user]) == sorted(turns)
    assert took < 15


async def test_facts_go_on_after_the_broker_has_died_and_come_back_empty(own_broker, machine, settings_of):
    own_broker.start()
    async with AsyncExitStack() as stack:
        machines = []
        for name in ("one", "other"):
            database = machine(name)
            music = await stack.enter_async_context(await MusicService.open(database, learn=False))
            settings = settings_of(database, own_broker)
            await stack.enter_async_context(sharing(settings, music, own_broker.address, patience=20))
            machines.append(music)
        one, other = machines
        own_broker.kill()
        await one.arrive(Account("discord", "1", "Ann"))
        await asyncio.sleep(0.5)
        own_broker.start()
        deadline = time.monotonic() + 40
        while await other.communities.user("discord", "1") is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
