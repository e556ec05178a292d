"""Mailings: what comes by itself to people and places, each once, on one day at most one of all kinds.

Whatever sends them asks `due`, claims one, says that it begins, sends, and says how it ended.  What may be
due is read; whether it is ours is decided in one transaction (`storage.chats.subscriptions`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar

from storage.chats import local_time
from storage.chats.local_time import NIGHT, Quiet
from storage.chats.subscriptions import Mailing, MailingKind, Outcome, Owner, Subscription, Subscriptions
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

ZONE, QUIET = "zone", "quiet"
"""Names of the settings of a user or community."""

_GUESS = "?"  # before a zone that nobody has said


class DueMailing(NamedTuple):
    """A mailing that may be claimed."""

    subscription: Subscription
    period: str
    day: int  # the owner's local date


class Clock(NamedTuple):
    """How an owner's time goes."""

    zone: str
    is_guess: bool
    quiet: Quiet


class Mailings:
    """Verbs on what comes by itself: `music.mailings`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    # --- what an owner wants ----------------------------------------------------------------------------

    async def clock(self, owner: Owner) -> Clock | None:
        """Return an owner's zone and quiet hours, None while the zone is neither said nor guessed."""
        return await self._read(lambda store: _clock(store, owner))

    async def set_zone(self, owner: Owner, zone: str, *, is_guess: bool = False) -> None:
        """Store an owner's zone."""
        value = f"{_GUESS}{zone}" if is_guess else zone
        await self._write(lambda store: store.people.set_setting(*owner.scope, ZONE, value))

    async def set_quiet(self, owner: Owner, quiet: Quiet) -> None:
        """Store an owner's quiet hours."""
        await self._write(lambda store: store.people.set_setting(*owner.scope, QUIET, str(quiet)))

    async def of(self, owner: Owner) -> list[Subscription]:
        """Return what an owner wants."""
        return await self._read(lambda store: Subscriptions(store.db).of(owner))

    async def find(self, owner: Owner, kind: MailingKind) -> Subscription | None:
        """Return an owner's subscription of a kind, None if it is off."""
        return await self._read(lambda store: Subscriptions(store.db).find(owner, kind))

    async def turn_on(self, wanted: Subscription) -> None:
        """Turn a subscription on, or change it; its first time is the next one after this moment."""
        begun = replace(wanted, begun_at=self._now())
        await self._write(lambda store: Subscriptions(store.db).turn_on(begun))

    async def turn_off(self, owner: Owner, kind: MailingKind | None = None) -> int:
        """Turn a kind off, or all; return how many were on."""
        return await self._write(lambda store: Subscriptions(store.db).turn_off(owner, kind))

    async def take_closed(self, owner: Owner) -> list[Subscription]:
        """Return once what ended because the owner's chat took no messages."""
        if not any(one.closed_at is not None for one in await self.of(owner)):
            return []
        return await self._write(lambda store: Subscriptions(store.db).take_closed(owner))

    async def next_at(self, one: Subscription) -> int:
        """Return when the next mailing of a subscription is due, as far as its hours are concerned."""
        clock, now = await self.clock(one.owner), self._now()
        zone = local_time.UTC_NAME if clock is None else clock.zone
        due = local_time.next_due(now, one.weekday, one.hour, zone)

        def sent(store: Store) -> bool:
            return Subscriptions(store.db).is_over(one, due.week)

        if await self._read(sent):  # the day of the week has changed since this week's was sent
            due = local_time.next_due(due.at, one.weekday, one.hour, zone)
        return due.at

    # --- sending ----------------------------------------------------------------------------------------

    async def due(self, platform: str) -> list[DueMailing]:
        """Return what may be claimed now on a platform; late ones are among them, quiet hours pass first."""
        now = self._now()

        def found(store: Store) -> list[DueMailing]:
            known = Subscriptions(store.db)
            due = (_due(store, one, now) for one in known.on(platform))
            return [one for one in due if one and not known.is_over(one.subscription, one.period)]

        return await self._read(found)

    async def claim(self, due: DueMailing, *, repeats_within: int = 0) -> Mailing | None:
        """Claim a mailing, None if it is not ours; see `Subscriptions.claim`."""
        now = self._now()

        def claimed(store: Store) -> Mailing | None:
            return Subscriptions(store.db).claim(
                due.subscription, due.period, day=due.day, now=now, repeats_within=repeats_within
            )

        return await self._write(claimed)

    async def begin(self, mailing: Mailing, slate_id: int | None = None) -> None:
        """Note durably that the platform is about to be asked, to show a slate."""
        now = self._now()
        await self._write(lambda store: Subscriptions(store.db).began(mailing.id, now=now, slate_id=slate_id))

    async def end(self, mailing: Mailing, outcome: Outcome) -> None:
        """Note how a mailing ended; "closed" ends everything for its owner."""
        now = self._now()

        def ended(store: Store) -> None:
            known = Subscriptions(store.db)
            known.end(mailing.id, outcome, now=now)
            if outcome == "closed":
                known.close(mailing.owner, now=now)

        await self._write(ended)

    async def release(self, mailing: Mailing, *, pause: int) -> None:
        """Give a claim back for `pause` seconds, since surely nothing was sent."""
        now = self._now()
        await self._write(lambda store: Subscriptions(store.db).release(mailing.id, now=now, pause=pause))

    async def last_slate(self, owner: Owner, kind: MailingKind) -> int | None:
        """Return the slate of the owner's latest mailing of a kind."""
        return await self._read(lambda store: Subscriptions(store.db).last_slate(owner, kind))


def _clock(store: Store, owner: Owner) -> Clock | None:
    zone, quiet = (store.people.setting(*owner.scope, name) for name in (ZONE, QUIET))
    if zone is None:
        return None
    hours = NIGHT if quiet is None else Quiet(*map(int, quiet.split("-")))
    return Clock(zone.removeprefix(_GUESS), zone.startswith(_GUESS), hours)


def _due(store: Store, one: Subscription, now: int) -> DueMailing | None:
    clock = _clock(store, one.owner) or Clock(local_time.UTC_NAME, True, NIGHT)
    here = local_time.local(now, clock.zone)
    if clock.quiet.covers(here.hour):
        return None
    day = here.date().toordinal()
    if one.at_once:
        return DueMailing(one, here.date().isoformat(), day) if now >= one.begun_at else None
    due = local_time.last_due(now, one.weekday, one.hour, clock.zone)
    return DueMailing(one, due.week, day) if due.at > one.begun_at else None
