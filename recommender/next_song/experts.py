"""Experts: what each model says of the songs that may come next, as shares of one.

Every expert speaks on both axes: of a song, and of its artist.  An expert that knows nothing is silent, which
is a share of 0 for every candidate.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Doubles, Floats, Ids, Ints, Mask
from recommender.linalg import ranges, summed
from recommender.next_song.rules import Rules
from recommender.next_song.sequences import Item, Sequences
from recommender.next_song.session_neighbours import SessionNeighbours, latest
from recommender.scorers import Opinion, Profile
from recommender.scorers.blend import Blend

ENSEMBLE = "ensemble"
ON_AXIS = ("neighbours", "rules", "transitions", ENSEMBLE, "near", "played")
"""Session neighbours, sequential rules, transitions, the ensemble, the ensemble asked for more like the last
items alone, and how often the user plays an item."""
LATEST = "latest"
"""Only of artists: who was just played, the last one first."""
EXPERTS = (
    *(f"songs.{name}" for name in ON_AXIS),
    *(f"artists.{name}" for name in (*ON_AXIS, LATEST)),
    "popular",
)

_NAMED = 200  # items that each expert may name
_SONGS_OF_ARTIST = 5  # that an artist's expert names: the best known ones
_SONGS_OF_LATEST = 50  # of each of the artists who were just played
_LIKED = 4.0  # what the latest items weigh where the ensemble is asked for more like them


class Discography(NamedTuple):
    """Which song is whose, and how many people like it."""

    artist_of: Ints  # per track column
    tracks: Ints  # grouped by artist, best known first
    starts: Ids  # group of artist a: tracks[starts[a] : starts[a + 1]]
    people: Ints  # per track column

    def best_known(self, artists: Ints, n: int) -> Ints:
        """Return the `n` best-known tracks of each of some artists."""
        ends = np.minimum(self.starts[artists] + n, self.starts[artists + 1])
        at, _ = ranges(self.starts[artists], ends)
        return self.tracks[at]


class Ensembles(NamedTuple):
    """The product's ensemble on both axes; None where there is none."""

    artists: Blend | None
    songs: Blend | None


class JustPlayed(NamedTuple):
    """What was just played, and what the user knew before."""

    recent: Item  # the oldest first
    artists: Profile
    songs: Profile


@dataclass(frozen=True, eq=False)
class OrderModels:
    """The models of order on one axis."""

    neighbours: SessionNeighbours
    rules: Rules
    transitions: Rules

    @classmethod
    def fit(cls, sequences: Sequences, items: Ints, n_items: int) -> Self:
        """Learn from all sessions; `items` has the column of each play on this axis."""
        return cls(
            SessionNeighbours.fit(sequences, items, n_items),
            Rules.fit(sequences, items, n_items),
            Rules.fit(sequences, items, n_items, reach=1),
        )

    def opinions(self, recent: Ints) -> tuple[Opinion, ...]:
        """Return what each model says follows `recent`, the oldest first."""
        return tuple(model.opinion(recent) for model in (self.neighbours, self.rules, self.transitions))


class Told(NamedTuple):
    """What the experts say of one moment, before there are candidates."""

    songs: tuple[Opinion, ...]  # in the order of `ON_AXIS`
    artists: tuple[Opinion, ...]  # the same, and `LATEST`

    def names(self, discography: Discography) -> Ints:
        """Return the tracks that an expert names for themselves or for their artist, ascending."""
        tracks = [_strongest(one, _NAMED) for one in self.songs]
        artists = [_strongest(one, _NAMED) for one in self.artists]
        everybody = np.unique(np.concatenate(artists)).astype(np.int32)
        theirs = discography.best_known(everybody, _SONGS_OF_ARTIST)
        of_latest = discography.best_known(self.artists[-1].items, _SONGS_OF_LATEST)
        return np.unique(np.concatenate([*tracks, theirs, of_latest])).astype(np.int32)

    def shares(self, tracks: Ints, artists: Ints, people: Ints) -> Doubles:
        """Return K x len(EXPERTS) shares of K candidates; a track of -1 is an artist alone."""
        songs, popular = np.maximum(tracks, 0), np.zeros(len(tracks))
        there = tracks >= 0
        columns = [np.where(there, _shares(one, songs), 0.0) for one in self.songs]
        columns += [_shares(one, artists) for one in self.artists]
        popular[there] = people[songs[there]]
        return np.column_stack([*columns, popular / max(popular.sum(), 1.0)])


def told(models: tuple[OrderModels, OrderModels], ensembles: Ensembles, context: JustPlayed) -> Told:
    """Ask all experts; `models` are those of artists and of songs."""
    axes = (
        (models[1], ensembles.songs, context.songs, context.recent.track),
        (models[0], ensembles.artists, context.artists, context.recent.artist),
    )
    songs, artists = (_on_axis(*axis) for axis in axes)
    items, steps = latest(context.recent.artist)
    order = np.argsort(items)
    just_now = Opinion(artists[0].n_items, items[order], (1 / steps[order]).astype(np.float32))
    return Told(songs, (*artists, just_now))


def _on_axis(
    models: OrderModels, ensemble: Blend | None, known: Profile, recent: Ints
) -> tuple[Opinion, ...]:
    n_items = models.transitions.rules.shape[0]
    played = Opinion(n_items, known.liked.items, known.liked.weights)
    return (*models.opinions(recent), *_asked(ensemble, known, recent, n_items), played)


def _asked(ensemble: Blend | None, known: Profile, recent: Ints, n_items: int) -> tuple[Opinion, Opinion]:
    """Return what the ensemble says of the user, the latest items included, and of the latest alone."""
    items, steps = latest(recent)
    order = np.argsort(items)
    near = Profile(items[order], (_LIKED / steps[order]).astype(np.float32))
    if ensemble is None:
        nothing = Opinion(n_items, np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        return nothing, nothing
    everything: Mask = np.ones(n_items, dtype=np.bool_)
    both = with_played(known, items)
    return tuple(  # type: ignore[return-value]
        ensemble.shortlist(profile, everything, _NAMED) for profile in (both, near)
    )


def with_played(known: Profile, items: Ints) -> Profile:
    """Return the profile with one more play of each of some different items."""
    everything = np.union1d(known.items, items).astype(np.int32)
    weights: Floats = np.zeros(len(everything), dtype=np.float32)
    weights[np.searchsorted(everything, known.items)] = known.weights
    more = np.searchsorted(everything, items)
    weights[more] = np.where(weights[more] < 0, weights[more], np.log2(np.exp2(weights[more]) + 1))
    return Profile(everything, weights, known.community)


def _shares(opinion: Opinion, items: Ints) -> Doubles:
    """Return the share of each item in the sum of all scores, 0 where nothing is said."""
    _, named, scores = opinion
    good = np.maximum(scores.astype(np.float64), 0)
    total = float(good.sum())
    if total <= 0:
        return np.zeros(len(items))
    at = np.minimum(np.searchsorted(named, items), len(named) - 1)
    return np.where(named[at] == items, good[at], 0.0) / total


def _strongest(opinion: Opinion, k: int) -> Ints:
    _, items, scores = opinion
    if len(items) <= k:
        return items
    return items[np.argpartition(-scores, k)[:k]]


def features(shares: Doubles, known: Mask) -> Doubles:
    """Return K x `N_FEATURES`: shares and their logarithms, of new songs and of known ones apart."""
    scaled = shares / np.maximum(shares.max(axis=0, initial=0.0), 1e-12)
    both = np.column_stack([scaled, np.log(shares + FLOOR) - np.log(FLOOR)])
    return np.column_stack([both * ~known[:, None], both * known[:, None], known])


FLOOR = 1e-4
"""The share that silence stands for."""

N_FEATURES = 2 * 2 * len(EXPERTS) + 1


def by_artist(artists: Ints, odds: Doubles) -> tuple[Ints, Doubles]:
    """Return the artists of some candidates, ascending, and the sum of the odds of each one's songs."""
    found, where = np.unique(artists, return_inverse=True)
    return found.astype(np.int32), summed(where, odds, len(found))
