"""What a listening history looks like over time: hours, days in a row, what rises and falls, what stands out.

Pure: arrays in, figures out.  Days and hours are those of UTC.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from recommender.arrays import Ids
from storage.records import Subject

DAY = 86_400
NO_TRACK = -1
_RECENT = 90  # days that count as "lately"
_FEW = 10  # plays below which nothing is said of an artist


@dataclass(frozen=True)
class DatedPlays:
    """Dated plays of one person as columns of equal length, the oldest first."""

    artist: Ids  # artist ids
    track: Ids  # track ids, NO_TRACK where only the artist is known
    at: Ids  # seconds since 1970
    ms: Ids  # playing time, 0 where unknown

    def __len__(self) -> int:
        return len(self.at)

    @property
    def day(self) -> Ids:
        """Days since 1970 of each play."""
        return self.at // DAY

    def between(self, since: float, until: float) -> "DatedPlays":
        """Return the plays from `since` (inclusive) to `until` (exclusive), seconds since 1970."""
        first, last = np.searchsorted(self.at, [since, until])
        some = slice(first, last)
        return DatedPlays(self.artist[some], self.track[some], self.at[some], self.ms[some])

    def without(self, artists: Ids, tracks: Ids) -> "DatedPlays":
        """Return the plays of other artists than these; of these tracks only the artist counts."""
        kept = ~np.isin(self.artist, artists)
        track = np.where(np.isin(self.track, tracks), NO_TRACK, self.track)
        return DatedPlays(self.artist[kept], track[kept], self.at[kept], self.ms[kept])


class Streak(NamedTuple):
    """Days in a row with music: how many, and the first (days since 1970)."""

    days: int
    first: int


class Change(NamedTuple):
    """How an artist's share of the plays moved: lately, and before that."""

    artist_id: int
    share: float
    before: float


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that stands out, by how many doublings it is beyond what was to be expected.

    binge: `count` plays of an artist on `day`, who has `usual` on a day she is heard at all.
    repeat: a song heard `count` times in a row.  streak: `count` days in a row from `day`.
    faithful: an artist is `count` percent of all plays, `usual` were an even share.
    night: `count` percent of plays are between midnight and 5, `usual` is an even share.
    faded: an artist of `count` plays has not been heard since `day`.
    comeback: an artist came back on `day` after `count` days.
    """

    kind: Literal["binge", "repeat", "streak", "faithful", "night", "faded", "comeback"]
    doublings: float
    count: int
    usual: float = 0.0
    subject: Subject | None = None
    day: int = 0


def clock(plays: DatedPlays) -> Ids:
    """Return the plays of each hour of the day, 24 counts."""
    return np.bincount(plays.at // 3600 % 24, minlength=24).astype(np.int64)


def longest_streak(plays: DatedPlays) -> Streak:
    """Return the longest run of days with a play, the latest of equals; no plays give 0 days."""
    return max(_streaks(plays), key=lambda run: (run.days, run.first), default=Streak(0, 0))


def current_streak(plays: DatedPlays, today: int) -> int:
    """Return how many days in a row up to today or yesterday have a play."""
    runs = _streaks(plays)
    return runs[-1].days if runs and runs[-1].first + runs[-1].days >= today else 0


def _streaks(plays: DatedPlays) -> list[Streak]:
    days = np.unique(plays.day)
    if not len(days):
        return []
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 2) > 1)
    lengths = np.diff(starts, append=len(days))
    return [Streak(int(n), int(days[first])) for first, n in zip(starts, lengths, strict=True)]


def top(ids: Ids, n: int) -> list[tuple[int, int]]:
    """Return the `n` most frequent ids as (id, count), the most frequent first; NO_TRACK is none."""
    found, counts = np.unique(ids[ids != NO_TRACK], return_counts=True)
    order = np.lexsort((found, -counts))[:n]
    return [(int(found[i]), int(counts[i])) for i in order]


def trends(plays: DatedPlays, now: float, n: int = 3) -> tuple[list[Change], list[Change]]:
    """Return who is heard more lately than before, and who less: at most `n` each, the strongest first.

    Lately is the last 90 days; before is all that was earlier.  Shares are smoothed by half a play.
    """
    lately = plays.between(now - _RECENT * DAY, np.inf)
    before = plays.between(-np.inf, now - _RECENT * DAY)
    if len(lately) < _FEW or len(before) < _FEW:
        return [], []
    artists = np.unique(plays.artist)
    new, old = (_counts(some.artist, artists) for some in (lately, before))
    change = np.log2((new + 0.5) / len(lately)) - np.log2((old + 0.5) / len(before))
    enough = (new + old) >= _FEW

    def changes(order: Ids) -> list[Change]:
        return [Change(int(artists[i]), new[i] / len(lately), old[i] / len(before)) for i in order]

    order = np.argsort(-change, kind="stable")
    rising = [i for i in order if enough[i] and change[i] > 1 and new[i] >= _FEW][:n]
    falling = [i for i in order[::-1] if enough[i] and change[i] < -1 and old[i] >= _FEW][:n]
    return changes(np.array(rising, dtype=np.int64)), changes(np.array(falling, dtype=np.int64))


def _counts(ids: Ids, among: Ids) -> Ids:
    return np.bincount(np.searchsorted(among, ids), minlength=len(among)).astype(np.int64)


def surprises(plays: DatedPlays, now: float, n: int = 3) -> list[Fact]:
    """Return the `n` facts that are furthest from what was to be expected, one of a kind."""
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
    pairs, counts = np.unique(np.stack([plays.artist, plays.day]), axis=1, return_counts=True)
    best = int(np.argmax(counts))
    artist, day = (int(value) for value in pairs[:, best])
    usual = float(np.median(counts[pairs[0] == artist]))
    count = int(counts[best])
    return [Fact("binge", _doublings(count, max(usual, 3.0)), count, usual, Subject(artist), day)]


def _repeat(plays: DatedPlays) -> list[Fact]:
    # Several plays told of one moment are a count, not a row.
    changes = np.diff(plays.track, prepend=NO_TRACK - 1) != 0
    starts = np.flatnonzero(changes | (np.diff(plays.at, prepend=plays.at[0] - 1) == 0))
    lengths = np.diff(starts, append=len(plays)) * (plays.track[starts] != NO_TRACK)
    longest = int(np.argmax(lengths))
    at, count = starts[longest], int(lengths[longest])
    subject = Subject(int(plays.artist[at]), int(plays.track[at]))
    return [Fact("repeat", _doublings(count, 2.0), count, subject=subject, day=int(plays.day[at]))]


def _streak(plays: DatedPlays) -> list[Fact]:
    """Compare the longest run with that of coin throws as frequent (Erdos and Renyi 1970)."""
    run = longest_streak(plays)
    heard = len(np.unique(plays.day))
    share = heard / (int(plays.day[-1]) - int(plays.day[0]) + 1)
    if share >= 1.0:
        return [Fact("streak", _doublings(run.days, 30), run.days, day=run.first)]
    usual = max(np.log(max(heard * (1 - share), np.e)) / -np.log(share), 2.0)
    return [Fact("streak", _doublings(run.days, usual), run.days, float(usual), day=run.first)]


def _faithful(plays: DatedPlays) -> list[Fact]:
    [(artist, count)] = top(plays.artist, 1)
    # Counts by rank fall as 1/rank in most histories (Zipf): the first of n then has 1/H(n).
    usual = 1.0 / float(np.sum(1.0 / np.arange(1, len(np.unique(plays.artist)) + 1)))
    share = count / len(plays)
    subject = Subject(artist)
    return [Fact("faithful", _doublings(share, usual), round(100 * share), 100 * usual, subject)]


def _night(plays: DatedPlays) -> list[Fact]:
    share, even = float(clock(plays)[:5].sum()) / len(plays), 5 / 24
    return [Fact("night", _doublings(share, even), round(100 * share), 100 * even)]


def _faded(plays: DatedPlays, now: float) -> list[Fact]:
    artists, counts = np.unique(plays.artist, return_counts=True)
    last = np.zeros(len(artists), dtype=np.int64)
    np.maximum.at(last, np.searchsorted(artists, plays.artist), plays.at)
    counts = np.where(now - last > 365 * DAY, counts, 0)
    most = int(np.argmax(counts))
    usual = len(plays) / len(artists)
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
