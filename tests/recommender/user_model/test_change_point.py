"""A change of taste: found where it was, forgotten from there, and not seen where there was none."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.three_states import Observed
from recommender.scorers import Profile
from recommender.user_model.change_point import WINDOW, unchanged_since
from recommender.user_model.similar_users import SimilarUsers

PEOPLE, ITEMS, CAMPS = 200, 160, 4


@pytest.fixture(scope="module")
def similar() -> SimilarUsers:
    """Four camps that like a quarter of the items each."""
    rng = np.random.default_rng(0)
    own = np.arange(PEOPLE)[:, None] % CAMPS == np.arange(ITEMS) % CAMPS
    likes = csr_matrix((rng.random((PEOPLE, ITEMS)) < np.where(own, 0.7, 0.05)).astype(np.float32))
    everyone, items = np.arange(PEOPLE, dtype=np.int32), np.arange(ITEMS, dtype=np.int32)
    nowhere = csr_matrix((0, PEOPLE))
    told = Observed.of(likes, likes.data > 0, np.ones(PEOPLE))
    return SimilarUsers.of(told, np.where(own, 0.7, 0.05), items, nowhere, np.zeros(0), everyone)


def said(camps) -> tuple[Profile, np.ndarray]:
    """Return reactions to items in a random order by people of these camps, the oldest first."""
    rng = np.random.default_rng(1)
    items = rng.choice(ITEMS, len(camps), replace=False)
    liked = rng.random(len(camps)) < np.where(items % CAMPS == np.array(camps), 0.7, 0.05)
    order = np.argsort(items)
    profile = Profile(items[order].astype(np.int32), np.where(liked, 4.0, -4.0)[order].astype(np.float32))
    return profile, (len(camps) - 1 - np.arange(len(camps)))[order]


def memory(similar, profile, newer):
    """Return what is kept of each reaction, the oldest first."""
    sure = np.ones(len(newer), dtype=np.float32)
    return unchanged_since(similar, profile, sure, newer)[np.argsort(-newer, kind="stable")]


def test_what_was_said_before_a_change_is_let_go_and_what_came_after_stays(similar):
    found = memory(similar, *said([0] * 30 + [1] * 30))
    assert found[:24].max() < 0.05
    assert found[38:].min() > 0.95


def test_who_stays_the_same_keeps_what_was_said(similar):
    assert memory(similar, *said([2] * 60)).min() > 0.8


def test_a_later_reaction_is_never_kept_less(similar):
    found = memory(similar, *said([0] * 20 + [3] * 100))
    assert (np.diff(found) >= -1e-12).all()
    assert ((found >= -1e-12) & (found <= 1)).all()


def test_what_was_said_at_once_or_only_played_is_of_one_person(similar):
    profile, newer = said([0] * 20 + [1] * 20)
    assert memory(similar, profile, np.zeros_like(newer)).tolist() == [1.0] * 40
    assert memory(similar, profile, np.full_like(newer, -1)).tolist() == [1.0] * 40


def test_a_change_is_looked_for_among_the_last_alone(similar):
    found = memory(similar, *said([0] * 20 + [1] * WINDOW))
    assert found.min() > 0.5


def test_without_listeners_nothing_is_concluded():
    nobody = SimilarUsers.of(
        Observed.of(csr_matrix((0, ITEMS), dtype=np.float32), np.zeros(0, dtype=bool), np.zeros(0)),
        np.zeros((0, ITEMS), np.float32),
        np.arange(ITEMS, dtype=np.int32),
        csr_matrix((0, 0)),
        np.zeros(0),
        np.zeros(0, dtype=np.int32),
    )
    assert memory(nobody, *said([0] * 10 + [1] * 10)).tolist() == [1.0] * 20
