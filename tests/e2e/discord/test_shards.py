"""Two processes with a database each serve one bot: a shard each, and facts that flow between them."""

import asyncio
import sqlite3
import time

import pytest
from broker import Broker
from worlds import copied


@pytest.mark.slow  # each of two processes waits for its turn to identify
async def test_what_is_said_on_one_shard_is_known_on_the_machine_of_the_other(
    discord, start, learned, tmp_path
):
    discord.shards, other = 2, str((1 << 22) + 201)
    discord.guilds = (*discord.guilds, other)
    broker = Broker()
    await asyncio.to_thread(broker.start)
    try:
        events = {"SEGUE_EVENTS": f"kafka://{broker.address}"}
        for shard in (0, 1):
            database = str(copied(learned, tmp_path / f"machine-{shard}"))
            await start("--database", database, "run", "discord", "--shards", f"{shard}/2", **events)
        await asyncio.wait_for(discord.ready.wait(), 180)
        assert sorted(c["shard"] for c in discord.identified) == [[0, 2], [1, 2]]
        data = {"id": "1", "name": "like", "type": 1, "options": [{"name": "song", "type": 3, "value": "u2"}]}
        await discord.asked(discord.interaction(2, data))
        deadline, likes = time.monotonic() + 30, []
        while not likes:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
            with sqlite3.connect(tmp_path / "machine-1" / "segue.db") as connection:
                sql = "SELECT kind, name FROM events JOIN artists ON artists.id = artist_id"
                likes = connection.execute(sql).fetchall()
        assert likes == [("like", "U2")]
    finally:
        broker.kill()
