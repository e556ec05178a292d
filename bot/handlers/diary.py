"""What somebody heard over time, in words: the year wrapped, habits, what stands out of a history."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.context import Arguments, Ask, spoken
from bot.explanations import counted
from bot.replies import Part, ReportReply
from recommender.diary import Count, Habits, Move, Surprise, Year
from recommender.listening import DAY
from recommender.types import Song
from storage.imports.report import ImportReport, Tally

_BARS = "▁▂▃▄▅▆▇█"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REASONS = 5  # of what was skipped
_SPANS = {
    "week": "the last 7 days", "month": "the last 30 days", "year": "the last 365 days", "all": "all time",
}  # fmt: skip
_SENTENCES = {
    "binge": "{count:,} plays of {name} on {day}; usually {usual:.0f} on a day of theirs.",
    "repeat": "{name}: {count} times in a row on {day}.",
    "streak": "Music on {count} days in a row, from {day}{chance}.",
    "faithful": "{count} % of all your plays are {name}; who comes first usually has {usual:.0f} %.",
    "night": "{count} % of your plays are between midnight and five (UTC).",
    "faded": "{name}: {count:,} plays, and not one since {day}.",
    "comeback": "{name} came back on {day}, after {count:,} days without.",
}


async def wrapped(ask: Ask, arguments: Arguments) -> ReportReply:
    """Show a year of listening: favourites, discoveries, months and hours."""
    year = await ask.music.diary.wrapped(ask.listener, arguments.options.get("year"))
    return ReportReply(f"{ask.name}: {year.year} wrapped", tuple(_year_parts(year)))


def _year_parts(year: Year) -> Iterable[Part]:
    minutes = f", {year.minutes:,} minutes" if year.minutes else ""
    new = f", {year.new_artists:,} of them new to you" if year.discovery else ""
    yield Part("", (f"{counted(year.plays, 'play')}{minutes}, {counted(year.artist_count, 'artist')}{new}",))
    yield Part("Artists", _ranking(year.artists))
    if year.tracks:
        yield Part("Songs", _ranking(year.tracks))
    if year.discovery:
        yield Part("Discovery of the year", (_counted(year.discovery),))
    busiest = f"Most on one day: {counted(year.busiest[1], 'play')} on {_date(year.busiest[0])}."
    streak = f"Longest streak: {counted(year.streak.days, 'day')} from {_date(year.streak.first)}."
    yield Part("Through the year", (_months(year.months), busiest, streak))
    yield Part("Through the day (UTC)", (_clock(year.hours),))


def habit_parts(habits: Habits, period: str) -> tuple[Part, ...]:
    """Return the parts of a profile that times tell of; `period` is that of the favourites."""
    streak = f"Longest: {counted(habits.streak.days, 'day')} from {_date(habits.streak.first)}."
    if habits.current > 1:
        streak += f" Now: {habits.current} days."
    parts = [Part("Listening clock (UTC)", (_clock(habits.hours),)), Part("Days in a row", (streak,))]
    if moves := [*_moves("↗", habits.rising), *_moves("↘", habits.falling)]:
        parts.append(Part("The last 90 days against before", tuple(moves)))
    for what, favourites in (("Artists", habits.artists), ("Songs", habits.tracks)):
        if favourites:
            parts.append(Part(f"{what} of {_SPANS[period]}", _ranking(favourites)))
    return tuple(parts)


def imported(report: ImportReport, surprises: Sequence[Surprise]) -> ReportReply:
    """Return the closing card of an import: read, kept, merged, skipped and why, and what is surprising."""
    lines = [
        f"{report.read:,} entries read in {report.seconds:.1f} s",
        f"{report.kept:,} kept: new to me",
        f"{report.merged:,} merged: known already",
    ]
    if report.skipped:
        lines.append(f"{sum(tally.count for tally in report.skipped.values()):,} skipped:")
        lines += _skipped(report.skipped)
    parts = [Part("", tuple(lines))]
    if surprises:
        parts.append(Part("What surprised me", tuple(map(surprise, surprises))))
    parts.append(Part("", ("/profile shows your taste now, /wrapped a year, /privacy what came in.",)))
    return ReportReply("That is in", tuple(parts))


def _skipped(tallies: dict[str, Tally]) -> Iterable[str]:
    most_frequent = sorted(tallies.items(), key=lambda item: -item[1].count)
    return [f"  {tally.count:,}: {reason}" for reason, tally in most_frequent[:_REASONS]]


def surprise(surprise: Surprise) -> str:
    """Return one surprising fact as a sentence."""
    fact = surprise.fact
    return _SENTENCES[fact.kind].format(
        name=spoken(surprise.song) if surprise.song else "somebody",
        count=fact.count, usual=fact.usual, day=_date(fact.day),
        chance=f"; by chance it would have been {fact.usual:.0f}" if fact.usual else "",
    )  # fmt: skip


def _ranking(counts: Sequence[Count]) -> tuple[str, ...]:
    return tuple(f"{place}. {_counted(count)}" for place, count in enumerate(counts, 1))


def _counted(count: Count) -> str:
    return f"{_label(count.song)}, {counted(count.plays, 'play')}"


def _label(song: Song) -> str:
    return " ".join(song.label.split())  # a line break in a title would pretend to be a line of ours


def _moves(sign: str, moves: Iterable[Move]) -> list[str]:
    return [f"{sign} {_label(move.song)}: {move.before:.1%} → {move.share:.1%}" for move in moves]


def _clock(hours: Sequence[int]) -> str:
    best = max(range(24), key=hours.__getitem__)
    return f"0 {_sparkline(hours)} 23   most at {best}:00"


def _months(months: Sequence[int]) -> str:
    best = max(range(12), key=months.__getitem__)
    return f"Jan {_sparkline(months)} Dec   most in {_MONTHS[best]}"


def _sparkline(counts: Sequence[int]) -> str:
    most = max(*counts, 1)
    return "".join(_BARS[(len(_BARS) - 1) * count // most] for count in counts)


def _date(day: int) -> str:
    when = datetime.fromtimestamp(day * DAY, UTC)
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
