"""Which candidates stand where: no song twice, few of an artist, mostly new, in a taste's proportions."""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints, Mask
from recommender.pipeline.calibration import STRENGTH, calibrated, wanted
from recommender.pipeline.diversity import damped
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot, tags_of

PER_ARTIST = 2
"""Songs of one artist on a slate."""

_SPARE = 3  # candidates more than places, among which a learning policy chooses
_LEAST = 1e-6  # above nothing, for what nothing is expected of
_FAMILIAR_EVERY = 5  # four discoveries, then a song of an artist one knows already


def _known_artists(snapshot: Snapshot, request: Request) -> Ints:
    return np.union1d(request.artists.liked.items, snapshot.track_artists[request.tracks.liked.items])


def one_version_each(snapshot: Snapshot, candidates: Candidates) -> Candidates:
    """Return the candidates without those that are a better candidate's song again."""
    repeated = np.flatnonzero(np.isin(candidates.tracks, snapshot.repeated))
    if len(repeated) < 2:
        return candidates
    _, first = np.unique(snapshot.works[candidates.tracks[repeated]], return_index=True)
    keep = np.ones(len(candidates.tracks), dtype=bool)
    keep[np.delete(repeated, first)] = False
    return candidates.some(keep)


def limited(candidates: Candidates, n: int) -> Candidates:
    """Return the best `n` candidates, at most `PER_ARTIST` of one artist, as is then every slate of them."""
    artists = candidates.artists
    by_artist = np.argsort(artists, kind="stable")
    place = np.empty(len(artists), dtype=np.intp)
    place[by_artist] = places(artists[by_artist])
    return candidates.some(np.flatnonzero(place < PER_ARTIST)[:n])


def places(groups: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the place of each row within its group, from 0; the groups are ascending."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def ordered(snapshot: Snapshot, request: Request, candidates: Candidates, n: int) -> Candidates:
    """Return the best `n` candidates in the proportions of the listener's taste, numbered in that order.

    The first feature becomes 1 for the first place and falls to 0 for the last, so that a policy that goes by
    it alone shows exactly this order.
    """
    order = _in_proportion(snapshot, request, candidates, candidates.features[:, 1])
    familiar = _is_familiar(snapshot, request, candidates)[order]
    return numbered(candidates.some(_spaced(order[~familiar], order[familiar])[:n]))


def assorted(snapshot: Snapshot, request: Request, candidates: Candidates) -> Candidates:
    """Return a choice for a policy that goes by the first feature, with a few more than there are places.

    Of different artists, near the proportions of a taste, and with what many know held back by the dial; the
    candidates come best first.  One song has no proportions: then these are the best.
    """
    n = request.query.n
    if n > 1:
        different = candidates.some(_first_of_each(candidates.artists))
        candidates = different if len(different.tracks) >= n else candidates
        scores = np.maximum(candidates.features[:, 0], 0) + _LEAST
        people = snapshot.artists.people[candidates.artists].astype(np.float64)
        held_back = damped(scores, people, request.adventurous).astype(np.float32)
        rows = np.argsort(-held_back, kind="stable")
        candidates, falling = candidates.some(rows), np.asarray(held_back[rows], dtype=np.float32)
        candidates = candidates.some(_in_proportion(snapshot, request, candidates, falling))
    return candidates.some(np.arange(min(n + _SPARE, len(candidates.tracks))))


def mostly_new(snapshot: Snapshot, request: Request, candidates: Candidates) -> Candidates:
    """Return the candidates with as many of artists known already as a list has room for, the best of them.

    All of them where there is nothing else.
    """
    familiar = np.flatnonzero(_is_familiar(snapshot, request, candidates))
    left = np.ones(len(candidates.tracks), dtype=bool)
    left[familiar[request.query.n // _FAMILIAR_EVERY :]] = False
    return candidates.some(left) if np.count_nonzero(left) >= request.query.n else candidates


def _in_proportion(
    snapshot: Snapshot, request: Request, candidates: Candidates, scores: Floats
) -> NDArray[np.intp]:
    """Return the rows, of which the scores fall, in the proportions of the listener's taste."""
    axes = snapshot.artists.item_tags, snapshot.tracks.item_tags
    p = wanted(axes, snapshot.rarity, (request.artists, request.tracks))
    # One artist alone, or a seed, has no proportions that could be kept.
    is_one = request.query.seeds or len(_known_artists(snapshot, request)) < 2
    tags = tags_of(snapshot, candidates.tracks, candidates.artists)
    return calibrated(scores, tags, snapshot.rarity, p, 2 * request.query.n, 0.0 if is_one else STRENGTH)


def _is_familiar(snapshot: Snapshot, request: Request, candidates: Candidates) -> Mask:
    return np.isin(candidates.artists, _known_artists(snapshot, request))


def _first_of_each(artists: Ints) -> NDArray[np.intp]:
    return np.sort(np.unique(artists, return_index=True)[1])


def numbered(candidates: Candidates) -> Candidates:
    """Return the candidates with a first feature that falls from 1 to 0 along their order."""
    features = candidates.features.copy()
    features[:, 0] = np.linspace(1.0, 0.0, len(features), dtype=np.float32)
    return candidates._replace(features=features)


def _spaced(discoveries: NDArray[np.intp], familiar: NDArray[np.intp]) -> NDArray[np.intp]:
    """Merge both, giving every `_FAMILIAR_EVERY`th place to an artist whom the listener knows already."""
    due = np.arange(len(familiar)) * _FAMILIAR_EVERY + _FAMILIAR_EVERY - 1
    place = np.arange(len(discoveries)) + np.arange(len(discoveries)) // (_FAMILIAR_EVERY - 1)
    return np.concatenate([discoveries, familiar])[np.argsort(np.r_[place, due], kind="stable")]
