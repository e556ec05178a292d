"""Exclusions from a user's taste: artists, genres, spans of time, sources; and the offers to make one."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from recommender.errors import NotKnown
from recommender.service.mailings import ZONE
from recommender.types import Listener
from storage.chats import local_time
from storage.chats.subscriptions import Owner
from storage.listening.exclusions import Exclusion, Exclusions, NightPlay, Offer, What
from storage.naming.text import fold
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

_NIGHT_HOURS = 12
_LOOK_EVERY, _MOST_LOOKED = 1800, 10_000
_LOOKED_AT = 7 * local_time.DAY  # a night longer ago is not asked about
_REPEATS, _SLEEPS = 20, 10  # plays of one night that are worth the question ...
_MOSTLY = 0.8  # ... if they are this share of all its plays
# Words for sleep and small children in English, German and Spanish, in names and tags, folded.
_SLEEP = re.compile(
    r"\b(lullab\w*|(white|pink|brown|green) noise|noise|sleep\w*|rain sounds?|nature sounds?|nursery"
    r"|(baby|babies|children)s? (songs?|music)|schlaf\w*|wiegenlied\w*|kinderlied\w*|einschlaf\w*"
    r"|weisses rauschen|cancion(es)? de cuna|nanas?|ruido blanco|para dormir)\b"
)


class RuleOutcome(NamedTuple):
    """The outcome of a rule: whether it is new, and how many events it changes."""

    is_new: bool
    events: int


class KeptOut:
    """Verbs on what is kept out of a taste: `music.kept_out`."""

    def __init__(
        self, read: RunsWork, write: RunsWork, now: Callable[[], int], learn: Callable[[], bool]
    ) -> None:
        """`read` and `write` run work on the threads of the service; `learn` asks for a training."""
        self._read = read
        self._write = write
        self._now = now
        self._learn = learn
        self._looked: dict[int, int] = {}  # when each user's nights were looked at

    async def of(self, listener: Listener) -> list[Exclusion]:
        """Return the user's rules, oldest first."""
        return await self._read(lambda store: Exclusions(store.db).of(listener.user_id))

    async def exclude(
        self,
        listener: Listener,
        what: What,
        *,
        artist: int | None = None,
        tag: str | None = None,
        source: str | None = None,
        days: tuple[date, date] | None = None,
    ) -> RuleOutcome:
        """Keep an artist, a tag, a source or all of some local days (both included) out of the taste."""
        now, user = self._now(), listener.user_id

        def added(store: Store) -> int | None:
            span = None if days is None else _span(days, _zone(store, user))
            known = Exclusions(store.db)
            return known.add(user, what, now=now, artist=artist, tag=tag, source=source, span=span)

        count = await self._write(added)
        if count:
            self._learn()
        return RuleOutcome(count is not None, count or 0)

    async def include(self, listener: Listener, rule_id: int) -> int:
        """Remove a rule; return how many events teach again; raise `NotKnown` without such a rule."""
        now = self._now()
        back = await self._write(
            lambda store: Exclusions(store.db).remove(listener.user_id, rule_id, now=now)
        )
        if back is None:
            raise NotKnown("That is not kept out. /exclude lists what is.")
        if back:
            self._learn()
        return back

    async def sources(self, listener: Listener) -> list[str]:
        """Return the names of the sources of the user's events, chats included."""
        return await self._read(lambda store: list(store.listens.sources(listener.user_id)))

    async def private_until(self, listener: Listener) -> int | None:
        """Return when the user's private span ends, None if none is on."""
        now = self._now()
        return await self._read(lambda store: Exclusions(store.db).private_until(listener.user_id, now=now))

    async def begin_private(self, listener: Listener, hours: int | None = None) -> int:
        """Keep out what comes from now on, for some hours or until the next morning; return the end."""
        now, user = self._now(), listener.user_id

        def begun(store: Store) -> int:
            until = now + hours * 3600 if hours else local_time.tomorrow(now, _zone(store, user))
            Exclusions(store.db).begin_private(user, until, now=now)
            return until

        return await self._write(begun)

    async def end_private(self, listener: Listener) -> bool:
        """End the private span; return False if none is on."""
        now = self._now()
        return await self._write(lambda store: Exclusions(store.db).end_private(listener.user_id, now=now))

    async def zone(self, listener: Listener) -> str:
        """Return the zone that the user's days are of."""
        return await self._read(lambda store: _zone(store, listener.user_id))

    # --- the offer --------------------------------------------------------------------------------------

    async def offer(self, listener: Listener) -> Offer | None:
        """Return an offer to keep a night out: mostly noise, lullabies, or one song on repeat.

        It is made once, and no more after a refusal or without an answer.
        """
        now, user = self._now(), listener.user_id
        if abs(now - self._looked.get(user, -_LOOK_EVERY)) < _LOOK_EVERY:
            return None
        if len(self._looked) >= _MOST_LOOKED:
            self._looked.clear()
        self._looked[user] = now

        def found(store: Store) -> Offer | None:
            known = Exclusions(store.db)
            night = night_of_one_kind(known.plays_since(user, now - _LOOKED_AT))
            return night if night and known.may_offer(user, since=night.since) else None

        night = await self._read(found)
        if night is None:
            return None
        return await self._write(lambda store: Exclusions(store.db).offer(user, night, now=now))

    async def answer(self, listener: Listener, offer_id: int, *, yes: bool) -> int:
        """Store the answer to an offer; return how many events it keeps out."""
        now, user = self._now(), listener.user_id
        count = await self._write(lambda store: Exclusions(store.db).answer(user, offer_id, yes=yes, now=now))
        if count is None:
            raise NotKnown("I no longer know that question. /exclude keeps something out.")
        if count:
            self._learn()
        return count


def _zone(store: Store, user_id: int) -> str:
    kept = store.people.setting(*Owner(user_id).scope, ZONE) or local_time.UTC_NAME
    return kept.removeprefix("?")


def _span(days: tuple[date, date], zone: str) -> tuple[int, int]:
    first, last = days
    return local_time.instant(first, 0, zone), local_time.instant(last + timedelta(days=1), 0, zone)


def night_of_one_kind(plays: Sequence[NightPlay]) -> Offer | None:
    """Return the latest night of plays (ascending) that were mostly one song, or mostly for sleep.

    A night is a run of plays without a pause of three hours, at most twelve hours long.
    """
    for night in reversed(_nights(plays)):
        total = sum(play.plays for play in night)
        songs, sleepers = Counter[tuple[int, int | None]](), Counter[str]()
        for play in night:
            songs[play.artist_id, play.track_id] += play.plays
            if _SLEEP.search(fold(f"{play.artist} {play.title} {play.tags or ''}")):
                sleepers[play.artist] += play.plays
        span = night[0].at, night[-1].at + 1
        (artist, track), times = songs.most_common(1)[0]
        if sleepers.total() >= max(_SLEEPS, _MOSTLY * total):
            return Offer(0, "sleep", sleepers.most_common(1)[0][0], sleepers.total(), *span)
        if track is not None and times >= max(_REPEATS, _MOSTLY * total):
            label = next(
                f"{p.title} - {p.artist}" for p in night if (p.artist_id, p.track_id) == (artist, track)
            )
            return Offer(0, "repeat", label, times, *span)
    return None


def _nights(plays: Sequence[NightPlay]) -> list[list[NightPlay]]:
    nights: list[list[NightPlay]] = []
    for play in plays:
        new = not nights or play.at - nights[-1][-1].at > 3 * 3600
        if new or play.at - nights[-1][0].at > _NIGHT_HOURS * 3600:
            nights.append([])
        nights[-1].append(play)
    return nights
