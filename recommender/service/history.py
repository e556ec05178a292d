"""Listening history: the verbs behind /wrapped, /profile and /privacy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np

from recommender.arrays import Ids
from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo
from recommender.pipeline.user_profile import UserProfile
from recommender.service.listening_stats import (
    DAY,
    NO_TRACK,
    RECENT,
    Change,
    DatedPlays,
    Fact,
    Streak,
    changes,
    clock,
    counts_of,
    current_run,
    longest_run,
    longest_streak,
    surprises,
    top,
)
from recommender.types import Listener, Song
from storage.records import HistoryLine, Subject
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")
PERIODS = {"week": 7, "month": 30, "year": 365, "all": 365_000}
"""The periods of /profile, in days up to now."""


@dataclass(frozen=True, slots=True)
class Count:
    """A track or artist with its play count."""

    song: Song
    plays: int


@dataclass(frozen=True, slots=True)
class Move:
    """An artist whose share of the plays changed, with the recent and the earlier share."""

    song: Song
    share: float
    before: float


@dataclass(frozen=True, slots=True)
class Surprise:
    """A fact that stands out, with the name of its track or artist."""

    fact: Fact
    song: Song | None


@dataclass(frozen=True, slots=True)
class FactOrigin:
    """A source of facts: how many, and the newest time of listening (seconds since 1970)."""

    name: str
    events: int
    newest: int | None


@dataclass(frozen=True, slots=True)
class Habits:
    """A listening history over time; days are UTC days since 1970."""

    plays: int
    hours: tuple[int, ...]  # plays by hour of the day, 24 counts
    streak: Streak
    current: int  # days in a row up to today
    rising: tuple[Move, ...]
    falling: tuple[Move, ...]
    artists: tuple[Count, ...]  # of the period
    tracks: tuple[Count, ...]
    since: int  # day of the first play


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a user's plays."""

    year: int
    plays: int
    minutes: int  # by known track lengths, 0 if none is known
    artist_count: int
    new_artists: int
    artists: tuple[Count, ...]
    tracks: tuple[Count, ...]
    discovery: Count | None  # the most played of the artists first heard this year
    months: tuple[int, ...]
    hours: tuple[int, ...]
    streak: Streak
    busiest: tuple[int, int]  # day and its play count


class Diary:
    """Verbs on the listening history: `music.diary`."""

    def __init__(self, read: RunsWork, now: Callable[[], int]) -> None:
        """`read` runs work on a reading thread; `now` returns seconds since 1970."""
        self._read = read
        self._now = now

    async def lines(
        self, listener: Listener, n: int = 10, before: int | None = None, text: str = ""
    ) -> list[HistoryLine]:
        """Return a page of the user's log, newest first: `n` lines older than `before` with `text`."""
        return await self._read(lambda store: store.log.history(listener.user_id, n, before, text))

    async def habits(self, listener: Listener, period: str = "month") -> Habits | None:
        """Return what the user's dated plays show, with the top items of a period.

        None without dated plays.
        """
        now = self._now()

        def found(store: Store) -> Habits | None:
            days = np.array(store.profiles.days(listener.user_id), dtype=np.int64).reshape(-1, 2)
            return _habits(store, listener.user_id, days, now, period) if len(days) else None

        return await self._read(found)

    async def wrapped(self, listener: Listener, year: int | None = None) -> Year:
        """Return one year in figures, by default the newest with plays; raise `NothingToDo` without any."""

        def found(store: Store) -> Year:
            days = store.profiles.days(listener.user_id)
            if not days:
                raise NothingToDo("I know of no dated plays of yours. /import or /connect brings them.")
            newest = datetime.fromtimestamp(days[-1][0] * DAY, UTC).year
            return _year(store, listener.user_id, year or newest)

        return await self._read(found)

    async def chart(self, listener: Listener, period: str, n: int) -> tuple[Count, ...]:
        """Return the user's `n` most played tracks of a period; raise `NothingToDo` without dated plays."""
        since = self._now() - PERIODS[period] * DAY

        def found(store: Store) -> tuple[Count, ...]:
            plays = _named_plays(store, _plays(store, listener.user_id))
            return _favourites(store, plays.between(since, np.inf), n)[1]

        if not (counts := await self._read(found)):
            raise NothingToDo("I know of no dated plays of yours then. /import or /connect brings them.")
        return counts

    async def surprises(self, listener: Listener, n: int = 3) -> list[Surprise]:
        """Return the `n` most surprising facts about the user's history."""
        now = self._now()

        def found(store: Store) -> list[Surprise]:
            facts = surprises(_named_plays(store, _plays(store, listener.user_id)), now, n)
            songs = songs_of(store, [fact.subject for fact in facts if fact.subject])
            return [Surprise(fact, songs.get(fact.subject) if fact.subject else None) for fact in facts]

        return await self._read(found)

    async def sources(self, listener: Listener) -> list[FactOrigin]:
        """Return the sources of the user's facts, other than chat."""

        def found(store: Store) -> list[FactOrigin]:
            brought = store.listens.sources(listener.user_id)
            chats = store.people.chats()
            return [FactOrigin(name, *facts) for name, facts in brought.items() if name not in chats]

        return await self._read(found)


def _plays(store: Store, user_id: int, since: int | None = None) -> DatedPlays:
    rows = np.fromiter(store.listens.dated(user_id, since), dtype=np.dtype((np.int64, 5))).reshape(-1, 5)
    return DatedPlays(*np.ascontiguousarray(rows[np.argsort(rows[:, 2], kind="stable")].T))


def _named_plays(store: Store, plays: DatedPlays) -> DatedPlays:
    """Return the plays with a known artist, so that "Unknown Artist" is never a favourite."""
    artists, tracks = (np.array(sorted(ids), dtype=np.int64) for ids in store.music.hidden())
    return plays.without(artists, tracks)


def _habits(store: Store, user_id: int, days: Ids, now: int, period: str) -> Habits:
    """Return the habits of a user with timed plays: N x 2 `days` with their plays, ascending."""
    whole = _timed(store, user_id)
    since = now - max(RECENT, PERIODS[period] if period != "all" else 0) * DAY
    window = _named_plays(store, _plays(store, user_id, since))
    rising, falling = _trends(whole, window.between(now - RECENT * DAY, np.inf))
    lately = whole if period == "all" else window.between(now - PERIODS[period] * DAY, np.inf)
    artists, tracks = _favourites(store, lately, 5)
    names = songs_of(store, [Subject(change.artist_id) for change in (*rising, *falling)])
    hours = store.profiles.hours(user_id)

    def moves(changed: Iterable[Change]) -> tuple[Move, ...]:
        return tuple(Move(names[Subject(c.artist_id)], c.share, c.before) for c in changed)

    return Habits(
        plays=int(days[:, 1].sum()),
        hours=tuple(hours.get(hour, 0) for hour in range(24)),
        streak=longest_run(days[:, 0]),
        current=current_run(days[:, 0], now // DAY),
        rising=moves(rising),
        falling=moves(falling),
        artists=artists,
        tracks=tracks,
        since=int(days[0, 0]),
    )


def _timed(store: Store, user_id: int) -> DatedPlays:
    """Return all timed plays of a user as one row per track or artist, in no order and without times."""
    items = store.profiles.made(user_id, UserProfile.read).items
    times = (items.plays - items.untimed).astype(np.int64)
    nothing = np.zeros(len(times), dtype=np.int64)
    return _named_plays(store, DatedPlays(items.artist, items.track, nothing, nothing, times))


def _heard_before(whole: DatedPlays, since: DatedPlays) -> Ids:
    """Return the artists of `whole` with more plays than those `since` some time."""
    artists, times = counts_of(whole.artist, whole.times)
    return artists[times > _counted(artists, since)]


def _counted(artists: Ids, plays: DatedPlays) -> Ids:
    """Return the plays of each of some ascending artists, who are all there are."""
    return np.bincount(np.searchsorted(artists, plays.artist), plays.times, len(artists)).astype(np.int64)


def _trends(whole: DatedPlays, lately: DatedPlays) -> tuple[list[Change], list[Change]]:
    artists, times = counts_of(whole.artist, whole.times)
    new = _counted(artists, lately)
    return changes(artists, new, times - new)


def _year(store: Store, user_id: int, year: int) -> Year:
    start, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    since = _plays(store, user_id, start)
    this = since.between(start, end)
    if not len(this):
        raise NothingToDo("I know of no plays of yours in {}. /import or /connect brings them.", year)
    named = _named_plays(store, since)
    theirs = named.between(start, end)
    artists, tracks = _favourites(store, theirs, 5)
    known = _heard_before(_timed(store, user_id), named)
    is_new = ~np.isin(theirs.artist, known)
    new = theirs.artist[is_new]
    months = this.at.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12
    days, counts = counts_of(this.day, this.times)
    best = int(np.argmax(counts))
    return Year(
        year=year,
        plays=this.total,
        minutes=int(this.ms.sum() // 60_000),
        artist_count=len(np.unique(theirs.artist)),
        new_artists=len(np.unique(new)),
        artists=artists,
        tracks=tracks,
        discovery=next(iter(_named(store, top(new, theirs.times[is_new], 1))), None) if len(known) else None,
        months=tuple(np.bincount(months, this.times, minlength=12).astype(int).tolist()),
        hours=tuple(clock(this).tolist()),
        streak=longest_streak(this),
        busiest=(int(days[best]), int(counts[best])),
    )


def _favourites(store: Store, plays: DatedPlays, n: int) -> tuple[tuple[Count, ...], tuple[Count, ...]]:
    counted = top(plays.track, plays.times, n)
    tracks = store.music.tracks(track_id for track_id, _ in counted)
    songs = songs_of(store, [Subject(track.artist_id, track.id) for track in tracks.values()])
    by_track = {subject.track_id: song for subject, song in songs.items()}
    heard = tuple(Count(by_track[track_id], plays) for track_id, plays in counted if track_id != NO_TRACK)
    return _named(store, top(plays.artist, plays.times, n)), heard


def _named(store: Store, counted: list[tuple[int, int]]) -> tuple[Count, ...]:
    songs = songs_of(store, [Subject(artist_id) for artist_id, _ in counted])
    return tuple(Count(songs[Subject(artist_id)], plays) for artist_id, plays in counted)
