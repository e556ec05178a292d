"""Training: from facts to a `Snapshot`."""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from recommender.arrays import Floats, Ids, Ints, Mask
from recommender.audio.words import WORDS
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import one_thread
from recommender.models.population import Population
from recommender.next_song import NextSong, expert_weights
from recommender.next_song.experts import Discography
from recommender.scorers import AxisName, Scorer, TrainingData
from recommender.scorers.registry import served_on
from recommender.snapshot import Axis, Snapshot
from recommender.snapshot.eligibility import Eligibility
from recommender.training.catalog_arrays import rarity
from recommender.training.facts import TrainingFacts, log
from recommender.training.heard import heard_of_artists
from recommender.training.layout import layout
from recommender.user_model import UserModel
from recommender.user_model.reward_model import RewardModel

Progress = Callable[[str, float], None]
"""Progress callback: the current step and the share done, 0 to 1."""


def fit(
    facts: TrainingFacts,
    *,
    seed: int,
    now: float,
    progress: Progress | None = None,
    previous: Snapshot | None = None,
    populations: Mapping[AxisName, Population] | None = None,
) -> Snapshot:
    """Fit every scorer on both axes; the same facts and seed give the same snapshot.

    The map of music alone starts from that of the `previous` snapshot, so that it changes little.
    `populations`: the sums over all users by axis, where `facts` has a sample of them.
    """
    tell = progress or (lambda _what, _share: None)
    communities = IdIndex(np.unique(facts.memberships[:, 0]))
    discography = _discography(facts)
    axes = _training_data(facts, communities, discography.artist_of, populations or {})
    snapshot = Snapshot(
        version=_version(facts, seed, now),
        created_at=int(now),
        cursor=facts.cursor,
        credited_artists=facts.credited[0],
        credited_tracks=facts.credited[1],
        erasures=facts.erasures,
        full_at=facts.full_at,
        seed=seed,
        artists=_axis(facts.artists, axes.artists, facts.artists_listed, seed, _Part("artists", 0.0, tell)),
        tracks=_axis(facts.tracks, axes.songs, facts.tracks_listed, seed, _Part("tracks", 0.5, tell)),
        track_artists=discography.artist_of,
        artist_tracks=discography.tracks,
        artist_starts=discography.starts,
        communities=communities,
        tags=facts.tags,
        rarity=rarity(facts.artist_tags),
        features=facts.track_features,
        tempo=facts.track_tempo,
        heard_axes=facts.heard_axes,
        heard_words=facts.heard_words,
        words=tuple(WORDS),
        works=facts.works,
        next_song=_next_song(facts, axes, discography, seed, tell),
        layout=_layout(facts, previous, seed),
        database=facts.database,
        reward_model=RewardModel.fit(*facts.decisions),
    )
    tell("done", 1.0)
    return snapshot


def _discography(facts: TrainingFacts) -> Discography:
    artists = facts.artists.items.columns(facts.track_artist_ids)
    order = np.lexsort((-_best_known(facts), artists))
    starts = np.searchsorted(artists[order], np.arange(len(facts.artists.items) + 1))
    liked_by = np.bincount(facts.tracks.user_items.indices, minlength=len(order)).astype(np.int32)
    return Discography(artists.astype(np.int32), order.astype(np.int32), starts, liked_by)


def _training_data(
    facts: TrainingFacts, communities: IdIndex, artist_of: Ints, populations: Mapping[AxisName, Population]
) -> expert_weights.BothAxes:
    """Return what scorers learn from; `artist_of`: the artist's column, per track column."""
    artists = TrainingData(
        facts.artists.user_items,
        facts.artist_tags,
        facts.artist_vectors,
        _member_matrix(facts.memberships, communities, facts.artists.users),
        _best_of(facts.track_popularity, artist_of, len(facts.artists.items)),
        np.zeros((len(facts.artists.items), 0), dtype=np.float32),  # an artist has no sound
        facts.artist_related,
        facts.artist_fame,
        heard_of_artists(facts.track_heard, artist_of, len(facts.artists.items)),
        populations.get("artists"),
        facts.unanswered[0],
    )
    tracks = TrainingData(
        facts.tracks.user_items,
        facts.track_tags,
        facts.track_vectors,
        _member_matrix(facts.memberships, communities, facts.tracks.users),
        facts.track_popularity,
        facts.track_sounds,
        item_fame=facts.artist_fame[artist_of],  # of songs, only whose they are is known
        item_heard=facts.track_heard,
        population=populations.get("tracks"),
        unanswered=facts.unanswered[1],
    )
    return expert_weights.BothAxes(artists, tracks)


def _next_song(
    facts: TrainingFacts, axes: expert_weights.BothAxes, discography: Discography, seed: int, tell: Progress
) -> NextSong | None:
    tell("what follows what", 0.95)
    return expert_weights.fit(facts.sequences, axes, discography, seed=seed)


def _layout(facts: TrainingFacts, previous: Snapshot | None, seed: int) -> Floats:
    before = None
    if previous is not None and previous.erasures == facts.erasures:  # nothing learned from who is erased
        before = previous.artists.items, previous.layout
    items = facts.artists.items
    known = np.bincount(facts.artists.user_items.indices, minlength=len(items)).astype(np.float64)
    known += np.bincount(items.columns(facts.track_artist_ids), minlength=len(items)) / 1000.0
    with one_thread():
        return layout(
            facts.artist_tags, facts.artists.user_items.T.tocsr(), known, items, seed=seed, before=before
        )


class _Part(NamedTuple):
    """One axis's half of the training progress, from `start` on."""

    axis: AxisName
    start: float
    tell: Progress


def _axis(listening: ListeningMatrix, data: TrainingData, listed: Mask, seed: int, part: _Part) -> Axis:
    scorers = _scorers(data, seed, part)
    eligibility = Eligibility.of(data.counts, listed)
    return Axis(listening, data.item_tags, scorers, UserModel.fit(data, seed=seed), eligibility)


def _scorers(data: TrainingData, seed: int, part: _Part) -> tuple[Scorer, ...]:
    """Fit all scorers on one axis, reporting progress within `part`."""
    axis, start, tell = part
    fitted, served = [], served_on(axis)
    for k, scorer in enumerate(served):
        tell(f"{scorer.name} on {axis}", start + 0.5 * k / len(served))
        began = time.perf_counter()
        fitted.append(scorer.fit(data, seed=seed))
        log.debug("%s on %s: %.2f s", scorer.name, axis, time.perf_counter() - began)
    return tuple(fitted)


def _best_of(popularity: Floats, owners: Ints, n_owners: int) -> Floats:
    """Return each artist's most popular track's popularity, NaN if unknown."""
    best = np.full(n_owners, -np.inf, dtype=np.float32)
    known = ~np.isnan(popularity)
    np.maximum.at(best, owners[known], popularity[known])
    return np.where(np.isinf(best), np.float32(np.nan), best)


def listeners(axis: Axis) -> list[tuple[int, int]]:
    """Return (item id, number of users who like it) for every item with at least one."""
    there = np.flatnonzero(axis.eligibility.people)
    return list(zip(axis.items.ids[there].tolist(), axis.eligibility.people[there].tolist(), strict=True))


def _best_known(facts: TrainingFacts) -> Floats:
    """Return each track's rank key within its artist: number of users, then imported popularity."""
    heard = np.bincount(facts.tracks.user_items.indices, minlength=len(facts.tracks.items)).astype(np.float32)
    return heard + np.nan_to_num(facts.track_popularity) / np.float32(101.0)


def _version(facts: TrainingFacts, seed: int, now: float) -> str:
    counts = (facts.cursor, len(facts.artists.items), len(facts.tracks.items), seed)
    digest = hashlib.sha256(repr(counts).encode()).hexdigest()[:8]
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}-{digest}"


def _member_matrix(memberships: Ids, communities: IdIndex, users: IdIndex) -> csr_matrix:
    rows = communities.columns(memberships[:, 0])
    columns = users.columns(memberships[:, 1])
    known = columns >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return coo_matrix((ones, (rows[known], columns[known])), shape=(len(communities), len(users))).tocsr()
