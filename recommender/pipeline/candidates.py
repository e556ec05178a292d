"""Candidates: every song and artist that some scorer names and the user may be shown.

Opinions are asked on both axes.  A track earns votes of its own and those of its artist; an artist without a
known track stands alone.
"""

from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.bandit.posterior import AxisPosterior, Posteriors
from recommender.linalg import contained, distinct, ranges
from recommender.pipeline.fusion import Opinions, best, gather, rank_votes
from recommender.pipeline.ranking import place_in_artist, places
from recommender.request import Candidates, Request
from recommender.scorers import Opinion, Profile
from recommender.snapshot import Axis, Snapshot, carries, tag_shares

POOL = 50
"""Candidates that a policy chooses among, at least."""

_TOP_TRACKS, _TOP_ARTISTS = 200, 100  # how many each scorer may name
_SONGS_OF_ARTIST = 4  # songs that an artist's vote lifts ...
_NEXT_SONG = 0.85  # ... each a little less than the one before
_WISH = 0.5  # the weight of how strongly an item carries the tags asked for


def candidates_for(
    snapshot: Snapshot, request: Request, posteriors: Posteriors, rng: np.random.Generator
) -> Candidates:
    """Return everything that some scorer or posterior names and the user may be shown, best fused first."""
    songs_allowed, artists_allowed = allowed(snapshot, request)
    tracks, artists = snapshot.tracks, snapshot.artists
    songs = _named(
        _Source(
            tracks,
            request.tracks,
            posteriors.songs,
            songs_allowed,
            request.shown_tracks,
            _TOP_TRACKS,
            request.fits,
        ),
        request,
        rng,
    )
    singers = _named(
        _Source(
            artists,
            request.artists,
            posteriors.artists,
            artists_allowed,
            request.shown_artists,
            _TOP_ARTISTS,
            household=request.household,
        ),
        request,
        rng,
    )
    return _paired(snapshot, songs, singers, _songs_of(snapshot, request, singers, songs_allowed), rng)


def _paired(
    snapshot: Snapshot,
    songs: Opinions,
    singers: Opinions,
    spread: tuple[Ints, Ints, Floats],
    rng: np.random.Generator,
) -> Candidates:
    """Return one row per pair of track (or -1) and artist, with the votes of both, best first.

    `spread`: the artists' votes on their songs, as `_songs_of` returns them.
    """
    columns, owners, lifted = spread
    n_artists = len(snapshot.artists.items)  # so that the pair as one number is its key
    by_track = songs.items.astype(np.int64) * n_artists + snapshot.track_artists[songs.items]
    by_artist = columns.astype(np.int64) * n_artists + owners
    keys = distinct(by_track, by_artist)
    votes = np.zeros((len(keys), songs.votes.shape[1] + singers.votes.shape[1]), dtype=np.float32)
    votes[keys.searchsorted(by_track), : songs.votes.shape[1]] = songs.votes
    votes[keys.searchsorted(by_artist), songs.votes.shape[1] :] = lifted

    fused = votes.sum(axis=1)
    order = np.lexsort((rng.random(len(fused)), -fused))
    unknown = np.full(len(fused), np.nan, dtype=np.float32)
    return Candidates(
        (keys // n_artists)[order].astype(np.int32),
        (keys % n_artists)[order].astype(np.int32),
        votes[order],
        (*(f"tracks.{name}" for name in songs.names), *(f"artists.{name}" for name in singers.names)),
        fused[order],
        unknown,
        unknown,
        unknown,
    )


def by_expected(candidates: Candidates, artists: AxisPosterior) -> Candidates:
    """Return candidates, best fused first, by what is expected of their artists.

    Of one artist's songs the first keeps all of it, and each next one a little less than the one before.
    """
    expected = np.maximum(artists.means(candidates.artists), 0) * _NEXT_SONG ** place_in_artist(
        candidates.artists
    )
    candidates = candidates._replace(fused=expected.astype(np.float32))
    return candidates.some(np.argsort(-expected, kind="stable"))


def allowed(snapshot: Snapshot, request: Request) -> tuple[Mask, Mask]:
    """Tell for each track and each artist whether it may be shown."""
    songs, artists = eligible(snapshot, request)
    if request.wishes:
        carrying = carries(snapshot.tracks, request.wishes)
        singing = carries(snapshot.artists, request.wishes)
        # One song from the nineties is enough to ask who likes its artist.
        singing[snapshot.track_artists[carrying]] = True
        songs &= carrying
        artists &= singing
    artists[request.barred_artists] = False
    songs[request.barred_tracks] = False
    if len(snapshot.repeated):
        songs[snapshot.repeating(request.barred_tracks)] = False
    if not len(request.barred_artists):
        return songs, artists
    near = np.array([seed.artist_id for seed in request.query.seeds], dtype=np.int64)
    seeds = snapshot.artists.items.columns(near)
    # Whoever is blocked is gone wherever they are credited; what is near an artist may well feature them.
    joint, features = snapshot.crediting(np.setdiff1d(request.barred_artists, seeds).astype(np.int32))
    artists[joint] = False
    songs[features] = False
    for artist in (*request.barred_artists.tolist(), *joint.tolist()):
        songs[snapshot.tracks_of(artist)] = False
    return songs, artists


def eligible(snapshot: Snapshot, request: Request) -> tuple[Mask, Mask]:
    """Tell for each track and each artist whether it may be shown: not what a stranger alone has brought.

    An artist is eligible with one song that is.
    """
    songs = snapshot.tracks.eligibility.mask(request.tracks.community, request.own_tracks)
    if request.tracks.community is None and request.artists.community is None:
        artists = snapshot.eligible_artists.copy()
        artists[request.own_artists] = True
        artists[snapshot.track_artists[request.own_tracks]] = True
        return songs, artists
    artists = snapshot.artists.eligibility.mask(request.artists.community, request.own_artists)
    artists[snapshot.track_artists[songs]] = True
    return songs, artists


class _Source(NamedTuple):
    """One axis, as far as candidates are looked for on it."""

    axis: Axis
    profile: Profile
    posterior: AxisPosterior | None
    allowed: Mask
    shown: Ints  # on a list just now: named as well, on top of `n`
    n: int  # how many each opinion may name
    fits: Floats | None = None  # how well each item fits the wish
    household: Ints = np.zeros(0, dtype=np.int32)  # named as well, for users of whom nothing is known


def _named(source: _Source, request: Request, rng: np.random.Generator) -> Opinions:
    """Return what is named on one axis: by scorers, by the posterior, by the wish itself."""
    axis, profile, posterior, allowed, shown, n, *_ = source
    seeded = bool(request.query.seeds)
    opinions = gather(axis, profile, allowed, n, rng, seeded=seeded, shown=shown)
    if posterior is not None:  # without a vote: `fused` is the scorers' alone
        expected = Opinion(len(axis.items), axis.proposals.items, posterior.expected)
        opinions = _joined(opinions, best(expected, allowed, n + len(shown), rng))
    if len(source.household):
        opinions = _joined(opinions, source.household[allowed[source.household]])
    if (wish := _wish(source, request)) is not None:
        strongest = best(wish, allowed, max(len(opinions.items), POOL), rng)
        votes = _WISH * rank_votes(strongest, shown)
        opinions = _joined(opinions, strongest, ("wish", votes.astype(np.float32)))
    return opinions


def _joined(opinions: Opinions, named: Ints, voted: tuple[str, Floats] | None = None) -> Opinions:
    """Return the opinions with more items, and a column of votes for them if they were `voted` for."""
    items = distinct(opinions.items, named)
    votes = np.zeros((len(items), opinions.votes.shape[1] + (voted is not None)), dtype=np.float32)
    votes[np.searchsorted(items, opinions.items), : opinions.votes.shape[1]] = opinions.votes
    if voted is None:
        return Opinions(items, votes, opinions.names)
    votes[np.searchsorted(items, named), -1] = voted[1]
    return Opinions(items, votes, (*opinions.names, voted[0]))


def _wish(source: _Source, request: Request) -> Opinion | None:
    """Return the opinion of the wish itself: how strongly each item carries it; None without a wish."""
    if source.fits is None and not request.wishes:
        return None
    axis, strength = source.axis, np.zeros(len(source.axis.items), dtype=np.float32)
    if source.fits is not None:
        strength += source.fits
    for tag in request.wishes:
        carriers, share = tag_shares(axis, tag)
        strength[carriers] += share
    carrying = np.flatnonzero(strength).astype(np.int32)
    return Opinion(len(strength), carrying, strength[carrying]) if len(carrying) or request.wishes else None


def _songs_of(
    snapshot: Snapshot, request: Request, artists: Opinions, songs_allowed: Mask
) -> tuple[Ints, Ints, Floats]:
    """Return tracks (-1: the artist alone), artists and votes: each artist's votes on their best-known songs.

    Songs that were shown just now come after the others.
    """
    starts, ends = snapshot.artist_starts[artists.items], snapshot.artist_starts[artists.items + 1]
    at, rows = ranges(starts, ends)
    songs = snapshot.artist_tracks[at]
    rows, songs = rows[songs_allowed[songs]], songs[songs_allowed[songs]]
    if len(request.shown_tracks):
        later = np.lexsort((contained(songs, request.shown_tracks), rows))
        rows, songs = rows[later], songs[later]
    place = places(rows)
    known = place < _SONGS_OF_ARTIST
    alone = np.flatnonzero((starts == ends) & ~contained(artists.items, request.barred_alone))
    rows = np.concatenate([rows[known], alone])
    tracks = np.concatenate([songs[known], np.full(len(alone), -1, dtype=np.int32)])
    factors = np.concatenate([_NEXT_SONG ** place[known], np.ones(len(alone))]).astype(np.float32)
    return tracks, artists.items[rows], artists.votes[rows] * factors[:, None]
