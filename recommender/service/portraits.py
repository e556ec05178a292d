"""Portraits: what a picture of a taste shows beyond its figures: a place on the map of music, and sounds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeVar
from weakref import ref

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.content.genres import family
from recommender.linalg import top
from recommender.pipeline.user_profile import UserProfile
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from recommender.types import Listener, Share
from storage.records import FEATURES
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

_STARS = 900  # artists drawn on a map
_NAMED = 24  # artists of the user on it
_SAMPLE = 20_000  # tracks that a percentile is taken among
_FEWEST = 3  # tracks with a sound, for a statement about sounds
SOUNDS = {
    "danceability": "danceable",
    "energy": "energetic",
    "valence": "happy",
    "acousticness": "acoustic",
    "instrumentalness": "instrumental",
    "tempo": "fast",
}
"""The features of a portrait, and what much of each is called."""


class Star(NamedTuple):
    """An artist on the map: its place, 0 to 1 from the upper left, and genre family ("" if unknown)."""

    x: float
    y: float
    family: str


class Named(NamedTuple):
    """An artist of the user: name, place, weight from 0 to 1, and id."""

    name: str
    star: Star
    weight: float
    artist_id: int


@dataclass(frozen=True, slots=True)
class MusicMap:
    """The map of music with the user on it."""

    stars: tuple[Star, ...]
    own: tuple[Named, ...]  # the user's artists, strongest first
    here: tuple[float, float]  # the middle of the user's artists


@dataclass(frozen=True, slots=True)
class Portrait:
    """A user's place on the map (None if unknown) and the sound of their songs.

    Each sound is the mean percentile among all songs, 0 to 1; the average song is at 0.5.
    """

    map: MusicMap | None = None
    sounds: tuple[Share, ...] = ()


class Portraits:
    """Verbs on portraits: `music.portraits`."""

    def __init__(self, read: RunsWork, clock: Callable[[], float], snapshot: Callable[[], Snapshot]) -> None:
        """`read` runs work on a reading thread; `clock` returns seconds since 1970."""
        self._read = read
        self._clock = clock
        self._snapshot = snapshot
        self._sky: tuple[Callable[[], Snapshot | None], tuple[Star, ...]] = (lambda: None, ())

    async def of(self, listener: Listener) -> Portrait:
        """Return the user's portrait."""
        snapshot, now = self._snapshot(), self._clock()

        def found(store: Store) -> Portrait:
            profile = store.profiles.made(listener.user_id, UserProfile.read)
            placed = profile.placed(snapshot).without(profile.said.unwanted_artists)
            on_artists, on_tracks = (Profile(*row).liked for row in placed.rows(now))
            drawn = music_map(store, snapshot, on_artists, self._stars_of(snapshot))
            return Portrait(drawn, sounds(snapshot, on_tracks))

        return await self._read(found)

    def _stars_of(self, snapshot: Snapshot) -> tuple[Star, ...]:
        """Return the best-known artists of a snapshot: the same for everybody, and most of the work."""
        of, stars = self._sky
        if of() is not snapshot:
            stars = best_known(snapshot)
            self._sky = ref(snapshot), stars
        return stars


def best_known(snapshot: Snapshot) -> tuple[Star, ...]:
    """Return the best-known artists that have a place on the map."""
    has_place = ~np.isnan(snapshot.layout[:, 0])
    known = np.where(has_place, snapshot.artists.people + np.nan_to_num(_fame(snapshot)), -1.0)
    items = top(known, _STARS)
    return tuple(_stars(snapshot, items[has_place[items]]))


def music_map(store: Store, snapshot: Snapshot, liked: Profile, stars: tuple[Star, ...]) -> MusicMap | None:
    """Return the map of `stars` with the artists that a user likes, None if none of them has a place."""
    places = snapshot.layout
    known = ~np.isnan(places[liked.items, 0])
    items, weights = liked.items[known], liked.weights[known]
    nobody = store.music.hidden()[0]
    if not len(items):
        return None
    strongest = items[top(weights.astype(np.float64), _NAMED)]
    ids = snapshot.artists.items.ids
    names = {
        a.id: a.name for a in store.music.artists(ids[strongest].tolist()).values() if a.id not in nobody
    }
    share = dict(zip(items.tolist(), (weights / weights.max()).tolist(), strict=True))
    own = (
        Named(names[int(ids[item])], star, share[int(item)], int(ids[item]))
        for item, star in zip(strongest, _stars(snapshot, strongest), strict=True)
        if int(ids[item]) in names
    )
    x, y = np.average(places[items], axis=0, weights=weights).tolist()
    return MusicMap(stars, tuple(own), (x, y))


def _fame(snapshot: Snapshot) -> Floats:
    """Return how many songs of each artist are known: more of the better known ones, as a tie breaker."""
    songs = np.diff(snapshot.artist_starts).astype(np.float32)
    return np.asarray(songs / (1 + songs.max(initial=0)), dtype=np.float32)


def _stars(snapshot: Snapshot, items: Ints) -> Iterable[Star]:
    tags = snapshot.artists.item_tags
    for item in items.tolist():
        row = slice(tags.indptr[item], tags.indptr[item + 1])
        weights = tags.data[row] * snapshot.rarity[tags.indices[row]]
        best = (snapshot.tags[tags.indices[row][k]] for k in np.argsort(-weights, kind="stable"))
        found = next((known for tag in best if (known := _family(tag))), "")
        x, y = snapshot.layout[item].tolist()
        yield Star(x, y, found)


@cache
def _family(tag: str) -> str:
    return family(tag) or ""


def sounds(snapshot: Snapshot, liked: Profile) -> tuple[Share, ...]:
    """Return how the songs that a user likes sound; empty with too few known."""
    features = snapshot.features
    if not features.shape[1]:
        return ()
    heard = features[liked.items].any(axis=1)
    items, weights = liked.items[heard], liked.weights[heard]
    if len(items) < _FEWEST:
        return ()
    known = np.flatnonzero(features.any(axis=1))
    sample = features[known[:: 1 + len(known) // _SAMPLE]]
    found = []
    for feature, called in SOUNDS.items():
        column = FEATURES.index(feature)
        ordered = np.sort(sample[:, column])
        middle = np.searchsorted(ordered, features[items, column], side="left")
        middle = middle + np.searchsorted(ordered, features[items, column], side="right")
        found.append(Share(called, float(np.average(middle / (2 * len(ordered)), weights=weights))))
    return tuple(found)
