"""How long an ask takes, whole: from the service's door and back, threads and commits included."""

import resource
import time
from itertools import count

import numpy as np
import pytest
import world

from recommender.linalg import one_thread
from recommender.types import Listener, Query
from storage.imports import open_reader
from storage.ingest.importer import run_import
from storage.listening.listens import Listen
from storage.records import Account, Kind, Subject
from storage.writer import Writer

NOW = int(time.time())
PLAYS = (0, 5, 100, 20_000, 120_000)
PEER = "exact top ten of 64 factors"


@pytest.fixture
def ann(music, loop):
    return loop(music.arrive(Account("terminal", "ann", "Ann")))


@pytest.fixture
def names(music, loop):
    """A well-known song, as it is typed right, with a typo, by one common word, and nonsense."""

    async def some():
        song = (await music._read(lambda store: store.music.tracks([1000])))[1000]
        title = song.title.split()
        return {
            "exact": f"{song.artist} - {song.title}",
            "typo": f"{title[0][:-1]}x {title[1]} {song.artist}",
            "common word": title[0],
            "nonsense": "qqqqxzzz wwwkkq",
        }

    return loop(some())


@pytest.mark.parametrize("kind", ["exact", "typo", "common word", "nonsense"])
def test_search(benchmark, music, loop, names, kind):
    benchmark.group = f"search, {kind}"
    benchmark(lambda: loop(music.names.resolve(names[kind])))


def test_like(benchmark, music, loop, ann):
    benchmark.group = "like, durable"
    track = count(1)

    def like():
        number = next(track)
        subject = Subject((number - 1) // 10 + 1, number)
        loop(
            music.reactions.record(
                ann, subject, Kind.LIKE, key=f"like {benchmark.name} {number} {ann.user_id}"
            )
        )

    benchmark.pedantic(like, rounds=100)


def test_recommend(benchmark, music, loop):
    benchmark.group = "recommend"
    fans = count(1)
    benchmark.pedantic(lambda: loop(music.recommend(Query(next(fans), 5))), rounds=50, warmup_rounds=3)


def test_exact_top_ten(benchmark, tracks):
    """The peer: one exact top ten over as many item factors, on one thread; nothing else is done."""
    benchmark.group = PEER
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((tracks, 64), dtype=np.float32)
    person = rng.standard_normal(64, dtype=np.float32)

    def ten():
        scores = factors @ person
        best = np.argpartition(scores, tracks - 10)[tracks - 10 :]
        return best[np.argsort(-scores[best])]

    with one_thread():
        benchmark.pedantic(ten, rounds=50, warmup_rounds=3)


def test_similar(benchmark, music, loop, ann):
    benchmark.group = "similar"
    tracks = count(1000, 37)

    def similar():
        number = next(tracks)
        loop(music.recommend(Query(ann.user_id, 5, seeds=(Subject((number - 1) // 10 + 1, number),))))

    benchmark.pedantic(similar, rounds=50, warmup_rounds=3)


@pytest.fixture(scope="session")
def heavy(music, loop, tracks):
    """People by how many plays they have had in eight years."""

    def listened(store):
        rng, people = np.random.default_rng(1), {}
        for plays in PLAYS:
            user = people[plays] = store.people.ensure(Account("terminal", f"plays {plays}", "H"), now=NOW)
            chosen = world._zipf(rng, tracks, plays) + 1
            at = np.sort(NOW - rng.integers(0, 8 * 365 * 86_400, plays))
            listens = [
                Listen(f"h{plays}-{n}", user, (t - 1) // 10 + 1, t, Kind.PLAY, when, None, None, "bench")
                for n, (t, when) in enumerate(zip(chosen.tolist(), at.tolist(), strict=True))
            ]
            store.listens.add(listens, now=NOW)
        return people

    return loop(music._write(listened))


@pytest.mark.parametrize("plays", PLAYS)
@pytest.mark.parametrize("verb", ["recommend", "profile"])
def test_a_history(benchmark, music, loop, heavy, verb, plays):
    """What an ask costs whoever asks, as time on the wall and as processor time."""
    benchmark.group = f"{verb}, a person with {plays:,} plays"
    listener, spent = Listener(heavy[plays], None, "terminal"), []

    def asked():
        began = time.process_time()
        if verb == "recommend":
            loop(music.recommend(Query(listener.user_id, 5)))
        else:
            loop(music.profile(listener))
            loop(music.diary.habits(listener))
        spent.append(time.process_time() - began)

    benchmark.pedantic(asked, rounds=30, warmup_rounds=3)
    benchmark.extra_info[f"{benchmark.group}, processor ms"] = round(1000 * float(np.median(spent)), 1)


def test_train(benchmark, music, loop):
    benchmark.group = "train"
    benchmark.pedantic(lambda: loop(music._trainer.forget()), rounds=1)
    for whose, who in (("the chat", resource.RUSAGE_SELF), ("the training", resource.RUSAGE_CHILDREN)):
        benchmark.extra_info[f"peak memory of {whose}, MB"] = resource.getrusage(who).ru_maxrss // 1024


def test_import(benchmark, tmp_path):
    benchmark.group = "import, 100,000 listens of 20,000 tracks"
    listens = tmp_path / "listens.csv"
    rows = ((n % 500, n % 20_000 // 10, n % 20_000, 1_600_000_000 + n) for n in range(100_000))
    lines = (f"fan {fan},artist {artist},song {song},{at}\n" for fan, artist, song, at in rows)
    listens.write_text("user,artist,track,timestamp\n" + "".join(lines))

    def imported():
        with Writer(tmp_path / "import.db") as writer:
            run_import(writer, open_reader("plays", listens))

    benchmark.pedantic(imported, rounds=1)
