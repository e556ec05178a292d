"""What the regression from tags costs, in processor time on one thread.

`python tests/benchmarks/tagged_at_scale.py --artists 100000`
"""

import argparse
import time

import numpy as np
from scipy.sparse import csr_matrix

from recommender.linalg import one_thread
from recommender.scorers import Profile, TrainingData
from recommender.scorers.cold_start import ColdStart

PEOPLE, TAGS, OF_EACH, HEARD, KNOWN, ASKS = 10_000, 5_000, 20, 94, 50, 20


def main() -> None:
    """Train on a random catalogue of so many artists, ask, and print seconds, milliseconds and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artists", type=int, default=100_000)
    n, rng = parser.parse_args().artists, np.random.default_rng(0)
    rows = np.repeat(np.arange(PEOPLE), HEARD)
    heard = csr_matrix(
        (rng.gamma(2, 2, len(rows)), (rows, rng.choice(n, len(rows), p=zipf(n, 0.8)))),
        (PEOPLE, n),
        np.float32,
    )
    rows = np.repeat(np.arange(n), OF_EACH)
    counts = rng.integers(1, 50, len(rows))
    tags = csr_matrix((counts, (rows, rng.choice(TAGS, len(rows), p=zipf(TAGS, 1.0)))), (n, TAGS), np.float32)
    nothing = np.zeros((n, 0), dtype=np.float32)
    data = TrainingData(heard, tags, nothing, csr_matrix(np.zeros((0, PEOPLE), dtype=np.float32)))
    began = time.process_time()
    scorer = ColdStart.fit(data, seed=0)
    print(f"train {time.process_time() - began:.1f} s")
    known = np.sort(rng.choice(n, KNOWN, replace=False)).astype(np.int32)
    listener = Profile(known, np.ones(KNOWN, dtype=np.float32))
    began = time.process_time()
    for _ in range(ASKS):
        scorer.opinion(listener)
    print(f"ask {1000 * (time.process_time() - began) / ASKS:.1f} ms")
    held = (
        scorer.by_listeners,
        scorer.by_factors,
        scorer.factors,
        scorer.popularity,
        scorer.vectors.data,
        scorer.vectors.indices,
    )
    print(f"hold {sum(array.nbytes for array in held) / 1e6:.0f} MB")


def zipf(n: int, power: float) -> np.ndarray:
    """Return n falling shares that sum to one."""
    shares = 1 / np.arange(1, n + 1) ** power
    return np.asarray(shares / shares.sum())


if __name__ == "__main__":
    with one_thread():
        main()
