"""Two and three machines have the same facts in the end, whatever was said where and whenever it arrived."""

import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from replicas import Machine, settle

from storage.outbox import Outbox
from storage.records import Kind
from storage.store import Store

NAMES = ("discord:1", "telegram:2", "terminal:3")
KINDS = (Kind.LIKE, Kind.DISLIKE, Kind.SKIP, Kind.BLOCK, Kind.UNBLOCK, Kind.PLAY)
name, song, number = st.sampled_from(NAMES), st.integers(0, 5), st.integers(1, 4)
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
steps = st.lists(st.tuples(st.integers(0, 2), st.one_of(said, said, moved)), max_size=40)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An empty database, which is copied rather than made for each example."""
    path = tmp_path_factory.mktemp("template") / "segue.db"
    with Store.open(path):
        pass
    return path


def play(machines, steps):
    """Do the steps, each at a time of its own; return the log."""
    log = []
    for now, (which, (verb, *values)) in enumerate(steps, 1000):
        machine = machines[which % len(machines)]
        match verb:
            case "send" | "apply":
                getattr(machine, verb)(log, *values)
            case "restart":
                machine.restart(log)
            case "react":
                machine.react(*values[:3], f"{values[0]}:{now}:0", now, here=values[3])
            case "undo":
                machine.undo(*values, f"{values[0]}:{now}:", now)
            case _:
                getattr(machine, verb)(*values, now)
    settle(machines, log)
    return log


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
def test_machines_are_equal_after_any_schedule(template, steps):
    with tempfile.TemporaryDirectory() as folder:
        machines = [Machine.open(Path(folder) / f"{n}.db", template) for n in range(3)]
        try:
            log = play(machines, steps)
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
