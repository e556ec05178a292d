"""What is believed of a taste: exact, whatever the order, and no more of a place than its people show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.scorers import Profile, TrainingData
from recommender.user_model import UserModel

PEOPLE, ITEMS, CAMPS = 400, 60, 4


def world(communities, seed=0) -> TrainingData:
    """Four camps, each with a quarter of the items, that like their own far more than others'."""
    rng = np.random.default_rng(seed)
    camp = np.arange(PEOPLE) % CAMPS
    own = camp[:, None] == np.arange(ITEMS) % CAMPS
    likes = rng.random((PEOPLE, ITEMS)) < np.where(own, 0.7, 0.05)
    members = np.zeros((len(communities), PEOPLE), dtype=np.float32)
    for row, people in enumerate(communities):
        members[row, people] = 1
    weights = csr_matrix(4 * likes.astype(np.float32))
    nothing = np.zeros((ITEMS, 0), np.float32)
    return TrainingData(weights, csr_matrix((ITEMS, 1)), nothing, csr_matrix(members))


def friends(n=40):
    return [list(range(k % CAMPS, 40 + 40 * (k // CAMPS) % 300, CAMPS))[:10] for k in range(n)]


def strangers(n=40):
    rng = np.random.default_rng(1)
    return [rng.choice(PEOPLE, 10, replace=False).tolist() for _ in range(n)]


@pytest.fixture(scope="module")
def model() -> UserModel:
    return UserModel.fit(world(friends()), seed=0)


def profile(reactions: dict[int, float], community=None) -> Profile:
    items = np.array(sorted(reactions), dtype=np.int32)
    return Profile(items, np.array([reactions[i] for i in items.tolist()], dtype=np.float32), community)


def test_a_like_lifts_what_the_same_people_like_and_nothing_else(model):
    before = model.means(model.posterior(profile({})), None)
    after = model.means(model.posterior(profile({0: 4.0, 4: 4.0})), None)
    same, others = np.arange(8, ITEMS, 4), np.arange(9, ITEMS, 4)
    assert (after[same] > before[same]).all()
    assert after[same].mean() > 3 * after[others].mean()


def test_a_dislike_takes_away(model):
    liked = model.means(model.posterior(profile({0: 4.0})), None)
    both = model.means(model.posterior(profile({0: 4.0, 4: -4.0, 8: -4.0})), None)
    assert both[12] < liked[12]


def test_every_reaction_makes_surer(model):
    items = np.arange(ITEMS, dtype=np.int32)
    widths = [
        model.deviations(model.posterior(profile(dict.fromkeys(range(n), 4.0))), items) for n in (0, 3, 20)
    ]
    assert (widths[1] <= widths[0] + 1e-6).all()
    assert (widths[2] <= widths[1] + 1e-6).all()


def test_the_posterior_is_the_one_of_the_textbook(model):
    known = profile({0: 4.0, 5: -4.0, 9: 4.0, 30: 4.0})
    w, prior = model.prior.loadings.astype(np.float64), model.prior
    seen = known.items
    cov = w @ w.T
    gain = cov[:, seen] @ np.linalg.inv(cov[np.ix_(seen, seen)] + np.diag(prior.noise[seen]))
    expected = prior.mean + gain @ ((known.weights > 0) - prior.mean[seen])
    linear = prior.mean + w @ model.posterior(known).gaussian.mean
    np.testing.assert_allclose(linear, expected, atol=1e-5)


def test_the_drop_is_what_taking_the_reaction_away_takes(model):
    known = profile({0: 4.0, 5: -4.0, 8: 4.0, 9: 4.0, 30: 0.5}, community=2)
    items = np.arange(ITEMS, dtype=np.int32)
    posterior = model.posterior(known)
    full = model.means(posterior, 2)
    for row, item in enumerate(known.items.tolist()):
        without = model.means(model.posterior(known.without(item)), 2)
        np.testing.assert_allclose(model.drops(posterior, items)[row], full - without, atol=1e-5)


def test_the_cause_is_the_like_that_is_missed_most(model):
    rng = np.random.default_rng(4)
    for _ in range(50):
        chosen = rng.choice(ITEMS, 8, replace=False)
        known = profile({int(i): float(rng.choice([4.0, -4.0])) for i in chosen})
        item = int(np.setdiff1d(np.arange(ITEMS), chosen)[0])
        posterior = model.posterior(known)
        reason = model.because_of(posterior, known, item)
        full = model.means(posterior, None)[item]
        drops = {
            int(i): full - model.means(model.posterior(known.without(int(i))), None)[item]
            for i in known.liked.items
        }
        best = max(drops, key=drops.__getitem__, default=None)
        if best is not None and drops[best] > 1e-5:
            assert reason.item == best
            assert reason.drop == pytest.approx(drops[best], abs=1e-5)


def test_friends_speak_for_a_newcomer_and_strangers_do_not():
    of_friends = UserModel.fit(world(friends()), seed=0)
    of_strangers = UserModel.fit(world(strangers()), seed=0)
    nobody = profile({})
    here = of_friends.means(of_friends.posterior(profile({}, community=0)), 0)
    camp = np.arange(0, ITEMS, CAMPS)
    assert here[camp].mean() > 2 * of_friends.means(of_friends.posterior(nobody), None)[camp].mean()
    there = of_strangers.means(of_strangers.posterior(profile({}, community=0)), 0)
    anywhere = of_strangers.means(of_strangers.posterior(nobody), None)
    np.testing.assert_allclose(there, anywhere, atol=0.05)


def test_a_place_without_members_is_like_no_place():
    lonely = UserModel.fit(world([[], *friends(5)]), seed=0)
    known = {3: 4.0}
    np.testing.assert_allclose(
        lonely.means(lonely.posterior(profile(known, 0)), 0),
        lonely.means(lonely.posterior(profile(known)), None),
    )


def test_a_handful_of_listeners_is_no_population():
    few = world([])
    few = TrainingData(few.user_items[:20], few.item_tags, few.item_features, few.communities[:, :20])
    assert not UserModel.fit(few, seed=0).known


def test_few_listeners_go_by_what_is_generally_known():
    whole = world([list(range(20))])
    camp = np.arange(ITEMS) % CAMPS
    related = csr_matrix(np.triu(camp[:, None] == camp, 1).astype(np.float32))
    few = TrainingData(
        whole.user_items[:20],
        whole.item_tags,
        whole.item_features,
        whole.communities[:, :20],
        item_related=related,
        item_fame=np.full(ITEMS, 5, dtype=np.float32),
    )
    model = UserModel.fit(few, seed=0)
    assert model.known
    assert model.settings.general
    known = profile({0: 4.0, 1: -4.0}, community=0)
    expected = model.means(model.posterior(known), 0)
    assert expected[np.arange(4, ITEMS, 4)].min() > expected[np.arange(5, ITEMS, 4)].max()
    drops = model.drops(model.posterior(known), np.arange(ITEMS, dtype=np.int32))
    without = model.means(model.posterior(known.without(0)), 0)
    np.testing.assert_allclose(drops[0], expected - without, atol=1e-5)
    assert not UserModel.fit(whole, seed=0).settings.general


def test_what_was_said_of_an_item_itself_grows_with_how_often_it_was_said(model):
    once, often = (model.posterior(profile({0: 4.0, 5: weight})).own[1] for weight in (-1.0, -4.0))
    assert often < once < 0


@settings(max_examples=30)
@given(st.permutations([(0, 4.0), (5, -4.0), (9, 4.0), (5, 4.0), (0, -4.0)]), st.randoms())
def test_only_the_last_word_on_each_song_counts(events, random):
    """The state of reactions is a mapping: a twin delivered in between or an older word changes nothing."""
    model = _fitted()
    state: dict[int, float] = {}
    for item, weight in events:
        state[item] = weight
        if random.random() < 0.5:
            state[item] = weight
    shuffled = list(state.items())
    random.shuffle(shuffled)
    np.testing.assert_allclose(
        model.posterior(profile(dict(shuffled))).gaussian.mean, model.posterior(profile(state)).gaussian.mean
    )


def _fitted(made: list[UserModel] = []) -> UserModel:  # noqa: B006 - one fit for all examples
    if not made:
        made.append(UserModel.fit(world(friends()), seed=0))
    return made[0]


def test_what_others_disliked_after_hearing_it_comes_after_what_nobody_was_asked_about():
    """An item that ten liked and sixty disliked is worse than one that ten liked and five disliked."""
    rng = np.random.default_rng(3)
    told = rng.random((PEOPLE, ITEMS)) < 0.3
    likes = rng.random((PEOPLE, ITEMS)) < rng.uniform(0.1, 0.8, ITEMS)
    told[:, [0, 1]] = False
    for item, asked in ((0, 70), (1, 15)):
        told[:asked, item], likes[:asked, item] = True, np.arange(asked) < 10
    weights = csr_matrix(np.where(told, np.where(likes, 4.0, -4.0), 0).astype(np.float32))
    nothing = np.zeros((ITEMS, 0), np.float32)
    model = UserModel.fit(
        TrainingData(weights, csr_matrix((ITEMS, 1)), nothing, csr_matrix((0, PEOPLE))), seed=0
    )
    assert model.settings.silence is not None
    found = model.means(model.posterior(profile({})), None)
    assert found[1] > found[0] + 0.1
