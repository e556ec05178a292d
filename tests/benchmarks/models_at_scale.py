"""What each model takes where items x items do not fit: `python tests/benchmarks/models_at_scale.py`.

People of 20 camps with some 50 items each, popularity as skewed as in real listening logs.  Each model is
trained once, with the settings that its search starts from, in a process of its own; the seconds are those of
the processor.
"""

import argparse
import multiprocessing
import time

import numpy as np
from scipy.sparse import csr_matrix

from recommender.evaluation.resources import measured
from recommender.models.registry import MODELS

CAMPS, TAKEN, ASKING = 20, 60, 200


def listening(people: int, items: int) -> csr_matrix:
    rng = np.random.default_rng(0)
    popularity = np.arange(1, items + 1) ** -0.8
    rows = np.repeat(np.arange(people), TAKEN)
    taken = np.searchsorted(np.cumsum(popularity) / popularity.sum(), rng.random(len(rows)))
    camp = rng.integers(CAMPS, size=people)[rows]
    taken = np.where(rng.random(len(rows)) < 0.7, taken - taken % CAMPS + camp, taken).clip(0, items - 1)
    plays = rng.lognormal(3, 1.5, len(rows)).astype(np.float32) + 1
    return csr_matrix((plays, (rows, taken)), shape=(people, items))


def line(name: str, people: int, items: int) -> str:
    """Return a row of Markdown: seconds and MB of training, ms per list, the share of items in it."""
    user_items, kind = listening(people, items), MODELS[name]
    started = time.process_time()
    trained = measured(lambda: kind.train(user_items, seed=0, **kind.start))
    seconds, started = time.process_time() - started, time.process_time()
    listed = measured(lambda: trained.result.recommend(user_items[:ASKING], 100))
    each = 1000 * (time.process_time() - started) / ASKING
    said = trained.result.has_opinion.sum() / np.count_nonzero(trained.result.popularity)
    peak = max(trained.peak_mb or 0, listed.peak_mb or 0)
    return f"| `{name}` | {seconds:.1f} | {each:.1f} | {peak:,.0f} | {said:.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    given = parser.parse_args()
    print("| model | training, s | a list, ms | peak, MB | items in it |\n|---|---:|---:|---:|---:|")
    for name in given.models:
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            print(alone.apply(line, (name, given.people, given.items)), flush=True)


if __name__ == "__main__":
    main()
