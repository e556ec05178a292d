"""From a request to a slate: candidates, features, choice, reasons.  Pure: frozen things in, a list out.

Opinions are asked on both axes.  A track earns votes of its own and those of its artist; an artist of whom
no track is known stands for herself.
"""

import numpy as np

from recommender.bandit.arms import Opinionated, believed, compared
from recommender.bandit.policy import Greedy, Policy
from recommender.explain import explain
from recommender.pipeline.candidates import _POOL, _views, candidates_for
from recommender.pipeline.diversity import apart, sunk
from recommender.pipeline.ranking import (
    assorted,
    limited,
    mostly_new,
    numbered,
    one_version_each,
    ordered,
)
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot
from recommender.types import Recommendation
from recommender.user_model.reward_model import ABOUT
from storage.records import Subject

_CONSIDERED = 300  # the best candidates, among which the proportions of a taste are looked for
_ASSORTED = 20  # candidates per place, of which a learning policy is given an assortment


def recommend(
    snapshot: Snapshot, request: Request, policy: Policy, rng: np.random.Generator
) -> list[Recommendation]:
    """Return at most `request.query.n` recommendations, in the order they are shown."""
    views = _views(snapshot, request)
    candidates = one_version_each(snapshot, candidates_for(snapshot, request, rng, views))
    if believed(snapshot, request):
        return _by_reward(Opinionated(snapshot, request, views), candidates, policy, rng)
    candidates = limited(sunk(snapshot, request, candidates), _CONSIDERED)
    candidates = ordered(snapshot, request, candidates, max(_POOL, 2 * request.query.n))
    candidates = numbered(apart(snapshot, request, candidates, 2 * request.query.n))
    # Nothing is learned from this order, so nothing is tried out on it.
    chooser = Greedy() if policy.learns else policy
    rows, propensities = chooser.choose(candidates.features, request.query.n, rng)
    return [
        Recommendation(
            subject=_subject(snapshot, candidates, row),
            score=float(candidates.features[row, 1]),
            explanation=explain(
                snapshot,
                request.artists,
                request.tracks,
                int(candidates.artists[row]),
                int(candidates.tracks[row]),
                dict(zip(candidates.names[2:], candidates.features[row, 2:].tolist(), strict=True)),
                request.wishes,
            ),
            propensity=float(propensity),
            features=dict(zip(candidates.names, candidates.features[row].tolist(), strict=True)),
        )
        for row, propensity in zip(rows.tolist(), propensities.tolist(), strict=True)
    ]


def _by_reward(
    opinionated: Opinionated, candidates: Candidates, policy: Policy, rng: np.random.Generator
) -> list[Recommendation]:
    """Return what a policy chooses of songs with reasons, ordered by what each should earn.

    Every policy chooses among the same, so that the log of one can say what another would have earned.
    """
    snapshot, request = opinionated.snapshot, opinionated.request
    n = request.query.n
    candidates = mostly_new(snapshot, request, opinionated.ranked(candidates))
    candidates = assorted(snapshot, request, limited(candidates, _ASSORTED * n))
    arms = opinionated.arms(candidates)
    rows, propensities = policy.choose(
        arms.seen_by(policy), n, rng, groups=arms.candidate, careful=request.newcomer
    )
    others = compared(arms, rows, careful=request.newcomer)
    return [
        Recommendation(
            subject=_subject(snapshot, candidates, int(arms.candidate[arm])),
            score=float(arms.features[arm, 0]),
            explanation=opinionated.explanation(arms, arm, candidates),
            propensity=float(propensity),
            features=dict(zip(("expected", *ABOUT), arms.features[arm].tolist(), strict=True)) | would,
        )
        for arm, propensity, would in zip(rows.tolist(), propensities.tolist(), others, strict=True)
    ]


def _subject(snapshot: Snapshot, candidates: Candidates, row: int) -> Subject:
    track = int(candidates.tracks[row])
    artist_id = int(snapshot.artists.items.ids[candidates.artists[row]])
    return Subject(artist_id, int(snapshot.tracks.items.ids[track]) if track >= 0 else None)
