import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.pipeline.fusion import best
from recommender.pipeline.ranking import limited
from recommender.request import Candidates
from recommender.scorers import Opinion

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(0, 2000), st.integers(1, 40), st.sampled_from([2, 30, 10**6]), st.floats(0, 1))
def test_the_best_are_those_of_all_that_are_allowed_however_few_have_an_opinion(seed, n, k, levels, share):
    rng = np.random.default_rng(seed)
    items = np.flatnonzero(rng.random(2000) < n / 2000).astype(np.int32)
    opinion = Opinion(2000, items, rng.integers(0, levels, len(items)).astype(np.float32))
    allowed = rng.random(2000) < share
    named = best(opinion, allowed, k, rng)
    score = dict(zip(items.tolist(), opinion.scores.tolist(), strict=True))
    expected = sorted((score[item] for item in items.tolist() if allowed[item]), reverse=True)[:k]
    assert [score[item] for item in named.tolist()] == expected
    assert len(set(named.tolist())) == len(named)
    assert allowed[named].all()


def test_which_of_equals_is_named_is_left_to_chance():
    opinion = Opinion(500, np.arange(500, dtype=np.int32), np.ones(500, dtype=np.float32))
    allowed = np.ones(500, dtype=bool)
    named = [best(opinion, allowed, 5, np.random.default_rng(seed)).tolist() for seed in range(200)]
    assert len({item for some in named for item in some}) > 350


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(1, 20))
def test_of_each_artist_the_two_best_are_left_in_their_order(artists, n):
    rows = np.arange(len(artists), dtype=np.int32)
    columns = np.array(artists, dtype=np.int32)
    fused = rows.astype(np.float32)
    left = limited(
        Candidates(rows, columns, fused[:, None], ("tracks.blend",), fused, fused, fused, fused), n
    )
    expected = [row for row, artist in enumerate(artists) if artists[:row].count(artist) < 2][:n]
    assert left.tracks.tolist() == expected
    assert left.artists.tolist() == [artists[row] for row in expected]
    assert left.votes[:, 0].tolist() == left.fused.tolist() == expected
