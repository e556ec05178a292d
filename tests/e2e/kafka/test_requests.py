"""Requests by stream, through a real broker and `segue stream` as processes of their own."""

import json
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from conftest import request, results


def likes(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT key FROM events WHERE kind = 'like' ORDER BY id").fetchall()


def test_requests_are_answered_in_their_order_and_poison_is_put_aside(broker, machine, stream):
    broker.make(segue_songs=2, segue_results=2)
    asked = [
        request("discord:1", 1, "react", name="Bohemian Rhapsody", verdict="like"),
        ("discord:1", b"\xff not JSON"),
        ("discord:1", b"[" * 10_000),
        ("discord:1", json.dumps({"id": "r9", "user": "discord:1", "kind": "sing"}).encode()),
        ("discord:1", b"x" * 900_000),
        request("discord:1", 2, "recommend", n=3, invented="by a newer version"),
        request("discord:1", 2, "recommend", n=3),
        request("discord:2", 3, "similar", name="Portishead", n=2),
        request("discord:2", 4, "similar", features={"danceability": 0.5, "energy": 0.5}, n=2),
        request("discord:2", 5, "similar", name="Qxzvbnm Wrtplkj", n=2),
        request("discord:2", 6, "search", text="massive", n=3),
    ]
    late = json.loads(request("discord:2", 7, "recommend")[1]) | {"deadline": "2020-01-01T00:00:00Z"}
    far = late | {"id": "r8", "deadline": "2999-01-01T00:00:00Z"}
    asked += [("discord:2", json.dumps(one).encode()) for one in (late, far)]
    broker.produce("segue.songs", asked, parts=2)
    database = machine("one")
    one = stream(database, broker)
    one.wait("Segue answers")
    found = {value["request_id"]: value for value in results(broker, 7, parts=2)}
    assert sorted(found) == ["r1", "r2", "r3", "r4", "r5", "r6", "r7"]
    status = {name: value["status"] for name, value in found.items()}
    assert status == {
        **dict.fromkeys(["r1", "r2", "r3", "r6"], "ok"),
        "r4": "error",
        "r5": "error",
        "r7": "expired",
    }
    assert len(found["r2"]["songs"]) == 3
    assert all(0 < song["propensity"] <= 1 and song["reason"] for song in found["r2"]["songs"])
    dead = [value for _, _, value in broker.all("segue.dead")]
    assert len(dead) == 5
    assert {value["why"].split()[0] for value in dead} >= {"no", "longer", "its"}
    time.sleep(1)
    assert len(results(broker, 7, parts=2)) == 7, "the repeated request was answered once"
    assert len(likes(database)) == 1


def test_a_worker_that_is_killed_leaves_nothing_out_and_nothing_twice(broker, machine, stream):
    broker.make(segue_songs=1, segue_results=1)
    asked = [  # each user changes their mind with every request, so that none repeats what stands
        request(
            f"discord:{n % 5}", n, "react", name="Bohemian Rhapsody", verdict=("like", "dislike")[n // 5 % 2]
        )
        for n in range(120)
    ]
    broker.produce("segue.songs", asked[:40])
    database = machine("one")
    for end in (40, 80, 120):
        one = stream(database, broker)
        one.wait("Segue answers")
        broker.produce("segue.songs", asked[end - 40 : end] if end > 40 else [])
        results(broker, end - 25)
        one.end()
    last = stream(database, broker)
    found = results(broker, 120)
    last.end()
    assert [value["request_id"] for value in found] == [f"r{n}" for n in range(120)]
    with sqlite3.connect(database) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM events WHERE key LIKE 'request:%'")]
    assert len(keys) == len(set(keys)) == 120
