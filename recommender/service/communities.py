"""Communities: their settings and statistics, which never reveal one user's history."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from recommender.catalog import listen_links
from recommender.errors import NotKnown
from recommender.service import permissions
from recommender.slates.place_rules import _BLOCKED, CommunitySettings, allowed, settings_of
from recommender.slates.weekly import FAVOURITES
from recommender.types import Song
from storage.records import Account, Community, Kind, Subject
from storage.services.outside import Outside
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")

ERASE_AFTER = 30 * 24 * 3600
"""Seconds between the bot's removal from a community and the erasure of the community's data."""

LEAST_PEOPLE = 2
"""Minimum number of users who like an artist before statistics name it, so that none can be identified."""

LONGEST_LINK = 150
"""Longest address of a search in a card: five songs with theirs fit into one message."""

_LEFT = "left_at"
_MOST_LIKED = 10


@dataclass(frozen=True, slots=True)
class CommunityStats:
    """A community's statistics."""

    members: int
    slates: int
    said: dict[str, int] = field(default_factory=dict)  # kind of event -> count
    liked: tuple[tuple[str, int], ...] = ()  # (artist, number of users who like it)


class Communities:
    """Verbs on communities: `music.communities`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def find(self, platform: str, external_id: str) -> int | None:
        """Return a community's id, None if no user has ever written there."""
        return await self._read(lambda store: Places(store.db).find(platform, external_id))

    async def place(self, community_id: int) -> Community | None:
        """Return a community, None if it is gone."""
        return await self._read(lambda store: Places(store.db).place(community_id))

    async def user(self, platform: str, external_id: str) -> int | None:
        """Return an account's user, None if it has never written; never creates a user."""
        return await self._read(lambda store: store.people.find(platform, external_id))

    async def people(self, platform: str, external_ids: list[str]) -> dict[str, tuple[int, str]]:
        """Return outside id -> (user, name) for the accounts that have written."""
        return await self._read(lambda store: Places(store.db).people(platform, external_ids))

    async def names(self, platform: str, users: tuple[int, ...]) -> list[str]:
        """Return those users' names on a platform, in order, without users who have no account there."""
        return await self._read(lambda store: Places(store.db).names(platform, users))

    async def settings(self, community_id: int) -> CommunitySettings:
        """Return a community's settings."""
        return await self._read(lambda store: settings_of(store, community_id))

    async def decide(self, community_id: int, name: str, value: str) -> None:
        """Store a setting: `language`, `channels` (with commas), `size`, `explicit` (1 or 0), `cooldown`."""
        if name not in CommunitySettings.__slots__ or name == "blocked":
            raise NotKnown(f"There is no setting {name}.")
        await self._write(lambda store: store.people.set_setting("community", community_id, name, value))

    async def block(self, community_id: int, subject: Subject, *, blocked: bool) -> bool:
        """Block or unblock a track or artist in this community; False if that is already so."""
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
        """Return the tracks and artists a community does not block, in order; all of them in private."""
        return await self._read(lambda store: allowed(store, community_id, songs))

    async def stats(self, community_id: int) -> CommunityStats:
        """Return a community's statistics; artists are named from `LEAST_PEOPLE` users on."""

        def counted(store: Store) -> CommunityStats:
            places = Places(store.db)
            liked = places.liked(community_id, _MOST_LIKED, LEAST_PEOPLE)
            members, slates = places.members(community_id), places.slates(community_id)
            return CommunityStats(members, slates, places.said(community_id), tuple(liked))

        return await self._read(counted)

    async def favourites(self, community_id: int) -> tuple[Subject, ...]:
        """Return the artists that several users like here, those of most users first."""
        found = await self._read(
            lambda store: Places(store.db).favourites(community_id, FAVOURITES, LEAST_PEOPLE)
        )
        return tuple(found)

    async def votes(self, slate_id: int) -> dict[int, Counter[Kind]]:
        """Return position -> number of users per kind of reaction, for a slate's tracks."""
        rows = await self._read(lambda store: Places(store.db).votes(slate_id))
        votes: dict[int, Counter[Kind]] = {}
        for position, kind, people in rows:
            votes.setdefault(position, Counter())[Kind(kind)] = people
        return votes

    async def links(
        self, songs: tuple[Song, ...], user_id: int | None = None
    ) -> dict[Subject, dict[str, str]]:
        """Return track -> {scheme: outside id}: "spotify", "youtube", "isrc"; "cover" is a URL.

        For a user who chose a service for links, each song also has its "page" there.
        """
        now = self._now()

        def found(store: Store) -> dict[Subject, dict[str, str]]:
            links = Places(store.db).links([song.subject for song in songs])
            subjects = {s.track_id: s for song in songs if (s := song.subject).track_id is not None}
            for track_id, url in Outside(store.db).covers(subjects, now=now).items():
                links.setdefault(subjects[track_id], {})["cover"] = url
            chosen = None if user_id is None else store.people.setting("user", user_id, listen_links.SETTING)
            for song in songs if chosen in listen_links.SERVICES else ():
                ids = links.setdefault(song.subject, {})
                ids["page"] = listen_links.address(song, ids, chosen or "", longest=LONGEST_LINK)
            return links

        return await self._read(found)

    async def remove_member(self, community_id: int, user_id: int) -> dict[str, int]:
        """Remove a user from a community; return the numbers of events, slates and memberships removed."""
        return await self._write(lambda store: Places(store.db).remove_member(community_id, user_id))

    async def went(self, community: Community, account: Account) -> None:
        """Record that an account has left a community; never creates a user."""

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            user = store.people.find(account.platform, account.external_id)
            if place is not None and user is not None:
                permissions.leave(store, user, place)

        await self._write(noted)

    async def came(self, community: Community, account: Account) -> None:
        """Record that a known user has joined a community, or rejoined it."""

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            user = store.people.find(account.platform, account.external_id)
            if place is not None and user is not None:
                permissions.enter(store, user, place, now=self._now())

        await self._write(noted)

    async def left(self, community: Community) -> None:
        """Record that the bot left a community; its data is erased `ERASE_AFTER` seconds later."""
        now = self._now()

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            if place is not None and store.people.setting("community", place, _LEFT) is None:
                store.people.set_setting("community", place, _LEFT, str(now))

        await self._write(noted)

    async def returned(self, community: Community) -> None:
        """Record that the bot is in a community again, which cancels its erasure."""

        def noted(store: Store) -> None:
            place = Places(store.db).find(community.platform, community.external_id)
            if place is not None:
                Places(store.db).unset("community", place, _LEFT)

        await self._write(noted)

    async def reconcile(
        self, platform: str, present: frozenset[str], served: Callable[[str], bool] | None = None
    ) -> None:
        """Record which communities the bot left or joined while offline; `present` holds outside ids.

        `served` tells by an outside id whether this process serves that community; others stay as they are.
        """
        for place in await self._read(lambda store: Places(store.db).places(platform)):
            if served is not None and not served(place.external_id):
                continue
            if place.external_id in present:
                await self.returned(place)
            else:
                await self.left(place)

    async def erase_left(self) -> int:
        """Erase every community the bot left at least `ERASE_AFTER` seconds ago; return how many."""
        due = self._now() - ERASE_AFTER

        def erased(store: Store) -> int:
            places = Places(store.db)
            left = [place for place, at in places.with_setting("community", _LEFT) if int(at) <= due]
            for place in left:
                places.erase(place)
            return len(left)

        return await self._write(erased)

    async def erase(self, community_id: int) -> dict[str, int]:
        """Erase a community at once; return the numbers of settings and memberships erased."""
        return await self._write(lambda store: Places(store.db).erase(community_id))

    async def wishing(self, platform: str, name: str) -> list[tuple[str, int]]:
        """Return (outside id, user) of a platform's accounts whose users have set `name` to "1"."""
        return await self._read(lambda store: Places(store.db).wishing(platform, name))

    async def wish(self, user_id: int, name: str) -> str | None:
        """Return a user's setting."""
        return await self._read(lambda store: store.people.setting("user", user_id, name))

    async def set_wish(self, user_id: int, name: str, value: str) -> None:
        """Store a user's setting."""
        await self._write(lambda store: store.people.set_setting("user", user_id, name, value))
