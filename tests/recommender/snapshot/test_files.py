# ruff: noqa: ARG001 - every harm is called alike
"""Snapshots on disk: whatever happens to the files, the product starts and learns anew."""

import json
import os
import random
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds import copied

from recommender.errors import DamagedSnapshot, NotReady
from recommender.service import MusicService
from recommender.snapshot import files
from recommender.training import usable
from recommender.types import Query
from storage.records import Account
from storage.store import Store

NOW = 1_700_000_000
CORRUPTIONS = 126
# Starts and asks in another process, where a segmentation fault or a bus error is a failed test.
STARTS = """
import sys
from pathlib import Path
import numpy as np
from recommender.errors import NotReady
from recommender.training import usable

for database in map(Path, sys.argv[1:]):
    folder = database.with_name(database.name + ".models")
    print(database.parent.name, flush=True)
    try:
        snapshot = usable.load(database, folder)
    except NotReady:
        print("set aside", flush=True)
    else:
        print("used", sum(float(x.listening.user_items.sum()) for x in (snapshot.artists, snapshot.tracks)))
"""


@pytest.fixture
def database(learned, tmp_path) -> Path:
    return copied(learned, tmp_path)


def home_of(database: Path) -> Path:
    folder = database.with_name("world.db.models")
    return folder / (folder / "current").read_text()


def truncate(rng, home, path):
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def flip(rng, home, path):
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def zero(rng, home, path):
    path.write_bytes(bytes(path.stat().st_size))


def swap(rng, home, path):
    other = rng.choice([one for one in sorted(home.glob("*.npy")) if one.read_bytes() != path.read_bytes()])
    mine, its = path.read_bytes(), other.read_bytes()
    path.write_bytes(its)
    other.write_bytes(mine)


def delete(rng, home, path):
    path.unlink()


def empty(rng, home, path):
    path.write_bytes(b"")


def append(rng, home, path):
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.randrange(1, 100)))


def folder_in_its_place(rng, home, path):
    path.unlink()
    path.mkdir()


def wrong_index(rng, home, path):
    resaved(home, "indices", rng.choice([-1, -(2**31), 2**30]), at=rng.random())


def wrong_start(rng, home, path):
    resaved(home, "indptr", rng.choice([-5, 2**30]), at=rng.random())


def wrong_dtype(rng, home, path):
    path = rng.choice(sorted(home.glob("*.npy")))
    np.save(path, np.load(path).astype(rng.choice([np.int16, np.complex128, np.bool_])))


_OTHER_FORMAT = '{"format": 9}'


def broken_json(rng, home, path):
    text = (home / "manifest.json").read_text()
    broken = [
        "",
        "{",
        "[]",
        "null",
        _OTHER_FORMAT,
        text[:-1],
        text.replace('"class"', '"klass"', 1),
        "[" * 99_999,
    ]
    (home / "manifest.json").write_text(rng.choice(broken))


def wrong_pointer(rng, home, path):
    (home.parent / "current").write_bytes(rng.choice([b"", b"..", b"\xff\x00", b"nowhere", b"../world.db"]))


def resaved(home: Path, part: str, value: int, at: float) -> None:
    """Write a number into a sparse matrix and seal it, as if it had always been there."""
    name = "s.tracks.item_tags"
    numbers = np.load(home / f"{name}.{part}.npy")
    numbers[int(at * len(numbers))] = value
    np.save(home / f"{name}.{part}.npy", numbers)
    manifest = json.loads((home / "manifest.json").read_text())
    manifest["files"] = files.nodes.sealed(home)
    manifest["crc32"] = files._crc32({k: v for k, v in manifest.items() if k != "crc32"})
    (home / "manifest.json").write_text(json.dumps(manifest))


HARMS = (
    truncate, flip, zero, swap, delete, empty, append, folder_in_its_place,
    wrong_index, wrong_start, wrong_dtype, broken_json, wrong_pointer,
)  # fmt: skip


@pytest.mark.slow
def test_whatever_is_corrupted_the_product_starts_and_never_from_wrong_numbers(learned, tmp_path):
    rng = random.Random(14)  # noqa: S311
    broken = []
    for number in range(CORRUPTIONS):
        harm = HARMS[number % len(HARMS)]
        database = copied(learned, tmp_path / f"{number}-{harm.__name__}")
        home = home_of(database)
        some = [path for path in sorted(home.iterdir()) if path.stat().st_size]
        harm(rng, home, home / "manifest.json" if number % 7 == 0 and harm is not swap else rng.choice(some))
        broken.append(database)
    done = subprocess.run(
        [sys.executable, "-c", STARTS, *broken], capture_output=True, text=True, check=False
    )
    said = done.stdout.splitlines()
    assert done.returncode == 0, (said[-1:], done.stderr[-2000:])
    assert said[0::2] == [database.parent.name for database in broken]
    assert dict(zip(said[0::2], said[1::2], strict=True)) == dict.fromkeys(said[0::2], "set aside")
    # One of another format is not damaged: it stays where it is, and a new one is learned all the same.
    manifests = tmp_path.glob("*/*.models/*/manifest.json")
    texts = [one.read_text(errors="replace") for one in manifests if one.is_file()]
    others = texts.count(_OTHER_FORMAT)
    assert done.stderr.count("I learn a new one") == CORRUPTIONS - others


async def test_a_damaged_snapshot_is_set_aside_with_a_sentence_and_learned_anew(database, caplog):
    home = home_of(database)
    empty(None, home, home / "s.works.npy")
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 90.0) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        assert (await music.recommend(Query(ann.user_id, 3))).picks
    assert f"The snapshot {home} is damaged: s.works.npy has 0 bytes" in caplog.text
    assert f"It is set aside as damaged-{home.name}; I learn a new one." in caplog.text
    assert (home.parent / f"damaged-{home.name}").is_dir()
    assert usable.load(database, home.parent).version == home_of(database).name


async def test_what_was_set_aside_goes_when_somebody_is_forgotten(database):
    home = home_of(database)
    (home / "s.works.npy").unlink()
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 90.0) as music:
        assert list(home.parent.glob("damaged-*"))
        await music.forget(await music.arrive(Account("terminal", "ann", "Ann")))
        assert not list(home.parent.glob("damaged-*"))


def test_a_snapshot_of_another_database_is_set_aside(database, tmp_path):
    other = tmp_path / "other.db"
    with Store.open(other):
        pass
    shutil.copytree(home_of(database).parent, tmp_path / "other.db.models")
    with pytest.raises(NotReady, match="learned from another database"):
        usable.load(other, tmp_path / "other.db.models")
    assert files.version_in(tmp_path / "other.db.models") is None


def test_an_older_copy_of_the_database_does_not_use_what_was_learned_later(database):
    home = home_of(database)
    assert usable.load(database, home.parent).cursor > 1
    with Store.open(database) as older, older.db.atomic():  # as a backup of long ago would be
        older.db.execute("DELETE FROM events WHERE id > 1")
        older.db.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'")
    with pytest.raises(DamagedSnapshot, match="an older copy of the database was put back"):
        usable.load(database, home.parent)


def test_two_databases_have_different_identities_and_a_copy_has_the_same(tmp_path):
    identities = []
    for name in ("one.db", "two.db"):
        with Store.open(tmp_path / name) as store:
            identities.append(store.identity())
    shutil.copy(tmp_path / "one.db", tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as store:
        assert store.identity() == identities[0]
    assert len(identities[0]) == 32
    assert identities[0] != identities[1]


def test_files_and_folder_are_on_the_disk_before_the_name_points_to_them(database, monkeypatch):
    snapshot = files.load(home_of(database).parent)
    steps = []
    monkeypatch.setattr(files.nodes, "synced", lambda path: steps.append(path.suffix))
    monkeypatch.setattr(files, "synced", lambda _: steps.append("folder"))
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: steps.append("rename") or replace(path, to))
    home = files.save(snapshot, database.parent / "again")
    arrays = len(list(home.glob("*.npy")))
    assert steps == [".npy"] * arrays + ["folder", "rename", "folder", "rename", "folder"]


def test_nobody_else_may_read_a_snapshot_whatever_the_umask(database):
    before = os.umask(0)
    try:
        home = files.save(files.load(home_of(database).parent), database.parent / "again")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, home.parent)] == [0o700, 0o700]
    assert stat.S_IMODE((home.parent / "current").stat().st_mode) == 0o600


def test_a_save_that_fails_leaves_the_old_snapshot_and_nothing_else(database, monkeypatch):
    folder = home_of(database).parent
    before = sorted(folder.iterdir())
    snapshot = files.load(folder)
    monkeypatch.setattr(
        np, "save", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space left"):
        files.save(snapshot, folder)
    assert sorted(folder.iterdir()) == before
