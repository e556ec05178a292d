"""The 200 songs nearest to one, as lists ask for them: `python tests/benchmarks/near_songs.py --size 200000`.

By sound, looking at all against the index with its exact order of what it finds; and why words have no index:
the tags are brought to 64 random directions, which keep every cosine as well as so few numbers can, and what
an index of these finds is put in exact order.  Made-up songs of artists of genres, a fixed seed, one thread.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recommender.linalg.ann import Index, directions
from recommender.pipeline.fusion import best
from recommender.scorers import Opinion, Profile, TrainingData
from recommender.scorers.content import Content

GENRES, TAGS, TAGS_EACH, SOUNDS = 200, 5_000, 8, 32
K, SHOWN = 200, 10
CANDIDATES, NODES = 1_000, 20_000
ASKED, WARM_UP = 100, 10

Ask = Callable[[Profile], Opinion]


def songs(n: int, rng: np.random.Generator) -> TrainingData:
    """Return songs, ten to an artist: eight tags out of her genre's, and 32 falling axes of sound."""
    artists = rng.integers(GENRES, size=n // 10 + 1)
    who = np.arange(n) // 10
    rank = np.minimum(rng.geometric(0.02, size=(n, TAGS_EACH)), TAGS - 1)
    columns = (rank * (1 + artists[who][:, None] % 40)) % TAGS  # genres share some of their tags
    ones = np.ones(n * TAGS_EACH, dtype=np.float32)
    tags = csr_matrix((ones, columns.ravel(), np.arange(n + 1) * TAGS_EACH), shape=(n, TAGS))
    tags.sum_duplicates()
    scale = 1 / np.sqrt(1 + np.arange(SOUNDS))
    places = [rng.standard_normal((m, SOUNDS), dtype=np.float32) for m in (GENRES, len(artists), n)]
    sounds = (places[0][artists[who]] + places[1][who] + 0.7 * places[2]) * scale
    nobody = csr_matrix((0, n), dtype=np.float32)
    return TrainingData(nobody, tags, sounds.astype(np.float32), csr_matrix((0, 0)))


def figures(name: str, content: Content, ask: Ask, profiles: list[Profile], made: str) -> str:
    """Return a row of the table: recall against looking at all, and the median time with the choice of K."""
    rng, allowed = np.random.default_rng(0), np.ones(len(content.known), dtype=bool)
    for profile in profiles[:WARM_UP]:
        best(ask(profile), allowed, K, rng)
    times, few, many = [], [], []
    for profile in profiles:
        began = time.perf_counter()
        found = best(ask(profile), allowed, K, rng)
        times.append(time.perf_counter() - began)
        true = content.score(profile)
        ranked = np.sort(true)[::-1]
        few.append(np.mean(true[found[:SHOWN]] >= ranked[SHOWN - 1] - 1e-6))
        many.append(np.mean(true[found] >= ranked[K - 1] - 1e-6))
    recalls = f"{np.mean(few):.3f} | {np.mean(many):.3f}"
    return f"| {name} | {made} | {recalls} | {1e3 * np.median(times):.1f} ms |"


def words_by_index(content: Content) -> Ask:
    """Return how the songs nearest by words would be found by an index of 64 directions."""
    width = content.tags.shape[1]
    random = np.random.default_rng(0).standard_normal((width, 64)).astype(np.float32) / 8
    index = Index.build(directions(content.tags @ random), seed=0)

    def ask(profile: Profile) -> Opinion:
        wanted = content._sum(profile)[:width]
        found = index.tree.get_nns_by_vector((wanted @ random).tolist(), CANDIDATES, NODES)
        items = np.sort(np.array(found, dtype=np.int32))
        scores = (content.tags[items] @ wanted) / np.linalg.norm(wanted)
        return Opinion(len(content.known), items, scores.astype(np.float32))

    return ask


def compare(size: int) -> None:
    rng = np.random.default_rng(0)
    content = Content.fit(songs(size, rng), seed=0)
    chosen = rng.choice(size, ASKED, replace=False).astype(np.int32)
    profiles = [Profile(np.array([item]), np.ones(1, dtype=np.float32)) for item in chosen]
    allowed = np.ones(size, dtype=bool)
    print(f"\n| {size:,} songs | index made in | recall@{SHOWN} | recall@{K} | an ask |", flush=True)
    print("|---|---:|---:|---:|---:|")
    print(figures("by sound, all", content.sound, content.sound.opinion, profiles, "-"), flush=True)
    began = time.perf_counter()
    known = np.flatnonzero(content.sound.known)
    sound = replace(content, index=Index.build(directions(content.sounds[known]), seed=0)).sound
    made = f"{time.perf_counter() - began:.0f} s"
    ask = lambda profile: sound.shortlist(profile, allowed, K)  # noqa: E731
    print(figures("by sound, index", content.sound, ask, profiles, made), flush=True)
    print(figures("by words, all", content.words, content.words.opinion, profiles, "-"), flush=True)
    began = time.perf_counter()
    ask = words_by_index(content.words)
    made = f"{time.perf_counter() - began:.0f} s"
    print(figures("by words, index", content.words, ask, profiles, made), flush=True)
    print(figures("both, all", content, content.opinion, profiles, "-"), flush=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[200_000])
    with threadpool_limits(limits=1):
        for size in parser.parse_args(arguments).size:
            compare(size)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
