"""The queue of imports: fair between people, with a place that can be told."""

import asyncio
from contextlib import suppress

import pytest

from recommender.service.import_queue import ImportQueue

ANN, BOB, CYD, DAN = 1, 2, 3, 4


class Files:
    """Files that are imported until told to end; `begun` lists whose turn came, in order."""

    def __init__(self, queue):
        self.queue, self.begun, self.ends = queue, [], []

    async def bring(self, user):
        async with self.queue.turn(user):
            self.begun.append(user)
            end = asyncio.Event()
            self.ends.append(end)
            await end.wait()

    async def end_all(self, tasks):
        while not all(task.done() for task in tasks):
            for end in self.ends:
                end.set()
            await asyncio.sleep(0)


@pytest.fixture
def files():
    return Files(ImportQueue())


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_many_files_of_one_person_make_nobody_else_wait_for_all_of_them(files):
    tasks = [asyncio.create_task(files.bring(user)) for user in (ANN, ANN, ANN, BOB, CYD, DAN)]
    await settle()
    assert files.begun == [ANN, BOB]  # two at a time, one of each person
    assert [files.queue.place(user) for user in (ANN, BOB, CYD, DAN)] == [None, None, 1, 2]
    files.ends[0].set()
    await settle()
    assert files.begun == [ANN, BOB, CYD]
    assert [files.queue.place(user) for user in (ANN, DAN)] == [2, 1]
    await files.end_all(tasks)
    assert files.begun == [ANN, BOB, CYD, DAN, ANN, ANN]


async def test_who_gives_up_waiting_or_fails_leaves_the_turn_to_the_next(files):
    tasks = [asyncio.create_task(files.bring(user)) for user in (ANN, BOB, CYD, DAN)]
    await settle()
    for task in (tasks[2], tasks[0]):  # one that waits, then one that runs
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await settle()
    assert files.begun == [ANN, BOB, DAN]
    await files.end_all(tasks)
    assert files.queue.place(CYD) is None


async def test_a_turn_given_to_somebody_who_is_leaving_is_not_lost(files):
    tasks = [asyncio.create_task(files.bring(user)) for user in (ANN, BOB, CYD, DAN)]
    await settle()
    files.ends[0].set()
    tasks[2].cancel()  # in the very moment in which the turn comes
    await settle()
    assert files.begun == [ANN, BOB, DAN]
    with suppress(asyncio.CancelledError):
        await files.end_all(tasks)
