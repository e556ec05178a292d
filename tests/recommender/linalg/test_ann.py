"""The index: what it finds, what a filter leaves, and what happens to its file."""

import json
import resource
import subprocess
import sys
from functools import cache
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from annoy import AnnoyIndex
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.linalg.ann import RECALL, Damaged, Index, Sample, directions, exact

ROWS, DIMENSIONS = 40_000, 32


@cache
def vectors() -> np.ndarray:
    """Forty thousand vectors in two hundred clusters."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((200, DIMENSIONS))
    noise = rng.standard_normal((ROWS, DIMENSIONS))
    return directions(centres[rng.integers(200, size=ROWS)] + 0.5 * noise)


@cache
def index() -> Index:
    return Index.build(vectors(), seed=1)


def queries(n: int) -> np.ndarray:
    rng = np.random.default_rng(6)
    return directions(vectors()[rng.integers(ROWS, size=n)] + 0.05 * rng.standard_normal((n, DIMENSIONS)))


def test_it_finds_what_looking_at_all_finds():
    found = [np.isin(index().nearest(q, 10), exact(vectors(), q, 10)).mean() for q in queries(100)]
    assert np.mean(found) >= RECALL


def test_it_knows_how_much_it_finds():
    rows = np.random.default_rng(9).choice(ROWS, 100, replace=False)
    pairs = [(index().nearest(one, 11), exact(vectors(), one, 11)) for one in vectors()[rows]]
    found = [np.isin(*pair).mean() for pair in pairs]
    assert index().about.recall >= RECALL
    assert index().about.recall == pytest.approx(np.mean(found), abs=0.03)


def test_the_nearest_come_first_and_none_comes_twice():
    for query in queries(20):
        rows = index().nearest(query, 50)
        assert len(set(rows.tolist())) == 50
        assert (np.diff(vectors()[rows] @ query) <= 1e-5).all()


def test_too_few_nodes_are_made_more_until_enough_is_found():
    assert Sample.draw(vectors(), seed=3).recall(index(), vectors()) >= RECALL
    hasty = Index.build(vectors(), seed=1, trees=3, search_k=20)
    assert hasty.about.search_k > 20
    assert hasty.about.recall >= RECALL or 2 * hasty.about.search_k > ROWS / 16


@settings(max_examples=25)
@given(st.sampled_from([0.5, 0.1, 0.02, 0.001]), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_filter_starves_no_answer(share, n, seed):
    rng = np.random.default_rng(seed)
    allowed = rng.random(ROWS) < share
    allowed[rng.choice(ROWS, n, replace=False)] = True
    query = vectors()[rng.integers(ROWS)]
    rows = index().nearest(query, n, allowed)
    if rows is None:  # looking at the few that are left is faster
        assert share < 0.5
        rows = exact(vectors(), query, n, allowed)
    assert len(rows) == n
    assert allowed[rows].all()


def test_a_filter_that_leaves_only_what_is_far_away_is_answered_too():
    query = queries(1)[0]
    far = vectors() @ query < np.quantile(vectors() @ query, 0.4)
    rows = index().nearest(query, 10, far)
    assert rows is None or (len(rows) == 10 and far[rows].all())
    assert index().nearest(query, 10, np.zeros(ROWS, dtype=bool)) is None


@settings(max_examples=50)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 2**32 - 1))
def test_looking_at_all_gives_the_nearest_in_order(rows, n, seed):
    rng = np.random.default_rng(seed)
    some = directions(rng.integers(-2, 3, size=(rows, 3)).astype(np.float32))
    allowed = rng.random(rows) < 0.7
    found = exact(some, some[0], n, allowed)
    assert allowed[found].all()
    expected = np.sort((some @ some[0])[allowed])[::-1][:n]
    np.testing.assert_allclose(some[found] @ some[0], expected, atol=1e-6)


def test_the_same_seed_gives_the_same_file(tmp_path: Path):
    few = vectors()[:5_000]
    files = []
    for seed in (4, 4, 5):
        Index.build(few, seed=seed).save(tmp_path / "index")
        files.append((tmp_path / "index").read_bytes())
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_it_is_opened_as_it_was_saved(tmp_path: Path):
    fresh = Index.build(vectors()[:5_000], seed=2)
    before = [fresh.nearest(q, 10).tolist() for q in queries(20)]
    opened = Index.open(tmp_path / "index", fresh.save(tmp_path / "index"))
    assert [opened.nearest(q, 10).tolist() for q in queries(20)] == before
    assert [fresh.nearest(q, 10).tolist() for q in queries(20)] == before
    assert opened.about == fresh.about
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("harm", ["missing", "empty", "half", "whole nodes missing", "one bit", "another"])
def test_a_harmed_file_is_noticed_before_it_is_used(tmp_path: Path, harm: str):
    path = tmp_path / "index"
    manifest = Index.build(vectors()[:3_000], seed=2).save(path)
    whole = path.read_bytes()
    node = 4 * DIMENSIONS + 12  # as Annoy lays them out: cut there, it would take the file for a good one
    assert len(whole) % node == 0
    harmed = {
        "empty": b"",
        "half": whole[: len(whole) // 2 + 1],
        "whole nodes missing": whole[: -40 * node],
        "one bit": whole[:999] + bytes([whole[999] ^ 4]) + whole[1000:],
        "another": bytes(len(whole)),
    }
    path.unlink()
    if harm in harmed:
        path.write_bytes(harmed[harm])
    if harm == "whole nodes missing":
        assert AnnoyIndex(DIMENSIONS, "angular").load(str(path))
    with pytest.raises(Damaged):
        Index.open(path, manifest)


def test_a_full_disk_is_an_error_and_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "index"
    manifest = Index.build(vectors()[:2_000], seed=2).save(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match="write"):
            Index.build(vectors()[:2_000], seed=3).save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert Index.open(path, manifest).about.vectors == 2_000
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


ASKING = """
import json, sys
from pathlib import Path
import numpy as np
from recommender.linalg.ann import Index

index = Index.open(Path(sys.argv[1]), json.loads(sys.argv[2]))
for line in sys.stdin:
    print(json.dumps(index.nearest(np.array(json.loads(line)), 10).tolist()), flush=True)
"""


def _answers(reader: subprocess.Popen) -> list[list[int]]:
    answers = []
    for query in queries(20):
        reader.stdin.write(json.dumps(query.tolist()) + "\n")
        reader.stdin.flush()
        answers.append(json.loads(reader.stdout.readline()))
    return answers


def test_who_has_mapped_an_index_keeps_it_while_it_is_built_again(tmp_path: Path):
    path = tmp_path / "index"
    first = Index.build(vectors()[:5_000], seed=2)
    command = [sys.executable, "-c", ASKING, path, json.dumps(first.save(path))]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as reader:
        before = _answers(reader)
        assert before == [first.nearest(q, 10).tolist() for q in queries(20)]
        second = Index.build(vectors()[:2_000], seed=3)
        again = Index.open(path, second.save(path))
        assert _answers(reader) == before
        assert again.about.vectors == 2_000
        assert [again.nearest(q, 10).tolist() for q in queries(20)] != before
        reader.stdin.close()
        assert reader.wait(20) == 0


@pytest.mark.parametrize(
    ("script", "row"), [("neighbours", "annoy, 20 trees"), ("near_songs", "by sound, index")]
)
def test_the_benchmark_of_it_runs(script: str, row: str):
    path = Path(__file__).parents[2] / "benchmarks" / f"{script}.py"
    done = subprocess.run(
        [sys.executable, path, "--size", "2000"], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"| {row}" in done.stdout
