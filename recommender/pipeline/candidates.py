"""Candidates: every song and artist that some scorer names and the user may be shown."""

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.bandit.posterior import View, Views
from recommender.linalg import ranges
from recommender.pipeline.eligibility import eligible
from recommender.pipeline.fusion import RANK, Opinions, best, gather
from recommender.pipeline.ranking import places
from recommender.request import Candidates, Request
from recommender.scorers import Opinion
from recommender.snapshot import Axis, Snapshot, carries, tag_shares


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
    known, credited = eligible(snapshot, request)
    songs &= known
    artists &= credited
    artists[request.barred_artists] = False
    songs[snapshot.versions_of(request.barred_tracks)] = False
    for artist in request.barred_artists.tolist():
        songs[snapshot.tracks_of(artist)] = False
    return songs, artists


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


_TOP_TRACKS, _TOP_ARTISTS = 200, 100  # how many each scorer may name
_POOL = 50  # of these, the candidates the policy chooses among, at least
_SONGS_OF_ARTIST = 4  # songs that an artist's vote lifts ...
_NEXT_SONG = 0.85  # ... each a little less than the one before
_WISH = 0.5  # the weight of how strongly an item carries the tags asked for
