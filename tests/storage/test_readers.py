import asyncio
import sqlite3
import threading

import pytest

from storage.errors import ClosedError, StorageError, UnknownIdError
from storage.readers import Readers
from storage.search import Search
from storage.writer import Writer


@pytest.fixture
def writer(database):
    with Writer(database) as opened:
        yield opened


@pytest.fixture
def readers(database, writer):  # noqa: ARG001 - the writer makes the file
    with Readers(database) as opened:
        yield opened


def test_a_reader_sees_what_was_acknowledged(writer, readers):
    artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
    assert readers.read(lambda store: store.music.artist(artist).name).result() == "Can"


def test_all_that_one_work_reads_is_of_one_moment(writer, readers):
    begun, release = threading.Event(), threading.Event()

    def read_twice(store):
        before = store.music.counts()["artists"]
        begun.set()
        release.wait()
        return before, store.music.counts()["artists"]

    counts = readers.read(read_twice)
    begun.wait()
    writer.write(lambda store: store.music.ensure_artist("Can")).result()
    release.set()
    assert counts.result() == (0, 0)


def test_readers_work_side_by_side_and_do_not_block_writing(writer, readers):
    together = threading.Barrier(3, timeout=10)
    works = [readers.read(lambda _: together.wait()) for _ in range(2)]
    writer.write(lambda store: store.music.ensure_artist("Can")).result()
    together.wait()
    assert sorted(work.result() for work in works) != []


def test_an_error_goes_to_the_asker_and_the_reader_goes_on(readers):
    for _ in range(4):
        with pytest.raises(UnknownIdError):
            readers.read(lambda store: store.music.artist(1)).result()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        readers.read(lambda store: store.music.ensure_artist("Can")).result()
    assert readers.read(lambda store: store.music.counts()["artists"]).result() == 0


async def test_whoever_waits_hears_even_of_something_that_ended_too_early(readers):
    with pytest.raises(RuntimeError, match="too early"):
        await asyncio.wait_for(asyncio.wrap_future(readers.read(lambda _store: next(iter(())))), 5)


def test_all_readers_search_with_the_words_another_connection_has_just_stored(writer, readers):
    assert readers.read(lambda store: Search(store).find("kraftwerk")).result() == []
    writer.write(lambda store: store.music.ensure_artist("Kraftwerk")).result()
    found = [readers.read(lambda store: Search(store).find("kraftwrek")) for _ in range(6)]
    assert [[match.artist for match in one.result()] for one in found] == [["Kraftwerk"]] * 6


@pytest.mark.usefixtures("writer")
def test_closing_finishes_what_waits_and_refuses_more(database):
    readers = Readers(database, threads=1)
    waiting = [readers.read(lambda store: store.music.counts()["artists"]) for _ in range(20)]
    readers.close()
    assert [future.result() for future in waiting] == [0] * 20
    with pytest.raises(ClosedError):
        readers.read(lambda store: store.music.counts())


def test_readers_of_no_database_fail_at_once(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        Readers(tmp_path / "segue.db")
