"""Listening statistics: plays by hour, streaks, trends and surprises.

Pure functions on arrays. Days and hours are UTC.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from recommender.arrays import Ids
from storage.records import Subject

DAY = 86_400
NO_TRACK = -1
RECENT = 90
"""Days that count as recent."""

_FEW = 10  # minimum plays for a statement about an artist


@dataclass(frozen=True)
class DatedPlays:
    """One user's dated plays as columns of equal length, oldest first.

    A row of an import may stand for several plays (`times`). Totals count them all; statements about
    order, such as a track on repeat, go by rows.
    """

    artist: Ids  # artist ids
    track: Ids  # track ids, NO_TRACK if only the artist is known
    at: Ids  # seconds since 1970
    ms: Ids  # playing time, 0 if unknown
    times: Ids  # number of plays in a row

    def __len__(self) -> int:
        return len(self.at)

    @property
    def total(self) -> int:
        """The number of plays, counting `times`."""
        return int(self.times.sum())

    @property
    def day(self) -> Ids:
        """Each play's day since 1970."""
        return self.at // DAY

    def between(self, since: float, until: float) -> "DatedPlays":
        """Return the plays from `since` (inclusive) to `until` (exclusive), seconds since 1970."""
        first, last = np.searchsorted(self.at, [since, until])
        some = slice(first, last)
        return DatedPlays(self.artist[some], self.track[some], self.at[some], self.ms[some], self.times[some])

    def without(self, artists: Ids, tracks: Ids) -> "DatedPlays":
        """Return the plays without these artists; of these tracks keep only the artist."""
        kept = ~np.isin(self.artist, artists)
        track = np.where(np.isin(self.track, tracks), NO_TRACK, self.track)
        return DatedPlays(self.artist[kept], track[kept], self.at[kept], self.ms[kept], self.times[kept])


class Streak(NamedTuple):
    """A run of days with plays: its length and first day (days since 1970)."""

    days: int
    first: int


class Change(NamedTuple):
    """An artist's share of the plays: recent, and before."""

    artist_id: int
    share: float
    before: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that stands out, with its surprise in bits.

    binge: `count` plays of an artist on `day`; `usual` is the mean over the artist's days. repeat: a
    track played `count` times in a row.  streak: `count` days in a row from `day`. faithful: an artist is
    `count` percent of all plays; `usual` is an even share. night: `count` percent of plays are between
    midnight and 5; `usual` is an even share. faded: an artist of `count` plays has not been played since
    `day`. comeback: an artist returned on `day` after `count` days.
    """

    kind: Literal["binge", "repeat", "streak", "faithful", "night", "faded", "comeback"]
    doublings: float
    count: int
    usual: float = 0.0
    subject: Subject | None = None
    day: int = 0


def clock(plays: DatedPlays) -> Ids:
    """Return the number of plays in each hour of the day, 24 counts."""
    return np.bincount(plays.at // 3600 % 24, plays.times, minlength=24).astype(np.int64)


def longest_streak(plays: DatedPlays) -> Streak:
    """Return the longest run of days with a play, the latest among equals; 0 days without plays."""
    return longest_run(np.unique(plays.day))


def longest_run(days: Ids) -> Streak:
    """Return the longest run among ascending days, the latest among equals; 0 days without any."""
    return max(_runs(days), key=lambda run: (run.days, run.first), default=Streak(0, 0))


def current_streak(plays: DatedPlays, today: int) -> int:
    """Return the number of consecutive days with a play, up to today or yesterday."""
    return current_run(np.unique(plays.day), today)


def current_run(days: Ids, today: int) -> int:
    """Return the number of consecutive days, of ascending ones, up to today or yesterday."""
    runs = _runs(days)
    return runs[-1].days if runs and runs[-1].first + runs[-1].days >= today else 0


def _runs(days: Ids) -> list[Streak]:
    if not len(days):
        return []
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 2) > 1)
    lengths = np.diff(starts, append=len(days))
    return [Streak(int(n), int(days[first])) for first, n in zip(starts, lengths, strict=True)]


def top(ids: Ids, times: Ids, n: int) -> list[tuple[int, int]]:
    """Return the `n` ids with the most `times` as (id, count), most frequent first, without NO_TRACK."""
    kept = ids != NO_TRACK
    found, counts = counts_of(ids[kept], times[kept])
    order = np.lexsort((found, -counts))[:n]
    return [(int(found[i]), int(counts[i])) for i in order]


def counts_of(ids: Ids, times: Ids) -> tuple[Ids, Ids]:
    """Return the distinct ids, ascending, and the sum of `times` for each."""
    found, where = np.unique(ids, return_inverse=True)
    return found, np.bincount(where, times, len(found)).astype(np.int64)


def trends(plays: DatedPlays, now: float, n: int = 3) -> tuple[list[Change], list[Change]]:
    """Return the artists played more recently than before, and those played less: at most `n` each.

    Recent means the last 90 days, before means everything earlier. Shares are smoothed by half a play.
    Strongest first.
    """
    artists = np.unique(plays.artist)
    lately = _counts(plays.between(now - RECENT * DAY, np.inf), artists)
    return changes(artists, lately, _counts(plays, artists) - lately, n)


def changes(artists: Ids, new: Ids, old: Ids, n: int = 3) -> tuple[list[Change], list[Change]]:
    """Return `trends` from each artist's `new` plays, of the last 90 days, and `old` ones."""
    recently, before = int(new.sum()), int(old.sum())
    if recently < _FEW or before < _FEW:
        return [], []
    change = np.log2((new + 0.5) / recently) - np.log2((old + 0.5) / before)
    enough = (new + old) >= _FEW

    def listed(order: list[int]) -> list[Change]:
        return [Change(int(artists[i]), new[i] / recently, old[i] / before) for i in order]

    order = np.argsort(-change, kind="stable")
    rising = order[(enough & (change > 1) & (new >= _FEW))[order]][:n]
    falling = order[(enough & (change < -1) & (old >= _FEW))[order]][::-1][:n]
    return listed(rising.tolist()), listed(falling.tolist())


def _counts(plays: DatedPlays, among: Ids) -> Ids:
    return np.bincount(np.searchsorted(among, plays.artist), plays.times, len(among)).astype(np.int64)


def surprises(plays: DatedPlays, now: float, n: int = 3) -> list[Fact]:
    """Return the `n` most surprising facts, at most one of each kind."""
    if len(plays) < _FEW:
        return []
    found = [
        *_binge(plays),
        *_repeat(plays),
        *_streak(plays),
        *_faithful(plays),
        *_night(plays),
        *_faded(plays, now),
        *_comeback(plays),
    ]
    return sorted((fact for fact in found if fact.doublings > 0), key=lambda fact: -fact.doublings)[:n]


def _binge(plays: DatedPlays) -> list[Fact]:
    # By rows: several plays with one timestamp need not fall on one day.
    pairs, counts = np.unique(np.stack([plays.artist, plays.day]), axis=1, return_counts=True)
    best = int(np.argmax(counts))
    artist, day = (int(value) for value in pairs[:, best])
    usual = float(np.median(counts[pairs[0] == artist]))
    count = int(counts[best])
    return [Fact("binge", _doublings(count, max(usual, 3.0)), count, usual, Subject(artist), day)]


def _repeat(plays: DatedPlays) -> list[Fact]:
    # By rows: several plays with one timestamp are a count, not plays in a row.
    starts = np.flatnonzero(np.diff(plays.track, prepend=NO_TRACK - 1))
    lengths = np.diff(starts, append=len(plays)) * (plays.track[starts] != NO_TRACK)
    longest = int(np.argmax(lengths))
    at, count = starts[longest], int(lengths[longest])
    subject = Subject(int(plays.artist[at]), int(plays.track[at]))
    return [Fact("repeat", _doublings(count, 2.0), count, subject=subject, day=int(plays.day[at]))]


def _streak(plays: DatedPlays) -> list[Fact]:
    """Compare the longest run with coin flips of the same frequency (Erdos and Renyi 1970)."""
    run = longest_streak(plays)
    heard = len(np.unique(plays.day))
    share = heard / (int(plays.day[-1]) - int(plays.day[0]) + 1)
    if share >= 1.0:
        return [Fact("streak", _doublings(run.days, 30), run.days, day=run.first)]
    usual = max(np.log(max(heard * (1 - share), np.e)) / -np.log(share), 2.0)
    return [Fact("streak", _doublings(run.days, usual), run.days, float(usual), day=run.first)]


def _faithful(plays: DatedPlays) -> list[Fact]:
    [(artist, count)] = top(plays.artist, plays.times, 1)
    # In most histories counts fall as 1/rank (Zipf), so the first of n has the share 1/H(n).
    usual = 1.0 / float(np.sum(1.0 / np.arange(1, len(np.unique(plays.artist)) + 1)))
    share = count / plays.total
    subject = Subject(artist)
    return [Fact("faithful", _doublings(share, usual), round(100 * share), 100 * usual, subject)]


def _night(plays: DatedPlays) -> list[Fact]:
    share, even = float(clock(plays)[:5].sum()) / plays.total, 5 / 24
    return [Fact("night", _doublings(share, even), round(100 * share), 100 * even)]


def _faded(plays: DatedPlays, now: float) -> list[Fact]:
    artists, counts = counts_of(plays.artist, plays.times)
    last = np.zeros(len(artists), dtype=np.int64)
    np.maximum.at(last, np.searchsorted(artists, plays.artist), plays.at)
    counts = np.where(now - last > 365 * DAY, counts, 0)
    most = int(np.argmax(counts))
    usual = plays.total / len(artists)
    fact = Fact("faded", _doublings(int(counts[most]), 2 * usual), int(counts[most]), usual)
    return [replace(fact, subject=Subject(int(artists[most])), day=int(last[most] // DAY))]


def _comeback(plays: DatedPlays) -> list[Fact]:
    order = np.argsort(plays.artist, kind="stable")
    artist, at = plays.artist[order], plays.at[order]
    enough = np.isin(
        artist,
        [one for one, count in zip(*np.unique(artist, return_counts=True), strict=True) if count >= _FEW],
    )
    gaps = np.where((np.diff(artist) == 0) & enough[1:], np.diff(at), 0)
    if not gaps.any():
        return []
    longest = int(np.argmax(gaps))
    usual = float(np.mean(gaps[gaps > 0])) / DAY
    days, back = int(gaps[longest] // DAY), int(at[longest + 1] // DAY)
    doublings = _doublings(days, max(16 * usual, 90.0))
    return [Fact("comeback", doublings, days, usual, Subject(int(artist[longest])), back)]


def _doublings(found: float, usual: float) -> float:
    return float(np.log2(max(found, 1e-9) / usual))
