"""Slates: made from the log of the users who ask, and returned with names and verdicts."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.bandit.policy import Policy
from recommender.catalog.household import household_names
from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo
from recommender.pipeline import recommend
from recommender.pipeline.by_features import near_features
from recommender.pipeline.by_sound import POLICY as SOUND
from recommender.pipeline.by_sound import Clip, sounding_alike
from recommender.pipeline.diversity import DEFAULT, SETTING
from recommender.pipeline.group_profile import together
from recommender.pipeline.user_profile import STALE, UserProfile
from recommender.pipeline.wishes import narrowed
from recommender.request import Request
from recommender.slates.fresh_members import with_fresh_members
from recommender.slates.place_rules import disclosed_to_readers, with_place_rules
from recommender.slates.weekly import WEEKLY, weekly
from recommender.slates.wish_facts import wish_facts
from recommender.snapshot import Snapshot
from recommender.types import VERDICTS, Explanation, Listener, Pick, Query, ServedSlate
from storage.catalogue.related import RelatedArtists
from storage.records import Impression, Kind, Slate, Subject
from storage.store import Store

_MISSING = {
    "sound": "I do not know how that sounds: nobody has given me its audio features.",
    "words": "I do not know how that is described.",
    "listeners": "Too few people here listen to that, so I can't tell what goes with it.",
}
_NO_FEATURES = "I know no other songs by these audio features. `segue import` brings a table of them."
_NOTHING_SUCH = "I have nothing new that is {}. Try fewer words, or another mood or genre."
_NOTHING_LEFT = (
    "I have nothing left to show you today. /add a song, /import what you heard, or ask again tomorrow."
)
_STRONGEST = 50  # likes whose similar artists are looked up
_MANY_USERS = 100  # with so many users there is enough data to be adventurous
_SESSION = 3600  # seconds from the first slate on in which a user counts as new
# Exploitation has a propensity near 1, exploration one far below.
_EXPERIMENTING = ("bandit", "uniform")
_TRIED_OUT = 0.5
_PLAIN = Explanation("start")
_NOTHING: Ints = np.zeros(0, dtype=np.int32)


def make_slate(
    store: Store, snapshot: Snapshot, policy: Policy, query: Query, *, seed: int, now: float
) -> Slate:
    """Return the slate for `query` at `now` (seconds since 1970), without storing it.

    The same facts, snapshot, policy and `seed` give the same slate. Raises `NothingToDo` without
    candidates.
    """
    return answer(store, snapshot, policy, query, seed=seed, now=now)[0]


def answer(
    store: Store,
    snapshot: Snapshot,
    policy: Policy,
    query: Query,
    *,
    seed: int,
    now: float,
    sound: Floats | None = None,
    features: Floats | None = None,
) -> tuple[Slate, ServedSlate]:
    """Return the slate as `make_slate` does, and the same with names, from a single read.

    `sound`: the vector of a clip that the songs should sound like. `features`: tracks x audio features,
    NaN where unknown, which a query by features needs.
    """
    request, dial = request_of(store, snapshot, query, now)
    if query.wish or query.artists:
        request = narrowed(snapshot, request, wish_facts(store, query.wish))
        query = request.query
    policy = policy if dial is None else policy.tuned(dial / DEFAULT)
    if query.heard:
        chosen = sounding_alike(snapshot, request, Clip(query.heard, sound))
    elif query.occasion == WEEKLY:
        chosen = weekly(store, snapshot, request, policy, np.random.default_rng(seed), now)
    elif query.features:
        chosen = near_features(snapshot, request, _table(features))
    else:
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
        policy=SOUND if query.heard or query.features else policy.name,
        snapshot=snapshot.version,
        impressions=tuple(impressions),
        created_at=int(now),
    )
    reasons = [pick.explanation for pick in chosen]
    return slate, _named(store, slate, query, reasons, request.said[0].by_subject)


def request_of(
    store: Store, snapshot: Snapshot, query: Query, now: float, *, known_too: bool = False
) -> tuple[Request, int | None]:
    """Return the request with all data about its users, and their diversity setting, None if never set.

    `known_too`: songs that the user knows already may come, but for those disliked or skipped.
    """
    seen = store.slates.shown_since(query.user_id, int(now) - STALE)
    kept = store.people.setting("user", query.user_id, SETTING)
    dial = None if kept is None else int(kept)
    first = store.slates.first_shown(query.user_id)
    profiles = [store.profiles.made(user, UserProfile.read) for user in (query.user_id, *query.others)]
    requests = [profile.request(snapshot, query, now, seen) for profile in profiles]
    request = together(requests) if query.others else requests[0]
    if known_too:
        request = replace(request, barred_tracks=_refused(snapshot, request), barred_alone=_NOTHING)
    return replace(
        with_fresh_members(store, snapshot, with_place_rules(store, snapshot, request), now),
        disclosure=disclosed_to_readers(store, query),
        arrived=_arrived(store, snapshot, request),
        household=_household(store, snapshot, request),
        newcomer=first is None or now - first < _SESSION,
        adventurous=_dial(snapshot, query, dial),
    ), dial


def _refused(snapshot: Snapshot, request: Request) -> Ints:
    """Return the tracks that a user of the request dislikes or has skipped, ascending."""
    refused = [
        subject.track_id
        for said in request.said
        for subject, kind in said.by_subject.items()
        if kind is not Kind.LIKE and subject.track_id is not None
    ]
    columns = np.unique(snapshot.tracks.items.columns(np.array(refused, dtype=np.int64)))
    return columns[columns >= 0].astype(np.int32)


def _arrived(store: Store, snapshot: Snapshot, request: Request) -> Ints:
    """Return the artists that came in because of what the users like; none for a particular wish."""
    query, likes = request.query, request.artists.liked
    if query.seeds or query.tags or query.wish or query.artists:
        return np.zeros(0, dtype=np.int32)
    strongest = likes.items[np.argsort(-likes.weights, kind="stable")[:_STRONGEST]]
    artists = snapshot.artists.items
    found = RelatedArtists(store.db).arrived(artists.ids[strongest].tolist())
    columns = artists.columns(np.array(found, dtype=np.int64))
    return np.sort(columns[columns >= 0]).astype(np.int32)


def _household(store: Store, snapshot: Snapshot, request: Request) -> Ints:
    """Return the columns of household names, for users of whom nothing is known."""
    if not request.says_nothing:
        return request.household
    columns = snapshot.artists.items.columns(np.array(household_names(store), dtype=np.int64))
    return columns[columns >= 0].astype(np.int32)


def _dial(snapshot: Snapshot, query: Query, dial: int | None) -> int:
    """Return the diversity of the slate; 0 for tracks similar to a given one.

    The default is 0 until there are enough users, `_MANY_USERS`.
    """
    if query.seeds:
        return 0
    if dial is not None:
        return dial
    return DEFAULT if len(snapshot.artists.listening.users) >= _MANY_USERS else 0


def _table(features: Floats | None) -> Floats:
    if features is None:
        raise ValueError("a query by features needs the features of all tracks")
    return features


def _nothing(query: Query) -> NothingToDo:
    if query.features:
        return NothingToDo(_NO_FEATURES)
    if query.by:
        missing = NothingToDo(_MISSING[query.by])
        return NothingToDo("{} Leave out by:{} and I go by all that I know.", missing, query.by)
    wish = " ".join(query.tags or [part.value for part in (*query.wish, *query.dropped)])
    return NothingToDo(_NOTHING_SUCH, wish) if wish else NothingToDo(_NOTHING_LEFT)


def serve(store: Store, slate: Slate, verdicts: Mapping[Subject, Kind]) -> ServedSlate:
    """Return a stored slate with names, its explanations, and a user's verdicts on its tracks.

    An explanation that names something its readers must not see (any more) is left out.
    """
    query = Query.from_json(slate.query, slate.user_id, slate.community_id)
    disclosure = disclosed_to_readers(store, query)
    stored = (Explanation.from_json(impression.explanation) for impression in slate.impressions)
    reasons = [_PLAIN if disclosure.hides(reason) and not query.seeds else reason for reason in stored]
    return _named(store, slate, query, reasons, verdicts)


def shown_here(store: Store, listener: Listener, slate_id: int | None) -> ServedSlate:
    """Return a slate, None for the newest shown here, with this user's verdicts; see `MusicService.slate`."""
    if slate_id is None:
        slate = store.slates.last(listener.user_id, listener.community_id)
    else:
        slate = store.slates.get(slate_id)
    if slate is None:
        raise NothingToDo("There is no list of songs yet. Type /recommend to get one.")
    served = serve(store, slate, verdicts_of(store, listener.user_id))
    here = listener.community_id
    tells = slate.user_id == listener.user_id if here is None else slate.community_id == here
    return served if tells else anonymous(served)


def anonymous(slate: ServedSlate) -> ServedSlate:
    """Return a slate without explanations, which only its user may see."""
    plain = tuple(replace(pick, explanation=_PLAIN, cause=None) for pick in slate.picks)
    return replace(slate, picks=plain)


def _named(
    store: Store, slate: Slate, query: Query, reasons: list[Explanation], verdicts: Mapping[Subject, Kind]
) -> ServedSlate:
    """Return a slate with the names of its tracks, causes and seeds; an unstored one has id 0."""
    subjects = [impression.subject for impression in slate.impressions]
    causes = [reason.cause for reason in reasons if reason.cause is not None]
    songs = songs_of(store, [*subjects, *causes, *query.seeds, *query.away, *query.artists])
    picks = [
        Pick(
            impression.position,
            songs[impression.subject],
            reason,
            songs.get(reason.cause) if reason.cause is not None else None,
            verdicts.get(impression.subject),
            slate.policy in _EXPERIMENTING and _tried_out(impression),
            impression.propensity,
        )
        for impression, reason in zip(slate.impressions, reasons, strict=True)
        if impression.subject in songs
    ]
    said = (query.seeds, query.away, query.artists)
    named = (tuple(songs[subject] for subject in some if subject in songs) for some in said)
    seeds, away, artists = named
    return ServedSlate(slate.id or 0, query, tuple(picks), seeds, away, artists, slate.policy, slate.snapshot)


def _tried_out(impression: Impression) -> bool:
    """Tell whether a track was an experiment; an experiment with its explanation alone does not count."""
    behind = impression.features.get("behind")
    return impression.propensity < _TRIED_OUT if behind is None else behind > 0


def verdicts_of(store: Store, user_id: int) -> dict[Subject, Kind]:
    """Return the user's standing verdict on each judged subject."""
    rows = store.log.standing(user_id, VERDICTS)
    return {Subject(artist_id, track_id): Kind(kind) for _, artist_id, track_id, kind, *_rest in rows}
