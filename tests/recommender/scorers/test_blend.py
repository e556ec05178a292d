"""What the ensemble promises beyond the contract of all scorers."""

import numpy as np
from scipy.sparse import csr_matrix

from recommender.scorers import Profile, TrainingData
from recommender.scorers.blend import POOL, Blend

CAMPS, PER_CAMP, FANS = 4, 30, 40


def world(seed: int = 0) -> TrainingData:
    """Fans of one camp each, who know some of its items and now and then another."""
    rng = np.random.default_rng(seed)
    n_items = CAMPS * PER_CAMP
    camp = np.repeat(np.arange(CAMPS), FANS)
    own = camp[:, None] == np.arange(n_items) // PER_CAMP
    heard = rng.random(own.shape) < np.where(own, 0.4, 0.02)
    tags = np.repeat(np.eye(CAMPS), PER_CAMP, axis=0)
    return TrainingData(
        csr_matrix((heard * 4).astype(np.float32)),
        csr_matrix(tags.astype(np.float32)),
        np.zeros((n_items, 0), dtype=np.float32),
        csr_matrix(np.zeros((0, len(camp)), dtype=np.float32)),
    )


ENSEMBLE = Blend.fit(world(), seed=1)


def liking(*items: int) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.full(len(items), 4, dtype=np.float32))


def test_a_shortlist_holds_what_the_whole_opinion_ranks_highest():
    for profile in (liking(3), liking(3, 8, 40), liking(31, 33, 39, 41, 58)):
        allowed = np.ones(ENSEMBLE.n_items, dtype=bool)
        allowed[profile.items] = False
        whole, short = ENSEMBLE.score(profile), ENSEMBLE.shortlist(profile, allowed, 10)
        whole[profile.items] = np.nan
        best = np.argsort(-np.nan_to_num(whole), kind="stable")[:10]
        assert set(best.tolist()) <= set(short.items.tolist())
        np.testing.assert_allclose(short.scores, whole[short.items], rtol=1e-5)


def test_what_is_not_allowed_is_not_looked_at():
    allowed = np.zeros(ENSEMBLE.n_items, dtype=bool)
    allowed[10:20] = True
    short = ENSEMBLE.shortlist(liking(3), allowed, POOL)
    assert set(short.items.tolist()) <= set(range(10, 20))
    assert len(short.items)


def test_one_like_is_enough_for_the_right_camp():
    for item in range(0, CAMPS * PER_CAMP, 7):
        scores = np.nan_to_num(ENSEMBLE.score(liking(item)))
        scores[item] = 0
        assert (np.argsort(-scores)[:10] // PER_CAMP == item // PER_CAMP).all()


def test_causes_looked_up_together_are_those_of_one_at_a_time():
    profile = liking(3, 8, 40, 41)
    items = np.flatnonzero(np.isfinite(ENSEMBLE.score(profile)))[:20].astype(np.int32)
    together, alone = ENSEMBLE.reasons(profile, items), [ENSEMBLE.because(profile, int(i)) for i in items]
    assert [reason.item for reason in together] == [reason.item for reason in alone]
    np.testing.assert_allclose([r.drop for r in together], [r.drop for r in alone], rtol=1e-9, atol=1e-12)


def test_by_listeners_tags_have_no_say():
    bare = ENSEMBLE.by_listeners
    assert not bare.weights[:, [0, 3, 4, 7]].any()
    assert np.isfinite(bare.score(liking(3))).any()
