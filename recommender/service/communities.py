"""What a place may decide for itself, and what it may know: counts, never one person's history."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from recommender.errors import NotKnown
from recommender.slates.place_rules import _BLOCKED, CommunitySettings, allowed, settings_of
from recommender.types import Song
from storage.communities import Communities as Places
from storage.outside import Outside
from storage.records import Community, Kind, Subject
from storage.store import Store

T = TypeVar("T")

ERASE_AFTER = 30 * 24 * 3600
"""Seconds from the day the bot leaves a place until what it knows of the place is erased."""

LEAST_PEOPLE = 2
"""An artist that fewer people of a place like is not named in its statistics: it would point at somebody."""

_LEFT = "left_at"
_MOST_LIKED = 10


@dataclass(frozen=True, slots=True)
class CommunityStats:
    """A place in figures."""

    members: int
    slates: int
    said: dict[str, int] = field(default_factory=dict)  # kind of event -> how many stand
    liked: tuple[tuple[str, int], ...] = ()  # artist, people who like them


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


class Communities:
    """The verbs of the service on places: `music.communities`."""

    def __init__(self, read: _Run, write: _Run, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def find(self, platform: str, external_id: str) -> int | None:
        """Return the id of a place, None if nobody has ever spoken there."""
        return await self._read(lambda store: Places(store.db).find(platform, external_id))

    async def user(self, platform: str, external_id: str) -> int | None:
        """Return the user of an account, None if it has never spoken: nobody is made a user by looking."""
        return await self._read(lambda store: store.people.find(platform, external_id))

    async def people(self, platform: str, external_ids: list[str]) -> dict[str, tuple[int, str]]:
        """Return the (user, name) of those accounts that have spoken, by their outside id."""
        return await self._read(lambda store: Places(store.db).people(platform, external_ids))

    async def names(self, platform: str, users: tuple[int, ...]) -> list[str]:
        """Return what those users are called on a platform, in order; who has no account there is missing."""
        return await self._read(lambda store: Places(store.db).names(platform, users))

    async def settings(self, community_id: int) -> CommunitySettings:
        """Return what a place has decided."""
        return await self._read(lambda store: settings_of(store, community_id))

    async def decide(self, community_id: int, name: str, value: str) -> None:
        """Keep a decision: `language`, `channels` (with commas), `size`, `explicit` (1 or 0), `cooldown`."""
        if name not in CommunitySettings.__slots__ or name == "blocked":
            raise NotKnown(f"There is no setting {name}.")
        await self._write(lambda store: store.people.set_setting("community", community_id, name, value))

    async def block(self, community_id: int, subject: Subject, *, blocked: bool) -> bool:
        """Keep a song or artist out of this place, or let it back in; False where that stands already."""
        name = f"{_BLOCKED}{subject.artist_id}:{subject.track_id or ''}"

        def turned(store: Store) -> bool:
            if not blocked:
                return Places(store.db).unset("community", community_id, name)
            if store.people.setting("community", community_id, name) is not None:
                return False
            store.people.set_setting("community", community_id, name, "1")
            return True

        return await self._write(turned)

    async def allowed(self, community_id: int | None, songs: Sequence[Song]) -> tuple[Song, ...]:
        """Return the songs and artists that may be offered in a place, in order; in private, all."""
        return await self._read(lambda store: allowed(store, community_id, songs))

    async def stats(self, community_id: int) -> CommunityStats:
        """Return a place in figures; an artist is named from `LEAST_PEOPLE` people on."""

        def counted(store: Store) -> CommunityStats:
            places = Places(store.db)
            liked = places.liked(community_id, _MOST_LIKED, LEAST_PEOPLE)
            members, slates = places.members(community_id), places.slates(community_id)
            return CommunityStats(members, slates, places.said(community_id), tuple(liked))

        return await self._read(counted)

    async def votes(self, slate_id: int) -> dict[int, Counter[Kind]]:
        """Return how many people said what of each song of a slate, by position."""
        rows = await self._read(lambda store: Places(store.db).votes(slate_id))
        votes: dict[int, Counter[Kind]] = {}
        for position, kind, people in rows:
            votes.setdefault(position, Counter())[Kind(kind)] = people
        return votes

    async def links(self, songs: tuple[Song, ...]) -> dict[Subject, dict[str, str]]:
        """Return the outside ids of songs, by scheme: "spotify", "youtube", "isrc"; "cover" is an address."""
        now = self._now()

        def found(store: Store) -> dict[Subject, dict[str, str]]:
            links = Places(store.db).links([song.subject for song in songs])
            subjects = {s.track_id: s for song in songs if (s := song.subject).track_id is not None}
            for track_id, url in Outside(store.db).covers(subjects, now=now).items():
                links.setdefault(subjects[track_id], {})["cover"] = url
            return links

        return await self._read(found)

    async def remove_member(self, community_id: int, user_id: int) -> dict[str, int]:
        """Take a person out of a place; return how many events, slates and memberships left it."""
        return await self._write(lambda store: Places(store.db).remove_member(community_id, user_id))

    async def left(self, community: Community) -> None:
        """Remember that the bot was removed from a place: `ERASE_AFTER` later it is erased."""
        now = self._now()

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            if place is not None and store.people.setting("community", place, _LEFT) is None:
                store.people.set_setting("community", place, _LEFT, str(now))

        await self._write(noted)

    async def returned(self, community: Community) -> None:
        """Remember that the bot is in a place (again): nothing of it is erased."""

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            if place is not None:
                Places(store.db).unset("community", place, _LEFT)

        await self._write(noted)

    async def reconcile(self, platform: str, present: frozenset[str]) -> None:
        """Note which places were left or entered while nobody watched; `present` are outside ids."""
        for place in await self._read(lambda store: Places(store.db).places(platform)):
            if place.external_id in present:
                await self.returned(place)
            else:
                await self.left(place)

    async def erase_left(self) -> int:
        """Erase every place that was left `ERASE_AFTER` ago or longer; return how many."""
        due = self._now() - ERASE_AFTER

        def erased(store: Store) -> int:
            places = Places(store.db)
            left = [place for place, at in places.with_setting("community", _LEFT) if int(at) <= due]
            for place in left:
                places.erase(place)
            return len(left)

        return await self._write(erased)

    async def erase(self, community_id: int) -> dict[str, int]:
        """Erase a place at once; return how many settings and memberships went."""
        return await self._write(lambda store: Places(store.db).erase(community_id))

    async def wishing(self, platform: str, name: str) -> list[tuple[str, int]]:
        """Return the accounts of a platform whose users have a setting at "1", as (outside id, user)."""
        return await self._read(lambda store: Places(store.db).wishing(platform, name))

    async def wish(self, user_id: int, name: str) -> str | None:
        """Return a setting of a person."""
        return await self._read(lambda store: store.people.setting("user", user_id, name))

    async def set_wish(self, user_id: int, name: str, value: str) -> None:
        """Keep a setting of a person."""
        await self._write(lambda store: store.people.set_setting("user", user_id, name, value))
