"""Taste comparisons, between users who have both agreed to be compared in this community."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo, NotKnown
from recommender.groups.expectations import Expect, by_place, pooled
from recommender.pipeline.calibration import wanted
from recommender.pipeline.user_profile import UserProfile
from recommender.request import Request
from recommender.scorers import Profile
from recommender.slates.place_rules import VISIBLE
from recommender.snapshot import Snapshot
from recommender.types import Listener, Query, Song
from storage.records import Community, Subject
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")

_MOST = 5
_NEAREST = 5
MENTION = re.compile(r"<@!?([0-9]{1,20})>")
"""A mention by platform id, as an adapter puts it into a line."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two users' tastes."""

    name: str
    agreement: float  # 0 to 1
    shared: tuple[str, ...]  # artists both like, strongest first
    they_show: tuple[str, ...]  # their artists that I do not know
    i_show: tuple[str, ...]
    both: Song | None  # new to both users, and likely to please both


class Comparing:
    """Verbs on comparisons: `music.comparing`."""

    def __init__(
        self,
        read: RunsWork,
        write: RunsWork,
        clock: Callable[[], float],
        snapshot: Callable[[], Snapshot],
        expect: Expect = by_place,
    ) -> None:
        """`read` and `write` run work on the threads of the service; `clock` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._clock = clock
        self._snapshot = snapshot
        self._expect = expect

    # --- consent ----------------------------------------------------------------------------------------

    async def decided(self, listener: Listener) -> bool | None:
        """Return whether the user can be compared here; None before they have decided."""
        name = _setting(_place(listener))
        said = await self._read(lambda store: store.people.setting("user", listener.user_id, name))
        return None if said is None else said == "1"

    async def decide(self, listener: Listener, *, visible: bool, place: int | None = None) -> None:
        """Store whether the user can be compared in this community, or in the community `place`."""
        here = _place(listener) if place is None else place

        def kept(store: Store) -> None:
            if listener.user_id not in Places(store.db).member_ids(here):
                raise NotKnown("I have not met you there.")
            store.people.set_setting("user", listener.user_id, _setting(here), str(int(visible)))

        await self._write(kept)

    async def accounts(self, community: Community) -> list[str]:
        """Return the outside ids, on the community's platform, of the users who can be compared there."""

        def visible(store: Store) -> list[str]:
            place = Places(store.db).find(community.platform, community.external_id)
            if place is None:
                return []
            people = _visible(store, place)
            wishing = Places(store.db).wishing(community.platform, _setting(place))
            return [account for account, user in wishing if user in people]

        return await self._read(visible)

    async def find(self, listener: Listener, text: str) -> tuple[int, str]:
        """Return the (user, name) that `text` refers to, if that user can be compared here.

        Raises `NotKnown` for everybody else alike, so that the error does not reveal who is a member.
        """
        place, wanted_name = _place(listener), text.strip()
        mention = MENTION.fullmatch(wanted_name)

        def found(store: Store) -> tuple[int, str]:
            people = _visible(store, place)
            if mention is not None:
                user = store.people.find(listener.platform, mention[1])
                matches = [user] if user in people else []
            else:
                key = wanted_name.removeprefix("@").casefold()
                names = {user: name.casefold() for user, name in people.items()}
                matches = [user for user, name in names.items() if name == key] or [
                    user for user, name in names.items() if key and name.startswith(key)
                ]
            if len(matches) != 1 or matches[0] is None:
                raise NotKnown(
                    "I compare only people who are visible here. Ask them to say /visible on, "
                    "and write their name as I show it: /neighbours lists whom I may name."
                )
            return matches[0], people[matches[0]]

        return await self._read(found)

    # --- comparing --------------------------------------------------------------------------------------

    async def compare(self, listener: Listener, other: int, name: str) -> Comparison:
        """Return what two users share and could recommend each other.

        Raise `NothingToDo` with too little data.
        """
        snapshot, now = self._snapshot(), self._clock()

        def compared(store: Store) -> Comparison:
            mine = _request(store, snapshot, listener, listener.user_id, now)
            theirs = _request(store, snapshot, listener, other, now)
            if not len(mine.artists.liked.items):
                raise NothingToDo("I do not know your taste yet. Three likes are a start: /like and a name.")
            if not len(theirs.artists.liked.items):
                raise NothingToDo("{} has not told me enough yet to compare.", name)
            return Comparison(
                name,
                agreement(snapshot, mine, theirs),
                self._named(store, snapshot, _common(mine.artists, theirs.artists)),
                self._named(store, snapshot, _only(theirs, mine)),
                self._named(store, snapshot, _only(mine, theirs)),
                self._for_both(store, snapshot, mine, theirs),
            )

        return await self._read(compared)

    async def neighbours(self, listener: Listener) -> list[tuple[str, float]]:
        """Return (name, agreement) of the visible users here with the most similar tastes, best first."""
        snapshot, now = self._snapshot(), self._clock()

        def near(store: Store) -> list[tuple[str, float]]:
            mine = _request(store, snapshot, listener, listener.user_id, now)
            people = _visible(store, _place(listener))
            agreed = [
                (name, agreement(snapshot, mine, _request(store, snapshot, listener, user, now)))
                for user, name in people.items()
                if user != listener.user_id
            ]
            return sorted((one for one in agreed if one[1] > 0), key=lambda one: -one[1])[:_NEAREST]

        return await self._read(near)

    async def who(self, listener: Listener, artist_id: int) -> list[str]:
        """Return the names of visible users here who like an artist, strongest like first."""
        snapshot, now = self._snapshot(), self._clock()

        def liking(store: Store) -> list[str]:
            column = snapshot.artists.items.column(artist_id)
            weights = {
                name: _weight(_request(store, snapshot, listener, user, now).artists, column)
                for user, name in _visible(store, _place(listener)).items()
            }
            return [name for name, weight in sorted(weights.items(), key=lambda one: -one[1]) if weight > 0]

        return await self._read(liking)

    def _named(self, store: Store, snapshot: Snapshot, columns: list[int]) -> tuple[str, ...]:
        ids = [int(snapshot.artists.items.ids[column]) for column in columns[:_MOST]]
        names = store.music.artists(ids)
        return tuple(names[ident].name for ident in ids if ident in names)

    def _for_both(self, store: Store, snapshot: Snapshot, mine: Request, theirs: Request) -> Song | None:
        """Return the track with the best chance to please both, among those new and acceptable to both."""
        outlooks = [self._expect(snapshot, one, np.random.default_rng(0)) for one in (mine, theirs)]
        pool = pooled(outlooks, len(snapshot.artists.items), np.zeros(0, dtype=np.int64))
        allowed = pool.tracks >= 0
        for request in (mine, theirs):
            allowed &= ~np.isin(pool.tracks, request.barred_tracks)
            allowed &= ~np.isin(pool.artists, request.barred_artists)
        if not allowed.any():
            return None
        best = int(np.argmax(np.where(allowed, pool.expected.prod(axis=0), -1.0)))
        artist, track = int(pool.artists[best]), int(pool.tracks[best])
        subject = Subject(int(snapshot.artists.items.ids[artist]), int(snapshot.tracks.items.ids[track]))
        return songs_of(store, [subject]).get(subject)


def agreement(snapshot: Snapshot, mine: Request, theirs: Request) -> float:
    """Return the similarity of two tastes, 0 to 1.

    Half by artists, half by the tags of artists and tracks.
    """
    axes = snapshot.artists.item_tags, snapshot.tracks.item_tags
    tags = [wanted(axes, snapshot.rarity, (one.artists, one.tracks)) for one in (mine, theirs)]
    n = len(snapshot.artists.items)
    artists = [np.zeros(n), np.zeros(n)]
    for row, one in zip(artists, (mine, theirs), strict=True):
        row[one.artists.liked.items] = one.artists.liked.weights
    return 0.5 * _cosine(*artists) + 0.5 * _cosine(*tags)


def _cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths else 0.0


def _setting(place: int) -> str:
    return VISIBLE.format(place)


def _place(listener: Listener) -> int:
    if listener.community_id is None:
        raise NothingToDo("Tastes are compared in a server or a group, among people who said they may be.")
    return listener.community_id


def _visible(store: Store, place: int) -> dict[int, str]:
    said = dict(Places(store.db).with_setting("user", _setting(place)))
    members = Places(store.db).member_ids(place)
    return Places(store.db).names_near(place, [user for user in members if said.get(user) == "1"])


def _request(store: Store, snapshot: Snapshot, listener: Listener, user: int, now: float) -> Request:
    profile = store.profiles.made(user, UserProfile.read)
    return profile.request(snapshot, Query(user, 1, listener.community_id), now)


def _weight(profile: Profile, column: int) -> float:
    found = np.flatnonzero(profile.items == column)
    return float(profile.weights[found[0]]) if len(found) else 0.0


def _common(a: Profile, b: Profile) -> list[int]:
    """Return the columns both users like, ordered by the smaller of the two weights."""
    items, at_a, at_b = np.intersect1d(a.liked.items, b.liked.items, return_indices=True)
    weights = np.minimum(a.liked.weights[at_a], b.liked.weights[at_b])
    return [int(column) for column in items[np.argsort(-weights, kind="stable")]]


def _only(giver: Request, taker: Request) -> list[int]:
    """Return the artists that one user likes and the other does not know, strongest first."""
    liked = giver.artists.liked
    new = ~np.isin(liked.items, np.union1d(taker.own_artists, taker.barred_artists))
    order = np.argsort(-liked.weights[new], kind="stable")
    return [int(column) for column in liked.items[new][order]]
