"""An ask: from what the listener's log says, through the pipeline, to a slate that is ready to be stored."""

from dataclasses import replace

import numpy as np

from recommender.communities import housed
from recommender.errors import NothingToDo
from recommender.facets import narrowed, with_company
from recommender.groups.together import together
from recommender.moods import among_mood, among_rare, described
from recommender.pipeline import recommend
from recommender.policy import Policy
from recommender.serving import serve
from recommender.snapshot import Snapshot
from recommender.taste import Taste
from recommender.types import Query, Recommendation, ServedSlate
from storage.decisions import Decisions
from storage.records import Impression, Slate
from storage.store import Store

_MISSING = {
    "sound": "I do not know how that sounds: nobody has given me its audio features.",
    "words": "I do not know how that is described.",
    "listeners": "Too few people here listen to that for me to tell what goes with it.",
}
_JUST_SHOWN = 24 * 3600  # seconds for which a song does not come twice, unless nothing else is left
_SESSION = 3600  # seconds from the first list on in which somebody is new


def make_slate(
    store: Store, snapshot: Snapshot, policy: Policy, query: Query, *, seed: int, now: float
) -> Slate:
    """Return the slate that answers `query` at `now` (seconds since 1970), not stored yet.

    The same facts, snapshot, policy and `seed` give the same slate.  Raises `NothingToDo` where nothing fits.
    """
    return answer(store, snapshot, policy, query, seed=seed, now=now)[0]


def answer(
    store: Store, snapshot: Snapshot, policy: Policy, query: Query, *, seed: int, now: float
) -> tuple[Slate, ServedSlate]:
    """Return what `make_slate` does, and the same with names: one read for both."""
    tastes = [Taste.read(store.log.standing(user_id)) for user_id in (query.user_id, *query.others)]
    chosen = _choose(store, snapshot, policy, query, tastes, seed, now)
    slate = _slate(snapshot, policy, query, chosen, seed, now)
    return slate, serve(store, slate, tastes[0].verdicts)


def _slate(
    snapshot: Snapshot, policy: Policy, query: Query, chosen: list[Recommendation], seed: int, now: float
) -> Slate:
    if not chosen:
        wish = " ".join(query.tags or query.moods)
        if query.by:
            raise NothingToDo(f"{_MISSING[query.by]} Leave out by:{query.by} and I go by all that I know.")
        raise NothingToDo(
            f"I have nothing new that is {wish}. Try fewer words, or another mood or genre."
            if wish
            else "I have nothing left to show you today. Import music with `segue import`, or /skip less."
        )
    impressions = [
        Impression(position, pick.subject, pick.propensity, pick.features, pick.explanation.to_json())
        for position, pick in enumerate(chosen)
    ]
    return Slate(
        user_id=query.user_id,
        community_id=query.community_id,
        query=query.to_json(),
        seed=seed,
        policy=policy.name,
        snapshot=snapshot.version,
        impressions=tuple(impressions),
        created_at=int(now),
    )


def _choose(
    store: Store,
    snapshot: Snapshot,
    policy: Policy,
    query: Query,
    tastes: list[Taste],
    seed: int,
    now: float,
) -> list[Recommendation]:
    shown = store.log.recently_shown(query.user_id, int(now) - _JUST_SHOWN)
    heard = narrowed(snapshot, query.by)
    first = Decisions(store.db).first_shown(query.user_id)
    newcomer = first is None or now - first < _SESSION
    chosen: list[Recommendation] = []
    # A small catalogue runs out of what was not just shown: better again than nothing.
    for avoid in (shown, []):
        rng = np.random.default_rng(seed)
        asked = together([taste.request(snapshot, query, avoid, now) for taste in tastes])
        asked = replace(housed(store, snapshot, asked), newcomer=newcomer)
        if query.moods:
            asked = among_mood(snapshot, asked, query.moods)
        if query.rare:
            asked = among_rare(snapshot, asked)
        chosen = recommend(heard, asked, policy, rng)
        if len(chosen) >= query.n or not shown:
            break
    if query.moods:
        return [replace(pick, explanation=described(snapshot, pick, query.moods)) for pick in chosen]
    if query.seeds:
        return [replace(pick, explanation=with_company(snapshot, pick)) for pick in chosen]
    return [replace(pick, explanation=tastes[0].told(pick.explanation)) for pick in chosen]
