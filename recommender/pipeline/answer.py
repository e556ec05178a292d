"""An ask: from what the listener's log says, through the pipeline, to a slate that is ready to be stored."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recommender.bandit.policy import Policy
from recommender.errors import NothingToDo
from recommender.explain.overlap import with_company
from recommender.pipeline import recommend
from recommender.pipeline.diversity import DEFAULT, SETTING
from recommender.pipeline.filters import among_mood, among_rare, described
from recommender.pipeline.group_profile import together
from recommender.pipeline.place_rules import housed
from recommender.pipeline.slates import serve
from recommender.pipeline.user_profile import Taste
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Query, Recommendation, ServedSlate
from storage.decisions import Decisions
from storage.records import Impression, Slate, Subject
from storage.store import Store

_MISSING = {
    "sound": "I do not know how that sounds: nobody has given me its audio features.",
    "words": "I do not know how that is described.",
    "listeners": "Too few people here listen to that for me to tell what goes with it.",
}
_NOTHING_SUCH = "I have nothing new that is {}. Try fewer words, or another mood or genre."
_NOTHING_LEFT = (
    "I have nothing left to show you today. /add a song, /import what you heard, or ask again tomorrow."
)
_JUST_SHOWN = 24 * 3600  # seconds for which a song does not come twice, unless nothing else is left
_STALE = 7 * 24 * 3600  # after that it may, and sinks less and less
_FORGOTTEN = 2 * 24 * 3600.0  # half of that is gone after so many seconds
_MANY_LISTENERS = 100
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
            missing = NothingToDo(_MISSING[query.by])
            raise NothingToDo("{} Leave out by:{} and I go by all that I know.", missing, query.by)
        if wish:
            raise NothingToDo(_NOTHING_SUCH, wish)
        raise NothingToDo(_NOTHING_LEFT)
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
    seen = store.log.shown_since(query.user_id, int(now) - _STALE)
    shown = [subject for subject, at in seen.items() if now - at < _JUST_SHOWN]
    heard = snapshot.only_by(query.by)
    kept = store.people.setting("user", query.user_id, SETTING)
    policy = policy if kept is None else policy.tuned(int(kept) / DEFAULT)
    first = Decisions(store.db).first_shown(query.user_id)
    newcomer = first is None or now - first < _SESSION
    chosen: list[Recommendation] = []
    # A small catalogue runs out of what was not just shown: better again than nothing.
    for avoid in (shown, []):
        rng = np.random.default_rng(seed)
        asked = together([taste.request(snapshot, query, avoid, now) for taste in tastes])
        asked = replace(
            housed(store, snapshot, asked),
            newcomer=newcomer,
            stale=_stale(snapshot, seen, now),
            adventurous=_dial(store, snapshot, query),
        )
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
    return [replace(pick, explanation=_told(tastes, pick)) for pick in chosen]


def _told(tastes: list[Taste], pick: Recommendation) -> Explanation:
    told = tastes[0].told(pick.explanation, pick.subject)
    cause = told.cause
    return replace(told, played=cause is not None and not any(taste.likes(cause) for taste in tastes))


def _stale(snapshot: Snapshot, seen: Mapping[Subject, int], now: float) -> Profile:
    """Return the songs shown lately with what is left of their scores: half of it at once, all in the end."""
    at = {subject.track_id: when for subject, when in seen.items() if subject.track_id is not None}
    columns = snapshot.tracks.items.columns(np.array(list(at), dtype=np.int64))
    ages = now - np.array(list(at.values()), dtype=np.float64)
    order = np.argsort(columns)
    order = order[columns[order] >= 0]
    left = 1 - 0.5 * np.exp2(-np.maximum(ages[order], 0) / _FORGOTTEN)  # a clock may be set back
    return Profile(columns[order].astype(np.int32), left.astype(np.float32))


def _dial(store: Store, snapshot: Snapshot, query: Query) -> int:
    """Return how adventurous the answer is to be; what is like a given song is to be like it.

    Who has not said so is led astray only where there are people enough to say what fits.
    """
    if query.seeds:
        return 0
    kept = store.people.setting("user", query.user_id, SETTING)
    if kept is not None:
        return int(kept)
    return DEFAULT if len(snapshot.artists.listening.users) >= _MANY_LISTENERS else 0
