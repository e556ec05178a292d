"""The next song of a radio: from the stored facts to a slate of one song."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import Floats, Rows
from recommender.bandit.policy import POLICIES, Policy
from recommender.errors import NothingToDo
from recommender.explain import explain
from recommender.explain.wording import worded
from recommender.next_song.sequences import GAP, Item
from recommender.pipeline.diversity import DEFAULT
from recommender.pipeline.following import Moment, following
from recommender.pipeline.user_profile import UserProfile
from recommender.pipeline.wishes import narrowed
from recommender.request import Candidates, Request
from recommender.scorers import Profile
from recommender.slates import request_of
from recommender.slates.wish_facts import wish_facts
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Query
from storage.listening.listens import Listens
from storage.records import Impression, Kind, Slate, Subject
from storage.store import Store

_AMONG = 8  # candidates that a policy chooses among
_SPACING = 3  # songs between two of one artist, for users of whom no order of plays is known
_NOTHING_LEFT = "This radio has nothing left to play. /radio starts another one."
_PLAIN = ("start", "popular", "famous", "community")  # reasons that say less than what was just played


@dataclass(frozen=True, slots=True)
class Played:
    """A song that a radio has played, with what its listener said of it since."""

    subject: Subject
    verdict: Kind | None = None


@dataclass(frozen=True, eq=False)
class Upcoming:
    """The candidates of a moment, best first, and the request that they answer."""

    request: Request
    ranked: Candidates
    dial: int | None


def upcoming(
    store: Store,
    snapshot: Snapshot,
    query: Query,
    played: Sequence[Played],
    rng: np.random.Generator,
    *,
    now: float,
) -> Upcoming:
    """Return all songs that may come next, the likeliest first; `played` is what the radio has played."""
    request, dial = request_of(store, snapshot, query, now, known_too=True)
    subjects = [one.subject for one in played]
    tracks = _columns(snapshot, [*subjects, *query.seeds]).track  # whoever names a song knows it
    barred = np.union1d(request.barred_tracks, snapshot.versions_of(tracks[tracks >= 0])).astype(np.int32)
    request = narrowed(snapshot, replace(request, barred_tracks=barred), wish_facts(store, query.wish))
    moment = _moment(store, snapshot, query, played, now)
    ranked = following(snapshot, request, moment, rng)
    gone = {subject.artist_id for subject in subjects if subject.track_id is None}
    if gone:
        out = snapshot.artists.items.columns(np.array(sorted(gone), dtype=np.int64))
        ranked = ranked.some(~((ranked.tracks < 0) & np.isin(ranked.artists, out)))
    return Upcoming(request, ranked, dial)


def next_slate(
    store: Store,
    snapshot: Snapshot,
    policy: Policy,
    query: Query,
    played: Sequence[Played],
    *,
    seed: int,
    now: float,
) -> Slate:
    """Return the slate of the next song, without storing it; raise `NothingToDo` if nothing is left.

    The same facts, snapshot, policy and `seed` give the same slate.
    """
    rng = np.random.default_rng(seed)
    found = upcoming(store, snapshot, query, played, rng, now=now)
    likely = found.ranked.some(np.flatnonzero(found.ranked.fresh > 0)[:_AMONG])
    if not len(likely.tracks):
        raise NothingToDo(_NOTHING_LEFT)
    policy = policy if found.dial is None else policy.tuned(found.dial / DEFAULT)
    values = likely.fresh[:, None] / likely.fresh.max()
    rows, propensities = policy.choose(values, 1, rng, careful=found.request.newcomer)
    (subject,) = snapshot.subjects(likely.artists[rows], likely.tracks[rows])
    explanation = _reason(snapshot, found.request, played, likely.some(rows), subject)
    features = {"order": float(values[rows[0], 0]), "fused": float(likely.fused[rows[0]])}
    features |= _counterfactuals(values, rows, careful=found.request.newcomer)
    impression = Impression(0, subject, float(propensities[0]), features, explanation.to_json())
    asked = found.request.query
    return Slate(
        query.user_id,
        query.community_id,
        replace(asked, n=1).to_json(),
        seed,
        policy.name,
        snapshot.version,
        (impression,),
        int(now),
    )


def _counterfactuals(values: Floats, rows: Rows, *, careful: bool) -> dict[str, float]:
    """Return what every policy would have done: "odds.NAME", "value.NAME" and "behind", as lists log it."""
    groups = np.arange(len(values))
    said = {"behind": float(values[:, 0].max() - values[rows[0], 0])}
    for name, policy in POLICIES.items():
        (would,) = policy.would(values, values[:, 0], rows, groups=groups, careful=careful)
        said |= {f"odds.{name}": would.odds, f"value.{name}": would.value}
    return said


def _reason(
    snapshot: Snapshot, request: Request, played: Sequence[Played], chosen: Candidates, subject: Subject
) -> Explanation:
    """Return why a song comes: by taste where that says something, else that it comes well after the last."""
    (found,) = explain(snapshot, (request.artists, request.tracks), chosen, request.wishes)
    (reason,) = worded(snapshot, request, [(subject, found)])
    last = next((one.subject for one in reversed(played) if _stays(one)), None)
    if reason.kind in _PLAIN and snapshot.next_song is not None and last is not None:
        return Explanation("after", last)
    return reason


def _moment(store: Store, snapshot: Snapshot, query: Query, played: Sequence[Played], now: float) -> Moment:
    """Return the radio's moment: the seeds, what the user played in the last half hour, and its own songs."""
    since = int(now) - GAP
    listened = sorted(
        (at, artist, track) for artist, track, at, *_ in Listens(store.db).dated(query.user_id, since)
    )
    before = [Subject(artist, track if track >= 0 else None) for _, artist, track in listened]
    stay = [one.subject for one in played if _stays(one)]
    profile = store.profiles.made(query.user_id, UserProfile.read)
    artists, songs = profile.placed(snapshot).without(profile.said.blocked).rows(now)
    habits = bool(np.isfinite(profile.items.played_at).any())
    return Moment(
        _columns(snapshot, [*before, *query.seeds, *stay]),
        _columns(snapshot, [one.subject for one in played if one.verdict is Kind.LIKE]),
        _columns(snapshot, [one.subject for one in played if not _stays(one)]),
        Profile(*artists),
        Profile(*songs),
        # To hear an album through is a habit: whoever has told none gets different artists.
        _columns(snapshot, [] if habits else [one.subject for one in played[-_SPACING:]]).artist,
    )


def _stays(one: Played) -> bool:
    """Tell whether a song was neither skipped nor disliked, so that what follows it may come."""
    return one.verdict not in (Kind.SKIP, Kind.DISLIKE)


def _columns(snapshot: Snapshot, subjects: Sequence[Subject]) -> Item:
    """Return the columns of those subjects whose artist the snapshot knows, in order."""
    artists = snapshot.artists.items.columns(np.array([s.artist_id for s in subjects], dtype=np.int64))
    ids = np.array([-1 if s.track_id is None else s.track_id for s in subjects], dtype=np.int64)
    tracks = snapshot.tracks.items.columns(ids)
    known = artists >= 0
    return Item(artists[known].astype(np.int32), tracks[known].astype(np.int32))
