import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics.pairwise import cosine_similarity

from recommender.evaluation.baseline_scorers.latent_svd import LatentSVD
from recommender.scorers import Profile, TrainingData


def fitted(listening, **settings) -> LatentSVD:
    user_items = csr_matrix(np.asarray(listening, dtype=np.float32))
    users, items = user_items.shape
    return LatentSVD.fit(
        TrainingData(
            user_items,
            csr_matrix((items, 0), dtype=np.float32),
            np.zeros((items, 0), dtype=np.float32),
            csr_matrix((0, users), dtype=np.float32),
        ),
        **{"seed": 0, **settings},
    )


def knowing(items, weights) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.array(weights, dtype=np.float32))


def crowd() -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.gamma(2, 2, size=(70, 50)) * (rng.random((70, 50)) < 0.2)


def test_one_known_item_gives_the_cosines_of_scikit_learns_truncated_svd():
    latent = TruncatedSVD(6, algorithm="arpack", random_state=0).fit_transform(crowd().T)
    scores = fitted(crowd(), factors=6, damping=0).score(knowing([4], [3]))
    assert scores == pytest.approx(cosine_similarity(latent, latent[[4]]).ravel(), abs=1e-5)


@pytest.mark.parametrize("shape", ["more users", "more items"])
def test_with_as_many_factors_as_there_are_it_is_the_plain_cosine(shape):
    listening = crowd() if shape == "more users" else crowd().T
    plain = cosine_similarity(listening.T)[3]
    scores = fitted(listening, factors=100, damping=0).score(knowing([3], [1]))
    assert scores == pytest.approx(plain, abs=1e-5)


def test_a_taste_is_the_sum_of_vectors_times_weights():
    scorer = fitted(crowd(), factors=6, damping=0)
    vectors = scorer.item_vectors
    expected = cosine_similarity(vectors, [3 * vectors[4] + 0.5 * vectors[10]]).ravel()
    assert scorer.score(knowing([4, 10], [3, 0.5])) == pytest.approx(expected, abs=1e-5)


def test_a_dislike_takes_away_from_what_is_like_it_and_from_nothing_else():
    vectors = np.array([[1, 0], [0.6, 0.8], [-0.6, 0.8], [0, 1], [0, -1]], dtype=np.float32)
    scorer = LatentSVD(5, np.arange(5, dtype=np.int32), vectors)
    with_dislike, without = scorer.score(knowing([0, 3], [3, -2])), scorer.score(knowing([0], [3]))
    assert without - with_dislike == pytest.approx(2 / 3 * np.array([0, 0.8, 0.8, 1, 0]))


def test_damping_shortens_what_few_people_know():
    listening = crowd()
    listening[:, 7] = 0
    listening[0, 7] = 5
    plain, damped = (np.linalg.norm(fitted(listening, damping=d).item_vectors, axis=1) for d in (0, 5))
    assert plain == pytest.approx(1, abs=1e-5)
    assert np.argmin(damped) == 7
    assert damped.max() < 1


def test_the_seed_changes_rounding_only():
    one, two = (fitted(crowd(), factors=6, seed=seed) for seed in (1, 2))
    assert one.score(knowing([4], [3])) == pytest.approx(two.score(knowing([4], [3])), abs=1e-5)


def test_likes_that_cancel_leave_no_opinion():
    """Nothing is nearer than anything else to the middle between opposites."""
    opposite = LatentSVD(
        3, np.arange(3, dtype=np.int32), np.array([[1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    )
    assert np.isnan(opposite.score(knowing([0, 1], [2, 2]))).all()
    assert opposite.because(knowing([0, 1], [2, 2]), 2) == (None, 0.0)


def test_items_outside_the_latent_space_get_no_opinion():
    """Two camps that share nothing: one factor holds the larger of them, and knows nothing of the other."""
    listening = np.zeros((50, 12))
    listening[:40, :9] = 4
    listening[40:, 9:] = 1
    scores = fitted(listening, factors=1).score(knowing([0], [4]))
    assert np.isfinite(scores).tolist() == [True] * 9 + [False] * 3


def test_a_column_that_does_not_exist_is_an_error():
    with pytest.raises(IndexError, match="no column 50"):
        fitted(crowd()).score(knowing([50], [4]))
