"""The nearest films, against a dense singular value decomposition."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.cli import main as cli
from recommender.errors import EvaluationError
from recommender.evaluation.films import nearest_films
from recommender.evaluation.movielens import MovieLens


def films(ratings, titles=None):
    n = ratings.shape[1]
    titles = titles or tuple(f"Film {k} (1999)" for k in range(n))
    return MovieLens(titles, (("Drama",),) * n, ((),) * n, csr_matrix(ratings.astype(np.float32)))


def test_the_space_of_ratings_is_that_of_a_dense_decomposition():
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 11, (200, 80)) / 2 * (rng.random((200, 80)) < 0.3)
    _, strength, right = np.linalg.svd(ratings, full_matrices=False)
    rows = (right[:50] * strength[:50, None]).T
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows[7]
    expected = [k for k in np.argsort(-cosines) if k != 7][:10]
    found = nearest_films(films(ratings), "Film 7 (1999)", "ratings")
    assert [name for name, _ in found] == [f"Film {k} (1999)" for k in expected]
    assert [cosine for _, cosine in found] == pytest.approx(cosines[expected], abs=2e-5)


def test_of_films_with_the_very_same_ratings_the_first_in_the_file_comes_first():
    ratings = np.random.default_rng(0).integers(1, 6, (30, 4)).astype(float)
    same = np.hstack([ratings, ratings[:, [0, 0, 0]]])
    assert [name for name, _ in nearest_films(films(same), "Film 5 (1999)", "ratings", n=3)] == [
        *("Film 0 (1999)", "Film 4 (1999)", "Film 6 (1999)")
    ]


def test_an_unknown_film_is_refused():
    with pytest.raises(EvaluationError, match="no film Nothing"):
        nearest_films(films(np.ones((3, 3))), "Nothing", "ratings")


def test_toy_story_by_the_command(shared_data, capsys):
    assert cli.run(["evaluate", "films", str(shared_data / "ml-latest-small"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [name for name, _ in found["ratings"][:3]] == [
        *("Jurassic Park (1993)", "Independence Day (a.k.a. ID4) (1996)", "Toy Story 2 (1999)")
    ]
    assert [cosine for _, cosine in found["tags"][:3]] == pytest.approx([0.91, 0.78, 0.54], abs=0.005)


def test_the_space_of_tags_is_that_of_a_dense_decomposition_and_ties_go_by_the_file():
    rng = np.random.default_rng(4)
    words = [f"word{n}" for n in range(300)]
    tags = [tuple(rng.choice(words, rng.integers(1, 6)).tolist()) for _ in range(250)]
    tags[40] = tags[90] = tags[10]  # the very same tags: a tie
    titles = tuple(f"Film {k} (1999)" for k in range(250))
    known = MovieLens(titles, (("Drama",),) * 250, tuple(tags), csr_matrix((5, 250), dtype=np.float32))
    texts = [" ".join((*some, "Drama")) for some in tags]
    dense = TfidfVectorizer(stop_words="english").fit_transform(texts).toarray()
    left, strength, _ = np.linalg.svd(dense, full_matrices=False)
    rows = left[:, :200] * strength[:200]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for film in (7, 10, 120):
        cosines = np.round(rows @ rows[film], 5)
        expected = [k for k in np.lexsort((np.arange(250), -cosines)) if k != film][:10]
        found = nearest_films(known, titles[film], "tags")
        assert [cosine for _, cosine in found] == pytest.approx(cosines[expected], abs=2e-5)
        if film == 10:
            assert [name for name, _ in found[:2]] == [titles[40], titles[90]]
