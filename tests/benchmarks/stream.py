"""Speed and safety of requests and facts over Kafka, against the bundled broker on this machine.

    python tests/benchmarks/stream.py apply [--facts 60000]      facts a second that a replica stores durably
    python tests/benchmarks/stream.py append                     what publishing costs a like
    python tests/benchmarks/stream.py lag [--rate 1000]          from one machine to another
    python tests/benchmarks/stream.py requests [--workers 1]     from request to result, and the direct call
    python tests/benchmarks/stream.py kills [--kills 20 --events 50000]
    python tests/benchmarks/stream.py sizes [--facts 100000]     bytes of log, replica, slices and snapshot

Each prints its figures as `name value`. Run it where nothing else runs.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "loopback")]

from broker import Broker, partition_of  # noqa: E402
from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402

from bot.adapters.kafka.fact_exchange import sharing  # noqa: E402
from bot.requests import REQUEST, answer, listener_of  # noqa: E402
from bot.settings import STARTER, Settings  # noqa: E402
from recommender.service import MusicService  # noqa: E402
from recommender.training.process import learn  # noqa: E402
from storage.records import Account, Event, Kind  # noqa: E402
from storage.replica import log_slices  # noqa: E402
from storage.replica.foreign_facts import ForeignFacts  # noqa: E402
from storage.sharing.fact_messages import Message  # noqa: E402
from storage.sharing.offsets import Position  # noqa: E402
from storage.sharing.outbox import Outbox, dumped, fact_key  # noqa: E402
from storage.store import Store  # noqa: E402
from storage.writer import Writer  # noqa: E402

BATCH = 500
PARTS = 4
NOW = 1_700_000_000


def facts(n: int, seed: int = 1) -> list[Message]:
    """Return facts of a busy server: 5,000 people, songs of whom a few are everybody's."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    made = []
    for k in range(n):
        artist = int(rng.paretovariate(0.6)) % 3000
        kind = rng.choices(["like", "dislike", "skip", "play"], [4, 1, 2, 8])[0]
        value = {
            "user": ("discord", str(10**17 + rng.randrange(5000))),
            "kind": kind,
            "artist": f"Artist {artist}",
            "title": f"Song {rng.randrange(6)} of {artist}",
            "recorded_at": NOW + k,
            "source": "discord",
            **({"at": NOW + k} if kind == "play" else {}),
        }
        key = fact_key("event", f"discord:{10**18 + k}:")
        made.append(Message(key.encode(), dumped(value), "elsewhere", k + 1))
    return made


def applied(writer: Writer, some: list[Message], begin: int) -> float:
    """Apply facts in batches; return the seconds."""
    began = time.perf_counter()
    for at in range(0, len(some), BATCH):
        batch = some[at : at + BATCH]
        position = Position("segue.events", 0, begin + at + len(batch))
        writer.write(
            lambda store, batch=batch, position=position: ForeignFacts(store, now=NOW).apply(batch, position)
        ).result()
    return time.perf_counter() - began


def apply_facts(options: argparse.Namespace, folder: Path) -> None:
    some = facts(options.facts)
    half = len(some) // 2
    with Writer(folder / "segue.db") as writer:
        writer.write(lambda store: Outbox(store.db).open()).result()
        applied(writer, some[:half], 0)  # the catalogue grows
        cpu = time.process_time()
        seconds = applied(writer, some[half:], half)
        cpu = time.process_time() - cpu
    print("facts_a_second", round((len(some) - half) / seconds))
    print("facts_a_second_of_cpu", round((len(some) - half) / cpu))


def append(options: argparse.Namespace, folder: Path) -> None:
    """Like a song at a time, each another one: nobody judges one song two thousand times."""
    with Writer(folder / "segue.db") as writer:
        user = writer.write(lambda store: store.people.ensure(Account("discord", "1", "Ann"), now=1)).result()
        n = options.n * 4
        songs = writer.write(
            lambda store: [store.music.add_by_hand(user, f"Artist {k % 99}", f"Song {k}") for k in range(n)]
        ).result()
        for published in (False, True):
            if published:
                writer.write(lambda store: Outbox(store.db).open()).result()
            took = []
            for k, song in enumerate(songs):
                event = Event(f"{published}{k}", user, song, (Kind.LIKE, Kind.DISLIKE)[published], "discord")
                began = time.perf_counter()
                writer.write(lambda store, event=event: store.log.append(event, now=NOW)).result()
                took.append(time.perf_counter() - began)
            print(f"durable_like_ms{'_published' * published}", round(1000 * statistics.median(took), 3))


async def lag(options: argparse.Namespace, folder: Path) -> None:
    broker = Broker()
    broker.start()
    try:
        await _lag(broker, options.rate, options.seconds, folder)
    finally:
        broker.kill()


async def _lag(broker: Broker, rate: int, seconds: int, folder: Path) -> None:
    paths = [folder / name / "segue.db" for name in ("one", "other")]
    events = f"kafka://{broker.address}"
    async with (
        await MusicService.open(paths[0], learn=False) as one,
        await MusicService.open(paths[1], learn=False) as other,
        sharing(Settings(database=paths[0], events=events), one, broker.address, patience=20),
        sharing(Settings(database=paths[1], events=events), other, broker.address, patience=20),
    ):
        people = [await one.arrive(Account("discord", str(k), f"User {k}")) for k in range(200)]
        songs = [await one.names.add(people[0], f"Artist {k}", f"Song {k}") for k in range(100)]
        said: dict[int, float] = {}
        heard: dict[int, float] = {}
        began = time.perf_counter()
        listening = asyncio.create_task(_hear(other, heard, rate * seconds, began + seconds + 60))

        async def say(k: int) -> None:  # everybody about another song each time, and all beside each other
            said[k] = time.perf_counter()
            song = songs[k // len(people) % len(songs)].subject
            await one.reactions.record(people[k % len(people)], song, Kind.LIKE, key=f"discord:{k}:")

        async with asyncio.TaskGroup() as talk:
            for k in range(rate * seconds):
                await asyncio.sleep(max(0, began + k / rate - time.perf_counter()))
                talk.create_task(say(k))
        print("facts_a_second_said", round(len(said) / (time.perf_counter() - began)))
        await listening
        lags = [heard[k] - said[k] for k in heard]
        print("facts_missing", len(said) - len(heard))
        print("lag_p50_ms", round(1000 * statistics.median(lags)))
        print("lag_max_ms", round(1000 * max(lags)))


async def _hear(other: MusicService, heard: dict[int, float], n: int, until: float) -> None:
    """Note when each fact is there, until all `n` are."""
    last = 0
    while len(heard) < n and time.perf_counter() < until:
        rows = await other._read(
            lambda store, last=last: store.db.execute(
                "SELECT id, key FROM events WHERE id > ?", (last,)
            ).fetchall()
        )
        now = time.perf_counter()
        heard |= {int(key.split(":")[1]): now for _, key in rows if key.startswith("discord:")}
        last = max([last, *(row for row, _ in rows)])
        await asyncio.sleep(0.02)


def learned(folder: Path) -> Path:
    async def make() -> None:
        async with await MusicService.open(folder / "segue.db", starter=STARTER, seed=1):
            pass

    asyncio.run(make())
    return folder / "segue.db"


def worker(database: Path, broker: Broker, log: Path) -> subprocess.Popen:
    environment = {**os.environ, "SEGUE_LOG": "-", "SEGUE_ENRICH": "false", "LISTENBRAINZ_DAILY": "0"}
    arguments = ["--database", str(database), "stream", "--kafka", broker.address]
    code = "from bot.cli.main import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env={**environment, "PYTHONPATH": str(ROOT)}, stderr=log.open("ab"))


def reader(broker: Broker, topic: str) -> Consumer:
    found = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": "b",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 5,
        }
    )
    found.assign([TopicPartition(topic, part, 0) for part in range(PARTS)])
    return found


def requests(options: argparse.Namespace, folder: Path) -> None:
    database = learned(folder)
    print("direct_p50_ms", round(1000 * asyncio.run(_direct(database, options.n)), 1))
    broker, log = Broker(), folder / "log.txt"
    broker.start()
    running = []
    try:
        broker.make(segue_songs=PARTS, segue_results=PARTS)
        running = [worker(database, broker, log) for _ in range(options.workers)]
        found, waits = {}, reader(broker, "segue.results")
        asked = _ask(broker, ["warm"] * 4)
        _collect(waits, found, len(asked))
        time.sleep(8)  # until the second worker has its partitions
        took = []
        for k in range(options.n):  # one at a time: nobody else waits
            (asked_at,) = _ask(broker, [f"one {k}"]).values()
            _collect(waits, found, len(found) + 1)
            took.append(time.perf_counter() - asked_at)
        took.sort()
        print("request_p50_ms", round(1000 * took[len(took) // 2], 1))
        print("request_p95_ms", round(1000 * took[int(len(took) * 0.95)], 1))
        began = time.perf_counter()
        _ask(broker, [f"many {k}" for k in range(options.n * 4)])
        _collect(waits, found, len(found) + options.n * 4)
        print("requests_a_second", round(options.n * 4 / (time.perf_counter() - began), 1))
    finally:
        for one in running:
            one.kill()
        broker.kill()


def _request(name: str, k: int) -> dict:
    user = f"discord:{k % 50}"
    return {"id": name, "user": user, "kind": "recommend", "payload": {"n": 5}}


def _ask(broker: Broker, names: list[str]) -> dict[str, float]:
    producer = Producer({"bootstrap.servers": broker.address, "linger.ms": 0})
    asked = {}
    for k, name in enumerate(names):
        one = _request(f"{name} {k}", k)
        asked[one["id"]] = time.perf_counter()
        part = partition_of(one["user"], PARTS)
        producer.produce("segue.songs", json.dumps(one).encode(), one["user"], part)
    producer.flush()
    return asked


def _collect(waits: Consumer, found: dict, n: int) -> None:
    while len(found) < n:
        message = waits.poll(0.5)
        if message is not None and message.error() is None:
            value = json.loads(message.value())
            assert value["status"] == "ok", value
            found[value["request_id"], message.partition(), message.offset()] = value


async def _direct(database: Path, n: int) -> float:
    took = []
    async with await MusicService.open(database, seed=1) as music:
        for k in range(n):
            began = time.perf_counter()
            listener = await listener_of(music, f"discord:{k % 50}")
            await answer(music, listener, REQUEST.validate_python(_request(f"direct {k}", k)))
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def kills(options: argparse.Namespace, folder: Path) -> None:
    """Kill the worker at random points; count what is stored and what is answered."""
    database, broker, log = learned(folder), Broker(), folder / "log.txt"
    broker.start()
    rng = random.Random(options.seed)  # noqa: S311 - no secret
    running = None
    try:
        broker.make(segue_songs=PARTS, segue_results=PARTS)
        said = _said(rng, options.events)
        sent = [(user, body) for user, body, _ in said]
        threading.Thread(target=broker.produce, args=("segue.songs", sent), kwargs={"parts": PARTS}).start()
        wanted = len({(user, name) for user, _, name in said if name})
        found: Counter[str] = Counter()
        order: dict[str, list[int]] = {}
        waits, killed, began = reader(broker, "segue.results"), 0, time.monotonic()
        running, until = worker(database, broker, log), time.monotonic() + rng.uniform(4, 12)
        while len(found) < wanted and time.monotonic() - began < options.limit:
            for message in waits.consume(500, 0.2):
                if message.error() is None:
                    value = json.loads(message.value())
                    found[value["request_id"]] += 1
                    user, _, turn = value["request_id"].partition("-")
                    order.setdefault(user, []).append(int(turn))
            if killed < options.kills and time.monotonic() > until and len(found) < wanted:
                running.send_signal(signal.SIGKILL)
                running.wait()
                killed += 1
                running, until = worker(database, broker, log), time.monotonic() + rng.uniform(4, 12)
        time.sleep(1)
        with sqlite3.connect(database) as connection:
            sql = "SELECT count(*), count(DISTINCT key) FROM events WHERE key LIKE 'request:%'"
            stored, distinct = connection.execute(sql).fetchone()
        print("kills", killed)
        print("requests", wanted)
        print("answered", len(found))
        print("answered_twice", sum(count > 1 for count in found.values()))
        print("stored", stored)
        print("stored_twice", stored - distinct)
        print("users_out_of_order", sum(turns != sorted(turns) for turns in order.values()))
        print("seconds", round(time.monotonic() - began))
    finally:
        if running is not None:
            running.kill()
        broker.kill()


def _said(rng: random.Random, n: int) -> list[tuple[str, bytes, str]]:
    """Return reactions that each change a user's mind, with 1 % duplicates and 1 % poison."""
    said: list[tuple[str, bytes, str]] = []
    turns: Counter[int] = Counter()
    for _ in range(n):
        user = rng.randrange(200)
        if rng.random() < 0.01:
            said.append((f"discord:{user}", rng.randbytes(50), ""))
        if said and rng.random() < 0.01:
            said.append(rng.choice(said[-50:]))
        turns[user] += 1
        verdict = ("like", "dislike")[turns[user] % 2]
        one = {"id": f"{user}-{turns[user]}", "user": f"discord:{user}", "kind": "react"}
        body = json.dumps({**one, "payload": {"name": "Bohemian Rhapsody", "verdict": verdict}})
        said.append((one["user"], body.encode(), one["id"]))
    return said


def sizes(options: argparse.Namespace, folder: Path) -> None:
    some = facts(options.facts)
    log = sum(
        len(one.key) + len(one.value or b"") + 60 for one in some
    )  # headers and the record's own fields
    with Writer(folder / "segue.db") as writer:
        writer.write(lambda store: Outbox(store.db).open()).result()
        empty = (folder / "segue.db").stat().st_size
        applied(writer, some, 0)
        key = writer.write(log_slices.make_key).result()
        writer.fold().result()
    print("log_bytes_a_fact", round(log / len(some)))
    print("replica_bytes_a_fact", round(((folder / "segue.db").stat().st_size - empty) / len(some)))
    with Store.open(folder / "segue.db", readonly=True) as store:
        log_slices.write(store, folder / "slices", key)
    print("slice_bytes_a_fact", round(_bytes(folder / "slices") / len(some)))
    learn(folder / "segue.db", folder / "models", now=NOW + len(some))
    print("snapshot_bytes_a_fact", round(_bytes(folder / "models") / len(some)))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["apply", "append", "lag", "requests", "kills", "sizes"])
    parser.add_argument("--facts", type=int, default=60_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "lag":
            asyncio.run(lag(options, Path(folder)))
        else:
            run = {
                "apply": apply_facts,
                "append": append,
                "requests": requests,
                "kills": kills,
                "sizes": sizes,
            }
            run[options.what](options, Path(folder))


if __name__ == "__main__":
    main()
