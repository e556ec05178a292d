"""Groups and live sessions on a small made-up world whose tastes are plain to see."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.group_model import GroupModel
from recommender.evaluation.group_people import KINDS, group, similarity
from recommender.evaluation.group_rounds import judged, rounds, with_thumbs
from recommender.evaluation.group_sessions import WAYS, sessions
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.groups.fairness import Nash
from recommender.groups.strategies import STRATEGIES


@pytest.fixture(scope="module")
def data():
    """Four camps of thirty people and fifty items each; everybody has twenty; friends within a camp."""
    rng, builder = np.random.default_rng(0), InteractionsBuilder()
    popular = np.arange(50, 0, -1) / np.arange(51).sum()
    for camp in range(4):
        for person in range(30):
            for item in rng.choice(50, 20, replace=False, p=popular):
                builder.add(f"{camp} {person}", f"{camp} {item}", float(rng.integers(1, 50)))
            builder.add(f"{camp} {person}", "known by all", 1.0)
    for camp in range(4):
        for person in range(30):
            for friend in rng.choice(30, 6, replace=False):
                builder.add_friend(f"{camp} {person}", f"{camp} {friend}")
                builder.add_friend(f"{camp} {friend}", f"{camp} {person}")
    return builder.build()


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_has_different_people_and_is_what_it_is_called(kind, data):
    rng, n = np.random.default_rng(1), len(data.users)
    alike = similarity(data.user_items)
    groups = [group(kind, 4, np.arange(n), alike, data.friends, rng) for _ in range(30)]
    assert all(len(set(members.tolist())) == 4 for members in groups)
    camps = [len({int(m) // 30 for m in members}) for members in groups]
    expected = {"similar": (1, 1), "friends": (1, 1), "divergent": (3, 4), "random": (1, 4)}[kind]
    assert expected[0] <= np.mean(camps) <= expected[1]


def test_friends_who_do_not_exist_are_no_group(data):
    rng, n = np.random.default_rng(1), len(data.users)
    nobody = csr_matrix((n, n))
    with pytest.raises(EvaluationError, match="4 people who know each other"):
        group("friends", 4, np.arange(n), similarity(data.user_items), nobody, rng)


def test_probabilities_are_what_comes_true(data):
    known = data.user_items.copy()
    rng = np.random.default_rng(2)
    hidden = rng.random(known.nnz) < 0.5
    held_out = known.copy()
    held_out.data = hidden.astype(np.float32)
    known.data[hidden] = 0
    known.eliminate_zeros()
    held_out.eliminate_zeros()
    everybody = np.ones(len(data.users), dtype=bool)
    model = GroupModel.fit(known, held_out, everybody, np.arange(0, 120, 2))
    expected, found = [], []
    for person in range(1, 120, 2):
        new = known[person].toarray()[0] == 0
        expected.append(model.listener(person).expected[new])
        found.append(held_out[person].toarray()[0][new])
    assert np.concatenate(expected).mean() == pytest.approx(np.concatenate(found).mean(), rel=0.1)


def test_a_thumb_moves_what_somebody_unknown_expects_towards_their_camp(data):
    is_known = np.ones(len(data.users), dtype=bool)
    is_known[0] = False
    model = GroupModel.fit(data.user_items, data.user_items, is_known, np.arange(1, 40))
    listener = model.listener(0)
    camp = np.array([name.startswith("0 ") for name in data.items])
    before = listener.expected[camp].mean() - listener.expected[~camp].mean()
    listener.react(int(np.flatnonzero(camp)[0]), likes=True)
    assert listener.expected[camp].mean() - listener.expected[~camp].mean() > before + 0.05
    listener.react(int(np.flatnonzero(~camp)[1]), likes=False)
    around = model.listener(0, list(range(1, 10)))
    assert around.expected[camp].mean() > around.expected[~camp].mean()


def test_figures_of_a_group_are_counted_by_hand():
    liked = np.array([[True, False], [False, False], [False, False]])
    served = judged(liked, np.array([1.0, 2.0, 0.0]))  # the third has nothing to find and does not count
    assert (served.mean, served.worst, served.nothing, served.evenness) == (0.5, 0.0, 0.5, 0.5)


def test_thumbs_turn_the_choice_to_whoever_had_nothing():
    expected = np.array([[0.6, 0.59, 0.58, 0.0], [0.0, 0.0, 0.0, 0.3]])
    truth = np.array([[True, True, True, False], [False, False, False, True]])
    assert with_thumbs(Nash(), expected, truth)[:2] == [0, 3]


def test_every_strategy_serves_every_cell(data):
    served = rounds(data, seed=0, sizes=(2, 4), kinds=("random", "friends"), n=3)
    assert {name for name, _, _ in served} == {*STRATEGIES, "Nash welfare, thumbs"}
    assert {len(some) for some in served.values()} == {3}
    again = rounds(data, seed=0, sizes=(2, 4), kinds=("random", "friends"), n=3)
    assert served == again


def test_learning_and_a_community_serve_friends_better_than_the_average_of_what_was_known(data):
    held = sessions(data, seed=1, n=12)
    assert set(held) == set(WAYS)
    rate = {name: np.mean([evening.mean for evening in some]) for name, some in held.items()}
    assert rate["Nash welfare, learning, community"] > rate["average"]
