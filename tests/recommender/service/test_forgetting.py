"""Who is forgotten is gone: from every table and file, in every process, whatever was under way."""

import asyncio
import json
import logging
import os
import sys
from pathlib import Path

import pytest

from recommender.service import MusicService
from recommender.service.import_queue import AT_ONCE
from recommender.training import trainer
from recommender.types import Query
from storage.records import Account, Community, Kind
from storage.services.connections import Connection, Connections
from storage.users.linking import Linking

NOW = 1_700_000_000
CHILD = Path(__file__).with_name("forgetting_process.py")
GROUP = Community("telegram", "-100777", "group", "Friday")
# One of each kind that the platforms know, with the name and a word that only this account's songs hold.
PEOPLE = (
    ("telegram", "987654321987", "Zebulon Quuxley", "zyxoph"),
    ("telegram", "-1009876543210", "Quorvath Nights", "brimvast"),
    ("discord", "823456789012345678", "xXplomtarXx", "quolgrit"),
    ("terminal", "fennimorex", "fennimorex", "drubwick"),
)
SHARED = "rock 1"


def history(folder, word):
    """Write a file of many plays, all of songs that nobody else has, but for one artist."""
    path = folder / f"{word}.csv"
    lines = [f"{word} band {n % 50},{word} song {n % 500},{1_500_000_000 + 300 * n}" for n in range(8_000)]
    path.write_text(
        "artist,track,timestamp\n" + "\n".join([f"{SHARED},,1500000000", *lines]), encoding="utf-8"
    )
    return path


async def live(music, platform, external_id, name, word):
    """Leave something wherever a person can; return the listener."""
    account = Account(platform, external_id, name)
    me = await music.arrive(account, Community(platform, external_id, "private", name))
    here = await music.arrive(account, GROUP)
    song = await music.names.add(here, f"{word} trio", f"{word} aria")
    await music.reactions.record(here, song.subject, Kind.LIKE, key=f"{platform}:1:say:{external_id}:1")
    shared = (await music.names.resolve(SHARED)).song.subject
    await music.reactions.record(here, shared, Kind.LIKE, key=f"{platform}:1:say:{external_id}:2")
    served = await music.recommend(Query(me.user_id, 5, here.community_id))
    await music.shown(served.id)
    await music.cards.keep(platform, external_id, "1", served.id)
    session = await music.sessions.start(
        here, f"topic {me.user_id}", f"{name}'s session", key=f"say:{external_id}:3"
    )
    await music.deliveries.keep(
        f"{platform}:1", me.user_id, json.dumps([external_id, name]), sender=external_id
    )

    def more(store):
        store.people.set_setting("user", me.user_id, "diary", name)
        Linking(store.db).offer(me.user_id, f"CODE{me.user_id}", now=NOW)
        connected = Connection(
            me.user_id, "lastfm", name, platform, external_id, NOW, 0, None, 0, 0, 0, 0, ""
        )
        Connections(store.db).add(connected, next_at=1 << 40)
        tag = store.music.ensure_tag(f"{word} tag")
        store.music.add_tagging(me.user_id, shared.artist_id, tag, NOW)

    await music._write(more)
    return me, session


def traces(folder, platform, external_id, name, word):
    """Return which files hold anything of a person, as text or as SQLite stores a number."""
    needles = [name.encode(), external_id.encode(), word.encode(), word.title().encode()]
    if platform != "terminal":
        number = int(external_id)
        needles += [number.to_bytes(8, "big", signed=True)]
        needles += [number.to_bytes(6, "big", signed=True)] if -(1 << 47) <= number < 1 << 47 else []
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".csv":
            content = path.read_bytes()
            found += [(path.name, needle) for needle in needles if needle in content]
    return found


@pytest.mark.slow
async def test_in_the_midst_of_an_import_by_another_process_nothing_stays(database, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    files, temporary = tmp_path / "files", tmp_path / "tmp"
    files.mkdir()
    temporary.mkdir()
    async with await MusicService.open(database) as music:
        lives = [await live(music, *person) for person in PEOPLE]
        bo = await music.arrive(Account("telegram", "5", "Bo"), GROUP)
        await music.reactions.record(
            bo, (await music.names.resolve(SHARED)).song.subject, Kind.LIKE, key="bo"
        )
        told = json.dumps([[*person[:3], str(history(files, person[3]))] for person in PEOPLE])
        await music.train()
        child = await other_process(database, told, tmp_path)
        assert await child.stdout.readline() == b"ready\n"
        await until(lambda: imports_run(music))
        for me, _ in lives:
            assert (await music.forget(me))["users"] == 1
        child.stdin.write(b"finish\n")
        assert json.loads(await child.stdout.readline()) == ["NotKnown"] * len(PEOPLE)
        child.stdin.write(b"train\n")
        known = json.loads(await child.stdout.readline())
        assert not {me.user_id for me, _ in lives} & set(known)
        assert [one for person in PEOPLE for one in traces(tmp_path, *person)] == []
        assert [person for person in PEOPLE if any(part in caplog.text for part in person[1:])] == []
        assert (await music.names.resolve(SHARED)).song is not None
        assert [session.name for session in [await music.sessions.look(s.id) for _, s in lives]] == ["…"] * 4
        child.stdin.close()
        await child.wait()


async def other_process(database, told, folder):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder / "tmp")}
    with (folder / "child.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(CHILD),
            str(database),
            told,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )


async def imports_run(music):
    """Tell whether something is in of as many files as are read at once; the others wait their turn."""
    sql = "SELECT count(DISTINCT user_id) FROM events WHERE at IS NOT NULL"
    return (await music._read(lambda store: store.db.execute(sql).fetchone()))[0] >= AT_ONCE


async def until(is_so):
    async with asyncio.timeout(120):
        while not await is_so():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)


async def test_a_process_that_knew_somebody_does_not_learn_from_it_again(database):
    async with await MusicService.open(database) as one, await MusicService.open(database) as other:
        fan = await one.arrive(Account("world", "rock fan 0", "rock fan 0"))
        assert fan.user_id in other._trainer.snapshot.artists.listening.users.ids
        await one.forget(fan)
        await other.train()
        assert fan.user_id not in other._trainer.snapshot.artists.listening.users.ids


async def test_a_process_that_does_nothing_lets_go_of_somebody_as_well(database, monkeypatch):
    monkeypatch.setattr(trainer, "WATCH_SECONDS", 0.05)
    async with await MusicService.open(database) as one, await MusicService.open(database) as other:
        fan = await one.arrive(Account("world", "rock fan 0", "rock fan 0"))
        before = other._trainer.snapshot
        await one.forget(fan)

        async def looked_again():
            return other._trainer.snapshot is not before

        await until(looked_again)
        assert fan.user_id not in other._trainer.snapshot.artists.listening.users.ids


async def test_old_snapshots_leave_the_disk_before_the_next_is_learned(database, monkeypatch):
    async with await MusicService.open(database) as music:
        fan = await music.arrive(Account("world", "rock fan 0", "rock fan 0"))

        async def failing(*_):
            raise InterruptedError

        monkeypatch.setattr(music._trainer, "_learn", failing)
        with pytest.raises(InterruptedError):
            await music.forget(fan)
    assert [path for path in database.with_name(database.name + ".models").iterdir() if path.is_dir()] == []


async def test_what_others_said_something_of_stays(music, ann):
    bo = await music.arrive(Account("telegram", "5", "Bo"))
    shared, alone = await music.names.add(ann, "Both", "Ours"), await music.names.add(ann, "Both", "Mine")
    theirs = await music.names.add(bo, "Bo's Own", "Theirs")
    await music.reactions.record(bo, shared.subject, Kind.LIKE, key="like")
    await music.forget(ann)
    assert await music.names.song(shared.subject) == shared
    assert await music.names.song(theirs.subject) == theirs
    assert (await music.names.resolve("Both - Mine")).song != alone
    await music.forget(bo)
    assert (await music.names.resolve("Both - Ours")).song is None
