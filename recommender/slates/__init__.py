"""Slates: made from what the log says of the users who ask, and brought back with names and verdicts."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recommender.bandit.policy import Policy
from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo
from recommender.pipeline import recommend
from recommender.pipeline.diversity import DEFAULT, SETTING
from recommender.pipeline.group_profile import together
from recommender.pipeline.user_profile import STALE, UserProfile
from recommender.request import Request
from recommender.slates.place_rules import with_place_rules
from recommender.snapshot import Snapshot
from recommender.types import VERDICTS, Explanation, Pick, Query, ServedSlate
from storage.decisions import Decisions
from storage.records import Impression, Kind, Slate, Subject
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
_MANY_USERS = 100  # from so many on there are people enough to say what fits somebody adventurous
_SESSION = 3600  # seconds from the first list on in which a user is new
# What the bandit is sure of has a propensity near 1, what it tries out one far below.
_EXPERIMENTING = ("bandit", "uniform")
_TRIED_OUT = 0.5


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
    request, dial = _request(store, snapshot, query, now)
    policy = policy if dial is None else policy.tuned(dial / DEFAULT)
    chosen = recommend(snapshot, request, policy, np.random.default_rng(seed))
    if not chosen:
        raise _nothing(query)
    impressions = [
        Impression(position, pick.subject, pick.propensity, pick.features, pick.explanation.to_json())
        for position, pick in enumerate(chosen)
    ]
    slate = Slate(
        user_id=query.user_id,
        community_id=query.community_id,
        query=query.to_json(),
        seed=seed,
        policy=policy.name,
        snapshot=snapshot.version,
        impressions=tuple(impressions),
        created_at=int(now),
    )
    reasons = [pick.explanation for pick in chosen]
    return slate, _named(store, slate, query, reasons, request.said[0].by_subject)


def _request(store: Store, snapshot: Snapshot, query: Query, now: float) -> tuple[Request, int | None]:
    """Return all that is known of who asks, and where the dial stands, None if it was never turned."""
    seen = store.log.shown_since(query.user_id, int(now) - STALE)
    kept = store.people.setting("user", query.user_id, SETTING)
    dial = None if kept is None else int(kept)
    first = Decisions(store.db).first_shown(query.user_id)
    profiles = [UserProfile.read(store.log.standing(user)) for user in (query.user_id, *query.others)]
    requests = [profile.request(snapshot, query, now, seen) for profile in profiles]
    request = together(requests) if query.others else requests[0]
    return replace(
        with_place_rules(store, snapshot, request),
        newcomer=first is None or now - first < _SESSION,
        adventurous=_dial(snapshot, query, dial),
    ), dial


def _dial(snapshot: Snapshot, query: Query, dial: int | None) -> int:
    """Return how adventurous the answer is to be; songs like a given song are to be like it.

    By default it is 0 until there are people enough to say what fits.
    """
    if query.seeds:
        return 0
    if dial is not None:
        return dial
    return DEFAULT if len(snapshot.artists.listening.users) >= _MANY_USERS else 0


def _nothing(query: Query) -> NothingToDo:
    if query.by:
        missing = NothingToDo(_MISSING[query.by])
        return NothingToDo("{} Leave out by:{} and I go by all that I know.", missing, query.by)
    wish = " ".join(query.tags or query.moods)
    return NothingToDo(_NOTHING_SUCH, wish) if wish else NothingToDo(_NOTHING_LEFT)


def serve(store: Store, slate: Slate, verdicts: Mapping[Subject, Kind]) -> ServedSlate:
    """Return a stored slate with names, the reasons it was made with, and a user's verdicts on its songs."""
    reasons = [Explanation.from_json(impression.explanation) for impression in slate.impressions]
    query = Query.from_json(slate.query, slate.user_id, slate.community_id)
    return _named(store, slate, query, reasons, verdicts)


def _named(
    store: Store, slate: Slate, query: Query, reasons: list[Explanation], verdicts: Mapping[Subject, Kind]
) -> ServedSlate:
    """Return a slate with the names of its songs, causes and seeds; not stored yet, it has the id 0."""
    subjects = [impression.subject for impression in slate.impressions]
    causes = [reason.cause for reason in reasons if reason.cause is not None]
    songs = songs_of(store, [*subjects, *causes, *query.seeds, *query.away])
    picks = [
        Pick(
            impression.position,
            songs[impression.subject],
            reason,
            songs.get(reason.cause) if reason.cause is not None else None,
            verdicts.get(impression.subject),
            slate.policy in _EXPERIMENTING and _tried_out(impression),
        )
        for impression, reason in zip(slate.impressions, reasons, strict=True)
        if impression.subject in songs
    ]
    seeds, away = (tuple(songs[s] for s in said if s in songs) for said in (query.seeds, query.away))
    return ServedSlate(slate.id or 0, query, tuple(picks), seeds, away)


def _tried_out(impression: Impression) -> bool:
    """Tell whether a song was an experiment; one only with the reason that is given for it does not count."""
    behind = impression.features.get("behind")
    return impression.propensity < _TRIED_OUT if behind is None else behind > 0


def verdicts_of(store: Store, user_id: int) -> dict[Subject, Kind]:
    """Return the verdict that stands on each subject the user has judged."""
    rows = store.log.standing(user_id, VERDICTS)
    return {Subject(artist_id, track_id): Kind(kind) for _, artist_id, track_id, kind, *_rest in rows}
