"""From a request to a slate: candidates, features, choice, reasons.  Pure: frozen things in, a list out.

Opinions are asked on both axes.  A track earns votes of its own and those of its artist; an artist of whom
no track is known stands for herself.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.adventure import apart, sunk
from recommender.arms import Opinionated, believed, compared
from recommender.explain import causes_of, explain
from recommender.fusion import RANK, Opinions, best, gather
from recommender.linalg import entries, ranges
from recommender.ordering import assorted, limited, mostly_new, numbered, one_version_each, ordered, places
from recommender.policy import Greedy, Policy
from recommender.request import Candidates, Request
from recommender.rewards import ABOUT
from recommender.scorers import Floats, Ints, Opinion
from recommender.snapshot import Axis, Snapshot
from recommender.types import Recommendation
from recommender.views import View, Views
from storage.records import Subject

_TOP_TRACKS, _TOP_ARTISTS = 200, 100  # how many each scorer may name
_CONSIDERED = 300  # the best candidates, among which the proportions of a taste are looked for
_POOL = 50  # of these, the candidates the policy chooses among, at least
_ASSORTED = 20  # candidates per place, of which a learning policy is given an assortment
_SONGS_OF_ARTIST = 4  # songs that an artist's vote lifts ...
_NEXT_SONG = 0.85  # ... each a little less than the one before
_WISH = 0.5  # the weight of how strongly an item carries the tags asked for
CARRIES = 0.1  # a tag counts as carried from this share of the item's strongest tag on

Mask = NDArray[np.bool_]


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
    causes = {
        **causes_of(snapshot.tracks, "tracks", request.tracks, candidates.tracks[rows]),
        **causes_of(snapshot.artists, "artists", request.artists, candidates.artists[rows]),
    }
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
                causes=causes,
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


def _views(snapshot: Snapshot, request: Request) -> Views:
    """Return what is believed of the listener; who asks for what is near something is not asked about."""
    return Views(None, None) if request.query.seeds else Views.of(snapshot, request)


def candidates_for(
    snapshot: Snapshot, request: Request, rng: np.random.Generator, views: Views | None = None
) -> Candidates:
    """Return everything that some scorer named and the listener may be shown, best first.

    `views`: of the same request, where somebody has worked them out.
    """
    views = views or _views(snapshot, request)
    songs_allowed, artists_allowed = _allowed(snapshot, request)
    seeded = bool(request.query.seeds)
    songs = gather(snapshot.tracks, request.tracks, songs_allowed, _TOP_TRACKS, rng, seeded=seeded)
    songs = _believed(songs, views.songs, songs_allowed, _TOP_TRACKS, rng)
    songs = _wished(songs, snapshot.tracks, songs_allowed, request.wishes, rng)
    artists = gather(snapshot.artists, request.artists, artists_allowed, _TOP_ARTISTS, rng, seeded=seeded)
    artists = _believed(artists, views.artists, artists_allowed, _TOP_ARTISTS, rng)
    artists = _wished(artists, snapshot.artists, artists_allowed, request.wishes, rng)
    tracks, owners, lifted = _songs_of(snapshot, artists, songs_allowed, request.shown_artists)

    # One row per pair of track (or -1) and artist; the pair as one number is its key.
    n_artists = len(snapshot.artists.items)
    by_track = songs.items.astype(np.int64) * n_artists + snapshot.track_artists[songs.items]
    by_artist = tracks.astype(np.int64) * n_artists + owners
    keys = np.union1d(by_track, by_artist)
    votes = np.zeros((len(keys), songs.votes.shape[1] + artists.votes.shape[1]), dtype=np.float32)
    votes[np.searchsorted(keys, by_track), : songs.votes.shape[1]] = songs.votes
    votes[np.searchsorted(keys, by_artist), songs.votes.shape[1] :] = lifted

    owner = keys % n_artists
    fused = votes.sum(axis=1)
    order = np.lexsort((rng.random(len(fused)), -fused))
    return Candidates(
        (keys // n_artists)[order].astype(np.int32),
        owner[order].astype(np.int32),
        np.column_stack([fused, fused, votes])[order].astype(np.float32),
        ("order", "fused", *(f"tracks.{n}" for n in songs.names), *(f"artists.{n}" for n in artists.names)),
    )


def _allowed(snapshot: Snapshot, request: Request) -> tuple[Mask, Mask]:
    """Tell for each track and each artist whether it may be shown."""
    songs = carries(snapshot.tracks, request.wishes)
    artists = carries(snapshot.artists, request.wishes)
    if request.wishes:  # one song from the nineties is enough to ask who likes its artist
        artists[snapshot.track_artists[songs]] = True
    artists[request.barred_artists] = False
    songs[snapshot.versions_of(request.barred_tracks)] = False
    near = np.array([seed.artist_id for seed in request.query.seeds], dtype=np.int64)
    seeds = snapshot.artists.items.columns(near)
    # Whoever is blocked is gone wherever they are credited; what is near an artist may well feature them.
    joint, features = snapshot.crediting(np.setdiff1d(request.barred_artists, seeds).astype(np.int32))
    artists[joint] = False
    songs[features] = False
    for artist in (*request.barred_artists.tolist(), *joint.tolist()):
        songs[snapshot.tracks_of(artist)] = False
    return songs, artists


def carries(axis: Axis, tags: tuple[int, ...]) -> Mask:
    """Tell for each item whether it carries all of these tag columns."""
    allowed = np.ones(len(axis.items), dtype=bool)
    for tag in tags:
        items, share = tag_shares(axis, tag)
        carrying = np.zeros(len(axis.items), dtype=bool)
        carrying[items[share >= CARRIES]] = True
        allowed &= carrying
    return allowed


def tag_shares(axis: Axis, tag: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the items with that tag, and the tag's weight as a share of each one's strongest."""
    tags = axis.item_tags
    where = np.flatnonzero(tags.indices == tag)
    items = np.searchsorted(tags.indptr, where, side="right") - 1
    row, _, weights = entries(tags, items.astype(np.int32))
    strongest = np.maximum.reduceat(weights, np.searchsorted(row, np.arange(len(items)))) if len(items) else 1
    return items, (tags.data[where] / strongest).astype(np.float32)


def _wished(
    opinions: Opinions, axis: Axis, allowed: Mask, wishes: tuple[int, ...], rng: np.random.Generator
) -> Opinions:
    """Add the opinion of the wish itself: who carries the tags most strongly."""
    if not wishes:
        return opinions
    strength = np.zeros(len(axis.items), dtype=np.float32)
    for tag in wishes:
        carriers, share = tag_shares(axis, tag)
        strength[carriers] += share
    carrying = np.flatnonzero(strength).astype(np.int32)
    wish = Opinion(len(strength), carrying, strength[carrying])
    named = best(wish, allowed, max(len(opinions.items), _POOL), rng)
    items: Ints = np.unique(np.concatenate([opinions.items, named]))
    votes = np.zeros((len(items), opinions.votes.shape[1] + 1), dtype=np.float32)
    votes[np.searchsorted(items, opinions.items), :-1] = opinions.votes
    votes[np.searchsorted(items, named), -1] = _WISH / (RANK + np.arange(len(named)))
    return Opinions(items, votes, (*opinions.names, "wish"))


def _believed(
    opinions: Opinions, view: View | None, allowed: Mask, n: int, rng: np.random.Generator
) -> Opinions:
    """Add what the beliefs expect most of, as candidates without a vote: `fused` is the scorers' alone."""
    if view is None:
        return opinions
    named = best(Opinion(len(view.axis.items), view.among, view.expected), allowed, n, rng)
    items: Ints = np.unique(np.concatenate([opinions.items, named]))
    votes = np.zeros((len(items), opinions.votes.shape[1]), dtype=np.float32)
    votes[np.searchsorted(items, opinions.items)] = opinions.votes
    return Opinions(items, votes, opinions.names)


def _songs_of(
    snapshot: Snapshot, artists: Opinions, songs_allowed: Mask, shown_artists: Ints
) -> tuple[Ints, Ints, Floats]:
    """Spread each artist's votes over her best-known songs that may be shown (-1: the artist herself)."""
    starts, ends = snapshot.artist_starts[artists.items], snapshot.artist_starts[artists.items + 1]
    at, rows = ranges(starts, ends)
    songs = snapshot.artist_tracks[at]
    rows, songs = rows[songs_allowed[songs]], songs[songs_allowed[songs]]
    place = places(rows)
    known = place < _SONGS_OF_ARTIST
    alone = np.flatnonzero((starts == ends) & ~np.isin(artists.items, shown_artists))
    rows = np.concatenate([rows[known], alone])
    tracks = np.concatenate([songs[known], np.full(len(alone), -1, dtype=np.int32)])
    factors = np.concatenate([_NEXT_SONG ** place[known], np.ones(len(alone))]).astype(np.float32)
    return tracks, artists.items[rows], artists.votes[rows] * factors[:, None]


def _subject(snapshot: Snapshot, candidates: Candidates, row: int) -> Subject:
    track = int(candidates.tracks[row])
    artist_id = int(snapshot.artists.items.ids[candidates.artists[row]])
    return Subject(artist_id, int(snapshot.tracks.items.ids[track]) if track >= 0 else None)
