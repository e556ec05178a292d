"""Learning which expert to follow: the latest sessions are held out, and everything else is learned without.

The weights are those of a multinomial logit (McFadden), which says of each candidate how likely it is the
next one.  Each held-out step counts twice: among all candidates, and among those that are new to the user, or
known, as the one played was; so that discoveries are ranked well also where most of what is played is known.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ids, Ints, Mask
from recommender.linalg import one_thread
from recommender.models.ensemble.training_lists import TrainingList, TrainingLists
from recommender.next_song import NextSong
from recommender.next_song.experts import (
    EXPERTS,
    N_FEATURES,
    ON_AXIS,
    Discography,
    Ensembles,
    JustPlayed,
    OrderModels,
    features,
    told,
)
from recommender.next_song.sequences import Item, Sequences
from recommender.scorers import Profile, TrainingData
from recommender.scorers.blend import Blend

_HELD_OUT, _MOST_HELD_OUT = 0.2, 300  # share of the sessions, and how many at most
_STEPS_OF_SESSION, _MOST_STEPS = 10, 600
_OTHERS = 250  # candidates that were not played, per step
_LEAST_STEPS = 30
_PENALTY = 20.0  # on squared weights of features of unit variance, in nats over all steps
_ITERATIONS = 200
_CONSTANT, _SMALLEST = 1e-6, 0.02  # spread of a feature that says nothing, and that its weight is bounded by
_USERS, _ITEMS = 3_000, 20_000  # that the ensemble of the past is learned from
_STRONGEST = 200  # items of a profile, as in a request
_DEPTH = 20


class BothAxes(NamedTuple):
    """What both axes are learned from."""

    artists: TrainingData
    songs: TrainingData


class _Step(NamedTuple):
    """One held-out play, with its candidates."""

    shares: Doubles  # K x len(EXPERTS)
    known: Mask  # K
    place: int  # of the candidate that was played


def fit(sequences: Sequences, axes: BothAxes, discography: Discography, *, seed: int) -> NextSong | None:
    """Learn from sessions; None without any.  The same seed gives the same, on one thread and on two."""
    n = len(sequences)
    if not n:
        return None
    with one_thread():
        steps = list(_held_out(sequences, axes, discography, np.random.default_rng(seed), seed))
        weights = _weights(steps, np.random.default_rng(seed))
    n_artists, n_songs = axes.artists.user_items.shape[1], axes.songs.user_items.shape[1]
    return NextSong(
        OrderModels.fit(sequences, sequences.artist, n_artists),
        OrderModels.fit(sequences, sequences.track, n_songs),
        weights,
        n,
        tuple(_figures(steps, weights)),
    )


def _held_out(
    sequences: Sequences, axes: BothAxes, discography: Discography, rng: np.random.Generator, seed: int
) -> Iterator[_Step]:
    """Yield steps of the latest sessions, judged by models of the earlier ones, in order of time."""
    n = len(sequences)
    first = n - min(int(_HELD_OUT * n), _MOST_HELD_OUT)
    if first in (0, n):
        return
    past = sequences.some(0, first)
    n_artists, n_songs = axes.artists.user_items.shape[1], axes.songs.user_items.shape[1]
    models = OrderModels.fit(past, past.artist, n_artists), OrderModels.fit(past, past.track, n_songs)
    ensembles = Ensembles(
        _ensemble(past, past.artist, axes.artists, seed), _ensemble(past, past.track, axes.songs, seed)
    )
    played = PlayedBefore(past)
    left = _MOST_STEPS
    for session in range(first, n):
        user, plays = int(sequences.user[session]), sequences.plays(session)
        artists, songs = played.profiles(user)
        some = 1 + np.sort(rng.permutation(len(plays.track) - 1)[: min(_STEPS_OF_SESSION, left)])
        for at in some.tolist():
            context = JustPlayed(Item(plays.artist[:at], plays.track[:at]), artists, songs)
            found = told(models, ensembles, context)
            tracks = np.setdiff1d(found.names(discography), plays.track[:at]).astype(np.int32)
            place = np.searchsorted(tracks, plays.track[at])
            if place < len(tracks) and tracks[place] == plays.track[at] >= 0:
                left -= 1
                shares = found.shares(tracks, discography.artist_of[tracks], discography.people)
                yield _Step(shares, np.isin(tracks, songs.items), int(place))
        played.add(user, plays)
        if left <= 0:
            return


class PlayedBefore:
    """What each user has played so far, as profiles."""

    def __init__(self, past: Sequences) -> None:
        """Begin with the plays of `past`."""
        self._artists: dict[int, Counter[int]] = defaultdict(Counter)
        self._songs: dict[int, Counter[int]] = defaultdict(Counter)
        for session in range(len(past)):
            self.add(int(past.user[session]), past.plays(session))

    def add(self, user: int, plays: Item) -> None:
        """Add one more session."""
        self._artists[user].update(plays.artist.tolist())
        self._songs[user].update(plays.track[plays.track >= 0].tolist())

    def profiles(self, user: int) -> tuple[Profile, Profile]:
        """Return the user's profiles of artists and of songs."""
        return _profile(self._artists[user]), _profile(self._songs[user])


def _profile(counts: Counter[int]) -> Profile:
    items = np.array(sorted(counts), dtype=np.int32)
    plays = np.array([counts[item] for item in items.tolist()], dtype=np.float64)
    return Profile(items, np.log2(1 + plays).astype(np.float32))


def _ensemble(past: Sequences, items: Ints, data: TrainingData, seed: int) -> Blend:
    """Return the ensemble as it would have been learned from the earlier sessions alone."""
    n_items = data.user_items.shape[1]
    users, rows = np.unique(past.user, return_inverse=True)
    common = np.bincount(items[items >= 0], minlength=n_items)
    # A matter of time, not of taste: the rarest items of very many, and the last of very many users, wait.
    kept = (items >= 0) & (common >= np.sort(common)[-min(_ITEMS, n_items)])[np.maximum(items, 0)]
    row = rows[past.session]
    kept &= row < _USERS
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    plays = csr_matrix((ones, (row[kept], items[kept])), shape=(min(len(users), _USERS), n_items))
    plays.sum_duplicates()
    plays.data = np.log2(1 + plays.data)
    nowhere = csr_matrix(np.zeros((0, plays.shape[0]), dtype=np.float32))
    return Blend.fit(
        TrainingData(plays, data.item_tags, np.zeros((n_items, 0), dtype=np.float32), nowhere), seed=seed
    )


def _weights(steps: list[_Step], rng: np.random.Generator) -> Doubles:
    """Return the weights of the features, those of equal shares where there are too few steps."""
    lists = [one for step in steps for one in _lists(step, rng)]
    if len(steps) < _LEAST_STEPS or not lists:
        return untaught()
    return _fitted(TrainingLists.of(lists))


def untaught() -> Doubles:
    """Return the weights before learning: the sum of all logarithms, alike for new songs and known ones."""
    heights = np.full(len(EXPERTS), 1 / len(ON_AXIS))
    return np.concatenate([0 * heights, heights, 0 * heights, heights, [0.0]])


def _lists(step: _Step, rng: np.random.Generator) -> Iterator[TrainingList]:
    """Yield the list of all candidates, and of those that are new or known as the one that was played."""
    table = features(step.shares, step.known).astype(np.float32)
    alike = np.flatnonzero(step.known == step.known[step.place])
    for among in (np.arange(len(table)), alike):
        others = rng.permutation(among[among != step.place])[:_OTHERS]
        if len(others):
            rows = np.concatenate([[step.place], others])
            yield TrainingList(table[rows], np.arange(len(rows)) == 0, 1)


def _fitted(lists: TrainingLists) -> Doubles:
    """Return the weights that maximise the penalised likelihood, by L-BFGS from the untaught ones."""
    spread = lists.features.std(axis=0, dtype=np.float64)
    scale = np.where(spread > _CONSTANT, 1 / np.maximum(spread, _SMALLEST), 0.0)
    table = lists.features * scale.astype(np.float32)
    start = np.divide(untaught(), scale, out=np.zeros(N_FEATURES), where=scale > 0)
    penalty = _PENALTY / len(lists.lengths)

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        value, error = lists.loss((table @ flat.astype(np.float32)).astype(np.float64))
        away = flat - start
        return value + penalty * float(away @ away), (error @ table).astype(np.float64) + 2 * penalty * away

    from scipy.optimize import minimize  # noqa: PLC0415 - for training alone

    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS})
    return np.asarray(best.x * scale)


def _figures(steps: list[_Step], weights: Doubles) -> Iterator[tuple[str, float]]:
    """Yield NDCG@20 of every expert and of all together, on the steps that the weights are learned from."""
    if not steps:
        return
    places = np.array([[_place(step, values) for values in step.shares.T] for step in steps])
    together = np.array([_place(step, features(step.shares, step.known) @ weights) for step in steps])
    for name, column in zip((*EXPERTS, "all"), (*places.T, together), strict=True):
        yield name, float(gain(column).mean())


def _place(step: _Step, values: Doubles) -> float:
    """Return the place of the song that was played, from 0, ties shared."""
    best = values[step.place]
    return float(np.count_nonzero(values > best) + (np.count_nonzero(values == best) - 1) / 2)


def gain(places: Doubles | Ids | Floats) -> Doubles:
    """Return the NDCG@20 of one relevant item at these places, from 0."""
    return np.asarray(np.where(places < _DEPTH, 1 / np.log2(places + 2.0), 0.0))
