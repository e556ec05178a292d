"""Two and three machines have the same facts in the end, whatever was said where and whenever it arrived."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from replicas import Machine, settle

from storage.errors import DiskFullError
from storage.records import Kind
from storage.replica.foreign_facts import ForeignFacts
from storage.sharing.fact_messages import Message, NewerFactError
from storage.sharing.offsets import FACTS, Offsets, Position
from storage.sharing.outbox import Outbox
from storage.store import Store
from storage.writer import Writer

NAMES = ("discord:1", "telegram:2", "terminal:3")
KINDS = (Kind.LIKE, Kind.DISLIKE, Kind.SKIP, Kind.BLOCK, Kind.UNBLOCK, Kind.PLAY)
# Few names and songs, and many steps: what goes wrong takes several facts about the same.
name, song, number = st.sampled_from(NAMES), st.integers(0, 1), st.integers(1, 4)
said = st.one_of(
    st.tuples(st.just("react"), name, song, st.sampled_from(KINDS), st.booleans()),
    st.tuples(st.just("undo"), name),
    st.tuples(
        st.just("bring"), name, st.sampled_from(("a", "b")), st.lists(st.integers(100, 300), max_size=4)
    ),
    st.tuples(st.just("drop"), name, st.sampled_from(("a", "b"))),
    st.tuples(st.just("visible"), name, st.sampled_from("01")),
    st.tuples(st.just("link"), name, name),
    st.tuples(st.just("part"), name),
    st.tuples(st.just("forget"), name),
    st.tuples(st.just("called"), name, st.sampled_from(("A", "B"))),
)
moved = st.one_of(
    st.tuples(st.just("send"), number), st.tuples(st.just("apply"), number), st.tuples(st.just("restart"))
)
# Clocks of machines that nobody has set for long.
skews = st.tuples(*[st.sampled_from((0, -900, 3600))] * 3)
steps = st.lists(st.tuples(st.integers(0, 2), st.one_of(said, said, moved)), min_size=25, max_size=40)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An empty database, which is copied rather than made for each example."""
    path = tmp_path_factory.mktemp("template") / "segue.db"
    with Store.open(path):
        pass
    return path


def play(machines, steps, skews):
    """Do the steps, each at a time of its own by its machine's clock; return the log."""
    log = []
    for at, (which, (verb, *values)) in enumerate(steps, 1000):
        machine, now = machines[which % len(machines)], at + skews[which]
        match verb:
            case "send" | "apply":
                getattr(machine, verb)(log, *values)
            case "restart":
                machine.restart(log)
            case "react":
                machine.react(*values[:3], f"{values[0]}:{at}:0", now, here=values[3])
            case "undo":
                machine.undo(*values, f"{values[0]}:{at}:", now)
            case _:
                getattr(machine, verb)(*values, now)
    settle(machines, log)
    return log


# The same schedules in every run: of others, one in some hundred differs where clocks do (docs/scale.md).
@settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps, skews)
def test_machines_are_equal_after_any_schedule(template, steps, skews):
    with tempfile.TemporaryDirectory() as folder:
        machines = [Machine.open(Path(folder) / f"{n}.db", template) for n in range(3)]
        try:
            log = play(machines, steps, skews)
            new = Machine.open(Path(folder) / "new.db", template)
            machines.append(new)
            settle([new], list(log))
            facts = [machine.facts() for machine in machines]
            for machine in machines:
                assert Outbox(machine.store.db).waiting() == 0
                assert machine.store.profiles.differences() == 0
        finally:
            for machine in machines:
                machine.store.close()
    for one in facts[1:]:
        assert one == facts[0]


WRONG = [
    (b"not JSON", b"{}"),
    (b'["event","k"]', b"[]"),
    (b'["event"]', b'{"v":1}'),
    (b'["event",5]', b'{"v":1}'),
    (b'["event","k"]', b'{"v":1,"user":["a","b"],"kind":"sing","artist":"X","source":"s","recorded_at":1}'),
    (b'["event","k"]', b'{"v":1,"user":["a","b"],"kind":"like","artist":"","source":"s","recorded_at":1}'),
    (
        b'["event","k"]',
        b'{"v":1,"user":["a","b"],"kind":"like","artist":"X","source":"s","recorded_at":9999999}',
    ),
    (b'["event","k"]', b'{"v":1,"user":["a","b"],"kind":"like","artist":"X","source":null,"recorded_at":1}'),
    (b'["event","k"]', b'{"v":1,"user":"ab","kind":"like","artist":"X","source":"s","recorded_at":1}'),
    (b'["dream","k"]', b'{"v":1}'),
    (b"[" * 100_000, b"{}"),
    (b'["event","k"]', b'{"v":1,"user":["a","b"],"kind":"like","artist":"' + b"x" * (10 << 20) + b'"}'),
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=range(len(WRONG)))
def test_a_fact_that_cannot_be_read_is_refused_and_those_around_it_are_applied(
    template, tmp_path, key, value
):
    machine = Machine.open(tmp_path / "segue.db", template)
    fine = b'{"v":1,"user":["a","b"],"kind":"like","artist":"X","source":"s","recorded_at":1}'
    messages = [
        Message(b'["event","before"]', fine, "other", 1),
        Message(key, value, "other", 2),
        Message(b'["event","after"]', fine, "other", 3),
    ]
    with machine.store.db.atomic():
        applied = ForeignFacts(machine.store, now=1).apply(messages, Position("segue.events", 0, 3))
    assert [message.number for message, _ in applied.refused] == [2]
    keys = machine.store.db.execute("SELECT key FROM events ORDER BY id").fetchall()
    machine.store.close()
    assert keys == [("before",), ("after",)]


def test_on_a_full_disk_a_batch_leaves_nothing_and_is_applied_once_there_is_space(template, tmp_path):
    shutil.copy(template, tmp_path / "segue.db")
    said = '{"v":1,"user":["a","%d"],"kind":"like","artist":"Artist %d","source":"s","recorded_at":1}'
    some = [Message(b'["event","%d"]' % n, (said % (n, n)).encode(), "other", n) for n in range(400)]
    with Writer(tmp_path / "segue.db") as writer:

        def limit(pages):
            writer.write(
                lambda store: store.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
            ).result()

        def applied():
            work = writer.write(lambda store: ForeignFacts(store, now=1).apply(some, Position(FACTS, 0, 400)))
            return work.result().facts

        limit(1)  # SQLite takes the pages there are as the least
        with pytest.raises(DiskFullError):
            applied()
        left = writer.write(
            lambda store: (
                store.log.last_event_id(),
                Offsets(store.db).next(FACTS, 0),
                store.people.user_ids(),
            )
        )
        assert left.result() == (0, None, [])
        limit(1 << 20)
        assert applied() == 400


def test_facts_of_a_newer_segue_stop_it_and_nothing_is_applied(template, tmp_path):
    machine = Machine.open(tmp_path / "segue.db", template)
    newer = Message(b'["event","k"]', b'{"v":2}', "other", 1)

    def apply():
        with machine.store.db.atomic():
            ForeignFacts(machine.store, now=1).apply([newer], Position("segue.events", 0, 1))

    with pytest.raises(NewerFactError, match="upgrade this one"):
        apply()
    assert Outbox(machine.store.db).origin() is not None
    assert Offsets(machine.store.db).next("segue.events", 0) is None
    machine.store.close()


def test_a_restored_backup_is_another_machine_that_publishes_nothing_old(template, tmp_path):
    machine = Machine.open(tmp_path / "segue.db", template)
    machine.react("discord:1", 1, Kind.LIKE, "k", 5)
    log = []
    settle([machine], log)
    machine.visible("discord:1", "1", 6)
    before = Outbox(machine.store.db).origin()
    with machine.store.db.atomic():
        Outbox(machine.store.db).close()
        again = Outbox(machine.store.db).open()
    assert (again != before, Outbox(machine.store.db).waiting()) == (True, 0)
    machine.store.close()


def test_what_was_stored_before_is_published_when_it_is_turned_on(template, tmp_path):
    late = Machine(tmp_path / "late.db", Store.open(tmp_path / "late.db"))
    late.react("discord:1", 1, Kind.LIKE, "a", 5)
    late.link("discord:1", "telegram:2", 6)
    late.visible("discord:1", "1", 7)
    with late.store.db.atomic():
        Outbox(late.store.db).open()
    new = Machine.open(tmp_path / "new.db", template)
    log = []
    settle([late, new], log)
    assert new.facts() == late.facts()
    assert len(new.facts()["events"]) == len(new.facts()["links"]) == 1
    for machine in (late, new):
        machine.store.close()
