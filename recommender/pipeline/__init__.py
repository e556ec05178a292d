"""Pipeline: from a request to a slate, one step after the other.  Pure: frozen things in, a list out.

    posterior -> candidates -> not just shown -> ranking -> choice by the policy -> reasons

With a population to go by and one user who asks, the ranking is by expected reward and the policy chooses
among songs with reasons (`recommender.bandit.arms`); else it is by fused votes and reasons follow. While too
few people teach the votes, and the user disliked something, what is generally known of artists says what to
expect of each, and the votes only which of an artist's songs comes first.
"""

import numpy as np

from recommender.bandit.arms import ArmBuilder, counterfactuals
from recommender.bandit.policy import Greedy, Policy
from recommender.bandit.posterior import Posteriors
from recommender.explain import explain
from recommender.explain.wording import worded
from recommender.pipeline.candidates import POOL, by_expected, candidates_for
from recommender.pipeline.diversity import diversified, held_back, opening
from recommender.pipeline.ranking import (
    assorted,
    in_proportion,
    limited,
    mostly_new,
    not_just_shown,
    numbered,
    one_version_each,
)
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot
from recommender.types import Recommendation
from recommender.user_model.reward_model import ABOUT

_CONSIDERED = 300  # the best candidates, among which the proportions of a taste are looked for
_ASSORTED = 20  # candidates per place, of which a learning policy is given an assortment


def recommend(
    snapshot: Snapshot, request: Request, policy: Policy, rng: np.random.Generator
) -> list[Recommendation]:
    """Return at most `request.query.n` recommendations, in the order they are shown."""
    heard = snapshot.only_by(request.query.by)
    posteriors = Posteriors.of(heard, request)
    candidates = candidates_for(heard, request, posteriors, rng)
    candidates = not_just_shown(request, one_version_each(heard, candidates))
    if posteriors.may_rank(request):
        if request.says_nothing and request.artists.community is None:  # else the community leads
            candidates = limited(
                opening(heard, request, candidates, 3 * request.query.n), 3 * request.query.n
            )
        picks = _by_reward(heard, request, posteriors, candidates, policy, rng)
    else:
        expected = posteriors.by_general_knowledge(request)
        candidates = candidates if expected is None else by_expected(candidates, expected)
        picks = _by_votes(heard, request, candidates, policy, rng)
    reasons = worded(snapshot, request, [(pick.subject, pick.explanation) for pick in picks])
    return [pick._replace(explanation=reason) for pick, reason in zip(picks, reasons, strict=True)]


def _by_votes(
    snapshot: Snapshot, request: Request, candidates: Candidates, policy: Policy, rng: np.random.Generator
) -> list[Recommendation]:
    """Return what a policy chooses by the fused votes, with the reasons of the scorers."""
    n = request.query.n
    candidates = held_back(snapshot, request, candidates)
    candidates = candidates if request.says_nothing else limited(candidates, _CONSIDERED)
    leads = request.artists.community is None or not snapshot.artists.people.any()
    if request.says_nothing and leads and len(candidates.tracks):
        candidates = opening(snapshot, request, candidates, 2 * n)
    else:
        candidates = in_proportion(snapshot, request, candidates, max(POOL, 2 * n))
        candidates = diversified(snapshot, request, candidates, 2 * n)
    candidates = numbered(candidates)
    # Nothing is learned from this order, so nothing is tried out on it.
    chooser = Greedy() if policy.learns else policy
    rows, propensities = chooser.choose(candidates.place[:, None], n, rng)
    chosen = candidates.some(rows)
    reasons = explain(snapshot, (request.artists, request.tracks), chosen, request.wishes)
    logged = np.column_stack([chosen.place, chosen.fused, chosen.fresh, chosen.votes]).tolist()
    names = ("order", "fused", "fresh", *chosen.names)
    return [
        Recommendation(subject, fresh, reason, propensity, dict(zip(names, row, strict=True)))
        for subject, fresh, reason, propensity, row in zip(
            snapshot.subjects(chosen.artists, chosen.tracks),
            chosen.fresh.tolist(),
            reasons,
            propensities.tolist(),
            logged,
            strict=True,
        )
    ]


def _by_reward(
    snapshot: Snapshot,
    request: Request,
    posteriors: Posteriors,
    candidates: Candidates,
    policy: Policy,
    rng: np.random.Generator,
) -> list[Recommendation]:
    """Return what a policy chooses of songs with reasons, ordered by what each should earn.

    Every policy chooses among the same, so that the log of one can say what another would have earned.
    """
    builder, n = ArmBuilder(snapshot, request, posteriors), request.query.n
    candidates = mostly_new(snapshot, request, builder.ranked(candidates))
    candidates = assorted(snapshot, request, limited(candidates, _ASSORTED * n))
    arms = builder.arms(candidates)
    rows, propensities = policy.choose(
        arms.seen_by(policy), n, rng, groups=arms.candidate, careful=request.newcomer
    )
    others = counterfactuals(arms, rows, careful=request.newcomer)
    names, chosen = ("expected", *ABOUT), arms.candidate[rows]
    return [
        Recommendation(
            subject,
            about[0],
            arms.explanation(arm),
            propensity,
            dict(zip(names, about, strict=True)) | would,
        )
        for arm, subject, about, propensity, would in zip(
            rows.tolist(),
            snapshot.subjects(candidates.artists[chosen], candidates.tracks[chosen]),
            arms.features[rows].tolist(),
            propensities.tolist(),
            others,
            strict=True,
        )
    ]
