"""Ranking: which candidates stand where.

No song twice, few of an artist, mostly new artists, in the proportions of the user's tags.  Every step takes
candidates, best first, and returns fewer of them or another order.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints, Mask, Rows
from recommender.linalg import contained, distinct, first_of_each
from recommender.pipeline.calibration import STRENGTH, calibrated, wanted
from recommender.pipeline.diversity import popularity_damped
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot, tags_of

PER_ARTIST = 2
"""Songs of one artist on a slate."""

_SPARE = 3  # candidates more than places, among which a learning policy chooses
_LEAST = 1e-6  # above nothing, for what nothing is expected of
_PROPORTIONS_KNOWN = 20  # so many known artists tell the proportions of a taste
_ARRIVED_FIRST, _ARRIVED_EVERY = 2, 4  # of the discoveries: the third, then every fourth
_FAMILIAR_EVERY = 5  # four discoveries, then a song of an artist the user knows already


def one_version_each(snapshot: Snapshot, candidates: Candidates) -> Candidates:
    """Return the candidates without those that are another version of a better one."""
    repeated = np.flatnonzero(contained(candidates.tracks, snapshot.repeated))
    if len(repeated) < 2:
        return candidates
    first = first_of_each(snapshot.works[candidates.tracks[repeated]])
    keep = np.ones(len(candidates.tracks), dtype=bool)
    keep[np.delete(repeated, first)] = False
    return candidates.some(keep)


def not_just_shown(request: Request, candidates: Candidates) -> Candidates:
    """Return what was on no list of the last day, or everything if that is too little for a slate."""
    alone = candidates.tracks < 0
    shown = contained(candidates.tracks, request.shown_tracks)
    shown[alone] = contained(candidates.artists[alone], request.shown_artists)
    if not shown.any():
        return candidates
    others = ~shown
    enough = np.count_nonzero(place_in_artist(candidates.artists[others]) < PER_ARTIST) >= request.query.n
    return candidates.some(others) if enough else candidates


def limited(candidates: Candidates, n: int) -> Candidates:
    """Return the best `n` candidates, at most `PER_ARTIST` of one artist, as is then every slate of them."""
    return candidates.some(np.flatnonzero(place_in_artist(candidates.artists) < PER_ARTIST)[:n])


def place_in_artist(artists: Ints) -> Rows:
    """Return the place of each row among the rows of its artist, from 0."""
    by_artist = np.argsort(artists, kind="stable")
    place = np.empty(len(artists), dtype=np.intp)
    place[by_artist] = places(artists[by_artist])
    return place


def places(groups: NDArray[np.integer]) -> Rows:
    """Return the place of each row within its group, from 0; the groups are ascending."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def in_proportion(snapshot: Snapshot, request: Request, candidates: Candidates, n: int) -> Candidates:
    """Return the best `n` of candidates with `fresh` scores, in the proportions of the user's tags.

    Every fifth is by an artist the user knows already, where there are any.  Of the four before it, one is by
    an artist who came into the catalogue because of what the user likes, where there are any.
    """
    # Fused votes differ so little that the proportions of a few likes would decide alone.
    surely = min((len(known_artists(snapshot, request)) - 1) / (_PROPORTIONS_KNOWN - 1), 1.0)
    order = _proportions(snapshot, request, candidates, candidates.fresh, surely * STRENGTH)
    familiar = contained(candidates.artists, known_artists(snapshot, request))[order]
    discoveries = order[~familiar]
    arrived = contained(candidates.artists[discoveries], request.arrived)
    discoveries = discoveries[_with_arrivals(arrived)]
    return candidates.some(_spaced(discoveries, order[familiar])[:n])


def numbered(candidates: Candidates) -> Candidates:
    """Write `place`, which falls from 1 to 0 along the order: a policy that goes by it shows that order."""
    return candidates._replace(place=np.linspace(1.0, 0.0, len(candidates.tracks), dtype=np.float32))


def mostly_new(snapshot: Snapshot, request: Request, candidates: Candidates) -> Candidates:
    """Return the candidates with only as many of known artists as a slate has room for, the best of them.

    All of them if the rest is too little for a slate.
    """
    familiar = np.flatnonzero(contained(candidates.artists, known_artists(snapshot, request)))
    left: Mask = np.ones(len(candidates.tracks), dtype=bool)
    left[familiar[request.query.n // _FAMILIAR_EVERY :]] = False
    return candidates.some(left) if np.count_nonzero(left) >= request.query.n else candidates


def assorted(snapshot: Snapshot, request: Request, candidates: Candidates) -> Candidates:
    """Return what a learning policy chooses among, a few more than there are places, by `expected`.

    Of different artists, near the proportions of the user's tags, the popular held back by the dial.  One
    song has no proportions: then these are the best.
    """
    n = request.query.n
    if n > 1:
        first = first_of_each(candidates.artists)
        candidates = candidates.some(np.sort(first)) if len(first) >= n else candidates
        people = snapshot.artists.people[candidates.artists].astype(np.float64)
        scores = popularity_damped(np.maximum(candidates.expected, 0) + _LEAST, people, request.adventurous)
        held_back = scores.astype(np.float32)
        rows = np.argsort(-held_back, kind="stable")
        candidates = candidates.some(rows)
        candidates = candidates.some(_proportions(snapshot, request, candidates, held_back[rows], STRENGTH))
    return candidates.some(np.arange(min(n + _SPARE, len(candidates.tracks))))


def _proportions(
    snapshot: Snapshot, request: Request, candidates: Candidates, scores: Floats, strength: float
) -> Rows:
    """Return the rows, whose `scores` fall, in the proportions of the user's tags."""
    # One artist alone, or a seed, has no proportions that could be kept.
    if request.query.seeds or len(known_artists(snapshot, request)) < 2:
        return np.arange(len(scores))
    axes = snapshot.artists.item_tags, snapshot.tracks.item_tags
    p = wanted(axes, snapshot.rarity, (request.artists, request.tracks))
    tags = tags_of(snapshot, candidates.tracks, candidates.artists)
    return calibrated(scores, tags, snapshot.rarity, p, 2 * request.query.n, strength)


def known_artists(snapshot: Snapshot, request: Request) -> Ints:
    """Return the artists that the users like themselves or for a song, ascending."""
    of_songs = snapshot.track_artists[request.tracks.liked.items]
    return distinct(request.artists.liked.items, of_songs, request.also_known)


def _with_arrivals(arrived: Mask) -> Rows:
    """Return the order in which every fourth row is one that `arrived`, none of them later than it was."""
    rows, before = np.flatnonzero(arrived), np.cumsum(~arrived)
    key = before.astype(np.float64)
    due = _ARRIVED_FIRST + (_ARRIVED_EVERY - 1) * np.arange(len(rows))
    key[rows] = np.minimum(before[rows], due) + 0.5
    return np.argsort(key, kind="stable")


def _spaced(discoveries: Rows, familiar: Rows) -> Rows:
    """Merge both, giving every `_FAMILIAR_EVERY`th place to an artist the user knows already."""
    due = np.arange(len(familiar)) * _FAMILIAR_EVERY + _FAMILIAR_EVERY - 1
    place = np.arange(len(discoveries)) + np.arange(len(discoveries)) // (_FAMILIAR_EVERY - 1)
    return np.concatenate([discoveries, familiar])[np.argsort(np.r_[place, due], kind="stable")]
