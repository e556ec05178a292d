"""The weekly list: discoveries that were on no list for a year, and one song to come back to.

For a person, the discoveries are by artists they do not know, as long as there are enough; for a place, near
what several of its people like, which the query has as seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from recommender.arrays import Ints
from recommender.bandit.policy import Policy
from recommender.pipeline import recommend
from recommender.pipeline.ranking import known_artists
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Query, Recommendation
from storage.records import Subject
from storage.store import Store
from storage.users.communities import Communities as Places

WEEKLY: Final = "weekly"
"""The occasion of such a query."""

SONGS = 10
"""Songs of a weekly list."""

FAVOURITES, SEVERAL = 5, 2
"""Artists of a place that its list is near, and the number of people who like each at least."""

_YEAR = 365 * 86_400
_SONGS_OF_ARTIST = 5  # by a loved artist, best known first
_COMFORTS = 50  # favourites of a place among which one that was not shown is looked for


def weekly(
    store: Store, snapshot: Snapshot, request: Request, policy: Policy, rng: np.random.Generator, now: float
) -> list[Recommendation]:
    """Return at most `request.query.n` songs that were on none of this owner's lists for a year."""
    query, since = request.query, int(now) - _YEAR
    shown = store.slates.shown_since(query.user_id, since).keys() | _shown_here(store, query, since)
    tracks = _columns(snapshot, [subject.track_id for subject in shown if subject.track_id is not None])
    alone = [subject.artist_id for subject in shown if subject.track_id is None]
    artists = snapshot.artists.items.columns(np.array(alone, dtype=np.int64))
    request = replace(
        request,
        barred_tracks=np.union1d(request.barred_tracks, snapshot.versions_of(tracks)).astype(np.int32),
        barred_alone=np.union1d(request.barred_alone, artists[artists >= 0]).astype(np.int32),
        shown_tracks=tracks[:0],
        shown_artists=tracks[:0],
    )
    comfort = _comfort(store, snapshot, request, frozenset(tracks.tolist()))
    found = _discoveries(snapshot, request, policy, rng, query.n - len(comfort))
    return [*found, *comfort]


def _shown_here(store: Store, query: Query, since: int) -> set[Subject]:
    return set() if query.community_id is None else store.slates.shown_in(query.community_id, since)


def _columns(snapshot: Snapshot, track_ids: Sequence[int]) -> Ints:
    columns = snapshot.tracks.items.columns(np.array(track_ids, dtype=np.int64))
    return np.unique(columns[columns >= 0]).astype(np.int32)


def _discoveries(
    snapshot: Snapshot, request: Request, policy: Policy, rng: np.random.Generator, n: int
) -> list[Recommendation]:
    """Return `n` songs of artists that are new to the user; the rest of others where there are too few."""
    wanted = replace(request, query=replace(request.query, n=n))
    familiar = known_artists(snapshot, request)
    new = replace(wanted, barred_artists=np.union1d(wanted.barred_artists, familiar).astype(np.int32))
    found = recommend(snapshot, new, policy, rng)
    if len(found) < n:
        have = {pick.subject for pick in found}
        others = recommend(snapshot, wanted, policy, rng)
        found += [pick for pick in others if pick.subject not in have][: n - len(found)]
    return found


def _comfort(
    store: Store, snapshot: Snapshot, request: Request, shown: frozenset[int]
) -> list[Recommendation]:
    """Return a song that the user, or several people of the place, love; none where there is no such song."""
    unwanted = np.isin(snapshot.track_artists, request.barred_artists)
    place = request.query.community_id
    known = _loved(snapshot, request) if place is None else _loved_here(store, snapshot, place)
    for column, reason in known:
        if column >= 0 and column not in shown and not unwanted[column]:
            at = np.array([column], dtype=np.int32)
            [subject] = snapshot.subjects(snapshot.track_artists[at], at)
            return [Recommendation(subject, 0.0, reason, 1.0, {})]
    return []


def _loved(snapshot: Snapshot, request: Request) -> Iterator[tuple[int, Explanation]]:
    """Yield the songs that the user loves, the strongest first, then songs of loved artists."""
    for column in _strongest(request.tracks.liked):
        yield column, Explanation("comfort")
    for artist in _strongest(request.artists.liked):
        cause = Subject(int(snapshot.artists.items.ids[artist]))
        for column in snapshot.tracks_of(artist)[:_SONGS_OF_ARTIST].tolist():
            yield column, Explanation("artist", cause)


def _strongest(liked: Profile) -> list[int]:
    items: list[int] = liked.items[np.argsort(-liked.weights, kind="stable")].tolist()
    return items


def _loved_here(store: Store, snapshot: Snapshot, place: int) -> Iterator[tuple[int, Explanation]]:
    for subject, people in Places(store.db).favourite_tracks(place, _COMFORTS, SEVERAL):
        yield snapshot.tracks.items.column(subject.track_id or -1), Explanation("community", count=people)
