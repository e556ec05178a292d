"""The search for settings: on whom, and along which way."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.base import Model, listeners
from recommender.models.tuning import SetAside, Tried, climbed, exams
from recommender.models.weights import Weighting


@pytest.fixture
def people() -> csr_matrix:
    return csr_matrix(np.random.default_rng(0).random((200, 30)) < 0.4, dtype=np.float32)


def heights(by_settings, seen=None):
    def trial(settings) -> Tried:
        if seen is not None:
            seen.append(dict(settings))
        return Tried(settings, by_settings(**settings))

    return trial


def test_the_way_leads_to_the_top_and_not_past_it():
    seen = []
    grid = {"a": (1, 2, 3, 4, 5), "b": (10, 20, 30)}
    best = climbed(heights(lambda a, b: -abs(a - 4) - abs(b - 10), seen), {"a": 2, "b": 20}, grid)
    assert best.settings == {"a": 4, "b": 10}
    assert [tuple(settings.values()) for settings in seen] == [
        (2, 20),
        (3, 20),
        (4, 20),
        (5, 20),
        (4, 30),
        (4, 10),
    ]


def test_a_plain_is_crossed():
    """More factors than a matrix has are all the same; fewer may be better."""
    best = climbed(heights(lambda f: -min(f, 40)), {"f": 110}, {"f": (10, 40, 70, 110)})
    assert best.settings == {"f": 10}
    assert climbed(heights(lambda f: 1.0 + 0 * f), {"f": 110}, {"f": (10, 110, 200)}).settings == {"f": 110}


def test_all_words_are_tried():
    worth = {"a": 1, "b": 0, "c": 3}
    best = climbed(heights(lambda w: worth[w]), {"w": "b"}, {"w": ("a", "b", "c")})
    assert best.settings == {"w": "c"}


def test_nobody_is_asked_about_twice_or_trained_on_while_asked(people):
    made = exams(people, seed=1, most=5)
    assert len(made) == 5
    asked = [set(range(200)) - set(exam.rows.tolist()) for exam in made]
    assert [len(some) for some in asked] == [40] * 5
    assert set.union(*asked) == set(range(200))
    assert len(exams(people, seed=1, most=2)) == 2
    assert exams(people[:4], seed=1, most=5) == []


def test_a_fifth_of_what_each_one_has_is_to_be_found(people):
    aside = SetAside.of(people, seed=3)
    counts = np.diff(people.indptr)
    assert np.diff(aside.wanted.indptr).tolist() == np.maximum(1, np.rint(0.2 * counts)).tolist()
    assert aside.known.multiply(aside.wanted).nnz == 0
    assert ((aside.known + aside.wanted) != (people > 0)).nnz == 0


def test_settings_are_chosen_by_what_people_have_not_by_what_they_were_trained_on():
    @dataclass(frozen=True, eq=False)
    class Rote(Model):
        """Knows all by heart, or how many have what."""

        name: ClassVar[str] = "rote"
        grid: ClassVar = {"by": ("heart", "number")}
        start: ClassVar = {"by": "heart"}
        weighing: ClassVar = {}
        by: str = "heart"

        @classmethod
        def train(cls, user_items, item_tags=None, *, seed, kind, power, by):
            del item_tags, seed
            weighting, rows = Weighting.learned(user_items, kind, power)
            return cls(listeners(rows), weighting, by)

        def weighted_scores(self, known):
            if self.by == "heart":
                return np.asarray(known.todense(), dtype=np.float32)
            return np.tile(self.popularity, (known.shape[0], 1))

    skewed = csr_matrix(np.random.default_rng(1).random((200, 300)) < np.geomspace(0.5, 0.001, 300)[::-1])
    assert Rote.fit(skewed.astype(np.float32), seed=0).tuned["by"] == "number"
