"""New releases for a person or a place: what was found of their artists, and what they were told."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

from recommender.catalog.new_releases import NewReleases
from recommender.catalog.releases import FORMS
from recommender.errors import Unavailable
from recommender.service.communities import LEAST_PEOPLE
from recommender.slates.place_rules import settings_of
from storage.chats.subscriptions import Owner
from storage.records import Subject
from storage.services.releases import Release, Releases
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

SECONDARY = ("live", "compilation", "remix", "soundtrack", "mixtape/street", "demo", "dj-mix")
"""Secondary types of a release; these are announced only to users who ask for them."""

WANTED = FORMS
"""The forms announced to users who have not chosen any."""


class ReleaseNews:
    """Verbs on new releases: `music.releases`."""

    def __init__(self, read: RunsWork, write: RunsWork, found: NewReleases) -> None:
        """`read` and `write` run work on the threads of the service; `found` looks for releases."""
        self._read = read
        self._write = write
        self._found = found

    @property
    def is_on(self) -> bool:
        """Whether releases are looked for here at all."""
        return self._found.is_on

    async def of(
        self, owner: Owner, wanted: Sequence[str] = WANTED, *, days: int = 30, again: bool = True
    ) -> list[Release]:
        """Return what came out in the last `days`, newest first; without `again`, only what is not told yet.

        Looks at what is new everywhere first, if nobody has today; a service that does not answer is no news.
        """
        if self._found.is_on:
            with suppress(Unavailable):
                await self._found.everywhere()
        since, until = self._found.day(-days), self._found.day()

        def found(store: Store) -> list[Release]:
            known = Releases(store.db)
            news = known.news(*owner, since=since, until=until, several=LEAST_PEOPLE, again=again)
            place = owner.community_id
            blocked = frozenset[Subject]() if place is None else settings_of(store, place).blocked
            return [one for one in news if is_wanted(one, wanted) and Subject(one.artist_id) not in blocked]

        return await self._read(found)

    async def told(self, owner: Owner, releases: Sequence[Release]) -> None:
        """Note that an owner was told of releases, which are not told again."""
        mbids = [one.mbid for one in releases]
        await self._write(lambda store: Releases(store.db).told(*owner, mbids))


def is_wanted(release: Release, wanted: Sequence[str]) -> bool:
    """Tell whether a release is of a wanted form, and all that it is besides is wanted too.

    >>> live = Release("", "At Home", "album", ("live",), "2026-11-27")
    >>> is_wanted(live, ("album",)), is_wanted(live, ("album", "live"))
    (False, True)
    """
    return release.form in wanted and all(one in wanted for one in release.also)
