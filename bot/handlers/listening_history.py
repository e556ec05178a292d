"""Listening statistics in words: the year in review, habits, surprises in an import."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.context import Arguments, Ask, spoken
from bot.handlers.pictures import covers, look
from bot.pictures.chart_grid import chart_grid
from bot.pictures.wrapped import wrapped_pictures
from bot.replies import Part, ReportReply
from bot.replies.dates import date, month
from bot.replies.i18n import counted, decimal, number, percent, say
from recommender.errors import NotKnown
from recommender.service.history import PERIODS, Count, Habits, Move, Surprise, Year
from recommender.types import Song
from storage.imports.report import ImportReport, Tally

_BARS = "▁▂▃▄▅▆▇█"
_TILES = 3  # a row of a chart
_REASONS = 5  # reasons shown for skipped rows
_ARTISTS = {
    "week": "Artists of the last 7 days",
    "month": "Artists of the last 30 days",
    "year": "Artists of the last 365 days",
    "all": "Artists of all time",
}
_SONGS = {
    "week": "Songs of the last 7 days",
    "month": "Songs of the last 30 days",
    "year": "Songs of the last 365 days",
    "all": "Songs of all time",
}
_SENTENCES = {
    "binge": "{} of {} on {}; usually {} on a day with them.",
    "repeat": "{}: {} times in a row on {}.",
    "streak": "Music on {} days in a row, from {}.",
    "faithful": "{} % of all your plays are {}; who comes first usually has {} %.",
    "night": "{} % of your plays are between midnight and five (UTC).",
    "faded": "{}: {}, and not one since {}.",
    "comeback": "{} came back on {}, after {} without.",
}


async def wrapped(ask: Ask, arguments: Arguments) -> ReportReply:
    """Show a year of listening: favourites, discoveries, months and hours."""
    year = await ask.music.diary.wrapped(ask.listener, arguments.options.get("year"))
    wanted = await look(ask)
    pictures = () if wanted is None else wrapped_pictures(ask.name, year, wanted)
    return ReportReply(say("{}: {} wrapped", ask.name, year.year), tuple(_year_parts(year)), pictures)


async def chart(ask: Ask, arguments: Arguments) -> ReportReply:
    """Show the most played songs of a period as a grid; the option says how many a row."""
    period = arguments.text.casefold() or "all"
    if period not in PERIODS:
        raise NotKnown("Say over which time: /chart and one of {}.", ", ".join(PERIODS))
    side = arguments.options.get("size", _TILES)
    counts = await ask.music.diary.chart(ask.listener, period, side * side)
    wanted, title, below = await look(ask), say("The chart of {}", ask.name), say(_SONGS[period])
    report = ReportReply(title, (Part("", (below,)), Part("", _ranking(counts))))
    if wanted is None:
        return report
    known = await covers(ask, [count.song for count in counts])
    return replace(report, pictures=(chart_grid(title, below, counts, side, wanted, known),))


def _year_parts(year: Year) -> Iterable[Part]:
    figures = [counted(year.plays, "play")]
    figures += [counted(year.minutes, "minute")] if year.minutes else []
    figures += [counted(year.artist_count, "artist")]
    figures += [say("{} of them new to you", number(year.new_artists))] if year.discovery else []
    yield Part("", (", ".join(figures),))
    yield Part(say("Artists"), _ranking(year.artists))
    if year.tracks:
        yield Part(say("Songs"), _ranking(year.tracks))
    if year.discovery:
        yield Part(say("Discovery of the year"), (_counted(year.discovery),))
    busiest = say("Most on one day: {} on {}.", counted(year.busiest[1], "play"), date(year.busiest[0]))
    streak = say("Longest streak: {} from {}.", counted(year.streak.days, "day"), date(year.streak.first))
    yield Part(say("Through the year"), (_months(year.months), busiest, streak))
    yield Part(say("Through the day (UTC)"), (_clock(year.hours),))


def habit_parts(habits: Habits, period: str) -> tuple[Part, ...]:
    """Return the parts of a profile about listening times; `period` is the period of the favourites."""
    streak = say("Longest: {} from {}.", counted(habits.streak.days, "day"), date(habits.streak.first))
    if habits.current > 1:
        streak += f" {say('Now: {}.', counted(habits.current, 'day'))}"
    parts = [
        Part(say("Listening clock (UTC)"), (_clock(habits.hours),)),
        Part(say("Days in a row"), (streak,)),
    ]
    if moves := [*_moves("↗", habits.rising), *_moves("↘", habits.falling)]:
        parts.append(Part(say("The last 90 days, compared with before"), tuple(moves)))
    for headings, favourites in ((_ARTISTS, habits.artists), (_SONGS, habits.tracks)):
        if favourites:
            parts.append(Part(say(headings[period]), _ranking(favourites)))
    return tuple(parts)


def imported(report: ImportReport, surprises: Sequence[Surprise]) -> ReportReply:
    """Return the closing card of an import: rows read, kept, merged, skipped and why, with surprises."""
    read = counted(report.read, "entry", "entries")
    lines = [
        say("{} read in {} s", read, decimal(report.seconds, 1)),
        say("{} kept: new to me", number(report.kept)),
        say("{} merged: known already", number(report.merged)),
    ]
    if report.skipped:
        lines.append(say("{} skipped:", number(sum(tally.count for tally in report.skipped.values()))))
        lines += _skipped(report.skipped)
    parts = [Part("", tuple(lines))]
    if surprises:
        parts.append(Part(say("What surprised me"), tuple(map(surprise, surprises))))
    shows = say("/profile shows your taste now, /wrapped a year, /privacy what came in.")
    return ReportReply(say("Added"), (*parts, Part("", (shows,))))


def _skipped(tallies: dict[str, Tally]) -> Iterable[str]:
    most_frequent = sorted(tallies.items(), key=lambda item: -item[1].count)
    return [f"  {number(tally.count)}: {say(reason)}" for reason, tally in most_frequent[:_REASONS]]


def surprise(surprise: Surprise) -> str:
    """Return one surprising fact as a sentence."""
    fact, day = surprise.fact, date(surprise.fact.day)
    name = spoken(surprise.song) if surprise.song else say("somebody")
    plays, usual = counted(fact.count, "play"), decimal(fact.usual, 0)
    said = _SENTENCES[fact.kind]
    if fact.kind == "streak" and fact.usual:
        said = "Music on {} days in a row, from {}; by chance it would have been {}."
    values: dict[str, tuple[object, ...]] = {
        "binge": (plays, name, day, usual),
        "repeat": (name, fact.count, day),
        "streak": (fact.count, day, usual),
        "faithful": (fact.count, name, usual),
        "night": (fact.count,),
        "faded": (name, plays, day),
        "comeback": (name, day, counted(fact.count, "day")),
    }
    return say(said, *values[fact.kind])


def _ranking(counts: Sequence[Count]) -> tuple[str, ...]:
    return tuple(f"{place}. {_counted(count)}" for place, count in enumerate(counts, 1))


def _counted(count: Count) -> str:
    return f"{_label(count.song)}, {counted(count.plays, 'play')}"


def _label(song: Song) -> str:
    return " ".join(song.label.split())  # a line break in a title could fake a line of the bot


def _moves(sign: str, moves: Iterable[Move]) -> list[str]:
    shares = [(_label(move.song), percent(move.before, 1), percent(move.share, 1)) for move in moves]
    return [f"{sign} {label}: {before} → {now}" for label, before, now in shares]


def _clock(hours: Sequence[int]) -> str:
    best = max(range(24), key=hours.__getitem__)
    return f"0 {_sparkline(hours)} 23   {say('most at {}:00', best)}"


def _months(months: Sequence[int]) -> str:
    best = max(range(12), key=months.__getitem__)
    line = f"{month(1)} {_sparkline(months)} {month(12)}"
    return f"{line}   {say('most in {}', month(best + 1))}"


def _sparkline(counts: Sequence[int]) -> str:
    most = max(*counts, 1)
    return "".join(_BARS[(len(_BARS) - 1) * count // most] for count in counts)
