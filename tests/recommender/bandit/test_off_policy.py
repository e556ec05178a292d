"""What another policy would have earned: right where the truth is known, and silent where it cannot be."""

import gzip

import numpy as np
import pytest

from recommender.bandit import off_policy
from recommender.bandit.off_policy import Logged
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError

ARMS = 10


def simulated(n, seed, people=None):
    """Ten arms with known likes, an exploring log, a candidate that prefers others, and the truth."""
    rng = np.random.default_rng(seed)
    likes = np.linspace(0.5, 0.2, ARMS)
    logging = np.full(ARMS, 0.05) + 0.5 * (np.arange(ARMS) == 3)
    candidate = np.full(ARMS, 0.04) + 0.6 * (np.arange(ARMS) == 0)
    arms = rng.choice(ARMS, n, p=logging)
    rewards = (rng.random(n) < likes[arms]).astype(float)
    whose = np.arange(n) if people is None else rng.integers(people, size=n)
    logged = Logged(rewards, logging[arms], candidate[arms], whose)
    return logged, float(candidate @ likes), likes, arms, candidate


def served(n, seed):
    """Places as the product fills them: thirty songs, expected more or less rightly, some experiments."""
    rng = np.random.default_rng(seed)
    log = [], [], []
    truth = []
    for _ in range(n):
        likes = rng.beta(2, 4, size=30)
        expected = (likes + rng.normal(0, 0.1, size=30)).astype(np.float32)[:, None]
        rows, propensities = POLICIES["bandit"].choose(expected, 1, rng)
        odds = POLICIES["certain"].odds(expected)
        truth.append(float(odds @ likes))
        found = rng.random() < likes[rows[0]], propensities[0], odds[rows[0]]
        for column, value in zip(log, found, strict=True):
            column.append(float(value))
    return Logged(*map(np.array, log), np.arange(n)), float(np.mean(truth))


def error_of(estimator, n, runs=200):
    found = [simulated(n, seed) for seed in range(runs)]
    return float(np.mean([estimator(f) for f in found])), found[0][1]


@pytest.mark.parametrize(("n", "most"), [(300, 0.08), (1000, 0.04)])
def test_snips_finds_the_truth_on_simulated_logs(n, most):
    errors = []
    for seed in range(30):
        logged, truth = served(n, seed)
        errors.append(abs(off_policy.snips(logged).value - truth) / truth)
    assert np.mean(errors) <= most


def test_snips_is_right_on_average_where_the_candidate_is_another_altogether():
    mean, truth = error_of(lambda f: off_policy.snips(f[0]).value, 1000)
    assert abs(mean - truth) / truth <= 0.02


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(400):
        logged, truth, *_ = simulated(1000, seed)
        estimate = off_policy.snips(logged)
        held += estimate.low <= truth <= estimate.high
    assert 0.92 <= held / 400 <= 0.98


def test_ips_is_right_on_average_and_clipping_never_raises_it():
    mean, truth = error_of(lambda f: off_policy.ips(f[0]).value, 500)
    assert abs(mean - truth) / truth < 0.02
    logged = simulated(500, 1)[0]
    assert off_policy.clipped_ips(logged, 2.0).value <= off_policy.ips(logged).value


def test_doubly_robust_with_the_true_model_is_calmer_than_ips():
    spread = {"ips": [], "dr": []}
    for seed in range(100):
        logged, truth, likes, arms, candidate = simulated(500, seed)
        spread["ips"].append(off_policy.ips(logged).value - truth)
        value = np.full(500, candidate @ likes)
        spread["dr"].append(off_policy.doubly_robust(logged, likes[arms], value).value - truth)
    assert np.std(spread["dr"]) < np.std(spread["ips"])
    assert abs(np.mean(spread["dr"])) < 0.02


def test_many_decisions_of_few_people_are_worth_less():
    rng = np.random.default_rng(0)
    mood = rng.random(20) < 0.5
    whose = rng.integers(20, size=2000)
    logged = Logged(mood[whose].astype(float), np.ones(2000), np.ones(2000), whose)
    alone = logged._replace(people=np.arange(2000))
    wide, narrow = off_policy.on_policy(logged), off_policy.on_policy(alone)
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)


def test_the_effective_size_is_all_of_it_for_the_policy_that_ran():
    logged = simulated(300, 0)[0]
    assert off_policy.effective(logged._replace(candidate=logged.propensities)) == pytest.approx(300)
    assert off_policy.effective(logged) < 200


def test_no_verdict_below_a_thousand_decisions():
    verdict = off_policy.verdict(simulated(999, 0)[0])
    assert not verdict.promote
    assert verdict.reason == "999 decisions with a reaction; a verdict needs 1000"


def test_a_clearly_better_policy_is_promoted_and_a_worse_one_is_not():
    logged = simulated(5000, 0)[0]
    assert off_policy.verdict(logged).promote
    worst = logged._replace(candidate=logged.propensities * (1 - logged.rewards))
    assert not off_policy.verdict(worst).promote


def test_a_log_with_an_impossible_propensity_is_refused():
    with pytest.raises(EvaluationError, match="impossible"):
        off_policy.ips(Logged(np.ones(2), np.array([0.0, 1]), np.ones(2), np.arange(2)))


def test_thompson_sampling_is_estimated_from_the_uniform_log(shared_data):
    """Open Bandit Data: 10,000 uniform impressions say what the other policy earned, within the interval."""
    estimate, truth = open_bandit(shared_data / "open-bandit-men")
    assert truth == pytest.approx(0.0069)
    assert estimate.low <= truth <= estimate.high


def open_bandit(folder):
    """Return what SNIPS says of Bernoulli Thompson sampling by the uniform log, and what that earned."""
    uniform, thompson = (_impressions(folder / f"{name}.csv.gz") for name in ("random", "bts"))
    # How often Bernoulli Thompson sampling shows each item in each position, as its own log has it.
    chosen: dict[tuple[int, int], float] = {}
    for position, item, _, _ in thompson:
        chosen[position, item] = chosen.get((position, item), 0.0) + 1
    per_position = {p: sum(n for (q, _), n in chosen.items() if q == p) for p, *_ in thompson}
    candidate = [chosen.get((p, item), 0.0) / per_position[p] for p, item, _, _ in uniform]
    logged = Logged(
        np.array([click for *_, click, _ in uniform]),
        np.array([propensity for *_, propensity in uniform]),
        np.array(candidate),
        np.arange(len(uniform)),
    )
    truth = float(np.mean([click for *_, click, _ in thompson]))
    return off_policy.snips(logged), truth


def _impressions(path):
    """Return (position, item, click, propensity) per row."""
    with gzip.open(path, "rt") as file:
        header = file.readline().rstrip("\n").split(",")
        at = [header.index(name) for name in ("position", "item_id", "click", "propensity_score")]
        rows = [line.rstrip("\n").split(",") for line in file]
    return [(int(r[at[0]]), int(r[at[1]]), float(r[at[2]]), float(r[at[3]])) for r in rows]
