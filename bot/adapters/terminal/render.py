"""Rendering of replies for a terminal: pure functions to `rich` renderables.

Titles are untrusted.  Every string passes `clean` on its way into a `Text`, and a `Text` never reads markup:
no title can set colours, move the cursor, ring the bell or reverse the text that follows.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import singledispatch
from itertools import groupby, islice

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.context import spoken
from bot.replies import (
    Choices,
    Confirm,
    Done,
    FileReply,
    HelpReply,
    HistoryReply,
    Marked,
    Notice,
    Part,
    Problem,
    ProfileReply,
    RadioReply,
    Reply,
    ReportReply,
    SessionReply,
    SlateReply,
)
from bot.replies.explanations import MARKS, counted, reason
from bot.replies.i18n import say, share
from bot.replies.radio_card import buttons as radio_buttons
from bot.replies.radio_card import headline as radio_headline
from bot.replies.radio_card import song_of, summary, why
from bot.replies.session_card import buttons, headline, lines
from bot.replies.taste_profile import figures, shares_of
from bot.replies.wish_buttons import trims
from recommender.types import Pick, ServedSlate, Share, Song
from storage.records import HistoryLine, Kind, Subject

# Joiners merge characters into one letter or emoji; every other format character only changes its neighbours.
Links = Mapping[Subject, str]
"""The address of each song."""
NO_LINKS: Links = {}
_JOINERS = "\u200c\u200d"
_MOST_MARKS = 3  # accents on one letter; more would climb over the lines above
_LONGEST = 300
_LONGEST_LINE = 2000
_BAR = 12
_EXTRAS = (
    ("+2 -3", "👍 or 👎 songs of the last list"),
    ("2", "Pick answer 2 of the last question"),
    ("/quit", "Leave; Ctrl-D does the same"),
)


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return `text` on one line, cut to `longest` characters, without terminal control characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def visible(text: str) -> str:
    """Return `text` with its lines, without terminal control characters."""
    kept: list[str] = []
    for is_mark, run in groupby(text, lambda c: unicodedata.category(c).startswith("M")):
        kept += islice(run, _MOST_MARKS if is_mark else None)
    return "".join(" " if c.isspace() else c for c in kept if _is_shown(c))


def _is_shown(character: str) -> bool:
    if character.isspace() or character in _JOINERS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co")


def boxed(reply: Reply, links: Links = NO_LINKS) -> RenderableType:
    """Return a reply for an interactive terminal: slates come as a card, with titles that open links."""
    if isinstance(reply, SlateReply):
        title = Text(clean(reply.title, 60), style="bold")
        card = Panel(_songs(reply.slate, links), title=title, title_align="left", box=ROUNDED)
        return Group(*_note(reply), card, _KEYS, *_cuts(reply))
    return _radio(reply, links) if isinstance(reply, RadioReply) else render(reply)


def written(reply: Reply, links: Links = NO_LINKS) -> RenderableType:
    """Return a reply for a file or pipe: the songs of a slate come with their addresses."""
    if isinstance(reply, RadioReply):
        return _radio(reply, links)
    return _listing(reply, links) if isinstance(reply, SlateReply) else render(reply)


@singledispatch
def render(reply: Reply) -> RenderableType:
    """Return a reply as styled text, at any width."""
    raise TypeError(f"no way to show a {type(reply).__name__}")


def _lines(text: str, style: str = "") -> Text:
    """Return our own sentences, which may hold titles: keeps lines and indents."""
    return Text("\n".join(visible(line)[:_LONGEST_LINE] for line in text.split("\n")), style=style)


_KEYS = Text("+1 👍   -1 👎   /why 1   /more 1   /skip", style="dim")


@render.register
def _(reply: SlateReply) -> RenderableType:
    return _listing(reply, NO_LINKS)


def _listing(reply: SlateReply, links: Links) -> RenderableType:
    songs = _songs(reply.slate, links, spelt=True)
    return Group(*_note(reply), Text(clean(reply.title), style="bold"), songs, *_cuts(reply))


def _cuts(reply: SlateReply) -> list[Text]:
    """Return what to type to take a part out of the wish: "x1 ✕ jazz   x2 ✕ 1980s"."""
    labels = [f"x{n} {clean(label)}" for n, (label, _) in enumerate(trims(reply.slate), 1)]
    return [Text("   ".join(labels), style="dim")] if labels else []


def _note(reply: SlateReply) -> list[Text]:
    return [_lines(reply.note)] if reply.note else []


def _songs(slate: ServedSlate, links: Links, *, spelt: bool = False) -> Table:
    """Return the songs; each opens its address, which is written below it if `spelt`."""
    grid = _numbered()
    for pick in slate.picks:
        why = Text(clean(reason(pick, slate)), style="dim")
        shown = Text.assemble(_name(pick.song), _mark(pick))
        if page := links.get(pick.song.subject):
            shown.stylize(Style(link=page))
            why.append(f"\n{page}" if spelt else "")
        grid.add_row(str(pick.position + 1), Text.assemble(shown, "\n", why))
    return grid


def _mark(pick: Pick) -> str:
    return f"  {MARKS[pick.verdict]}" if pick.verdict else ""


def _name(song: Song) -> Text:
    if song.title is None:
        return Text.assemble((clean(song.artist), "bold"), (f" ({say('artist')})", "dim"))
    year = f" ({song.year})" if song.year else ""
    return Text.assemble(f"{clean(song.artist)} - ", (clean(song.title), "bold"), (year, "dim"))


def _numbered() -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="bold cyan", no_wrap=True, min_width=2)
    grid.add_column(overflow="fold")
    return grid


@render.register
def _(reply: Marked) -> RenderableType:
    return _lines(reply.sentence)


@render.register
def _(reply: SessionReply) -> RenderableType:
    said = [_lines(reply.note)] if reply.note else []
    keys = "   ".join(f"{n} {button.label}" for n, button in enumerate(buttons(reply.session), 1))
    return Group(
        *said,
        Text(clean(headline(reply.session)), style="bold"),
        *(_lines(line) for line in lines(reply.session)),
        Text(f"   {keys}", style="dim"),
    )


@render.register
def _(reply: RadioReply) -> RenderableType:
    return _radio(reply, NO_LINKS)


def _radio(reply: RadioReply, links: Links) -> RenderableType:
    """Return the song that plays, why, where it is heard, and what a number does."""
    radio, song = reply.radio, song_of(reply.radio)
    said = [_lines(reply.note)] if reply.note else []
    head = Text(clean(radio_headline(radio)), style="bold")
    if radio.is_over:
        return Group(*said, head, _lines(summary(radio)))
    shown, reason = _name(song), Text(clean(why(radio)), style="dim")
    address = [Text(page, style="dim")] if (page := links.get(song.subject)) else []
    keys = "   ".join(f"{n} {button.label}" for n, button in enumerate(radio_buttons(radio), 1))
    return Group(*said, head, shown, reason, *address, Text(f"   {keys}", style="dim"))


@render.register
def _(reply: Choices) -> RenderableType:
    grid = _numbered()
    for number, choice in enumerate(reply.choices, 1):
        grid.add_row(str(number), _name(choice.song))
    return Group(_lines(reply.question), grid, Text(say("Type a number to choose."), style="dim"))


@render.register
def _(reply: Done) -> RenderableType:
    pressed = [button for button in reply.buttons if button.payload]
    opened = [(button.label, button.url) for button in reply.buttons if button.url]
    opened = [(say("30 seconds"), reply.audio), *opened] if reply.audio else opened
    links = [Text(f"   {clean(label, 60)}: {clean(url, _LONGEST_LINE)}") for label, url in opened]
    buttons = "   ".join(f"{n} {clean(button.label, 60)}" for n, button in enumerate(pressed, 1))
    shown = [Text(f"   {buttons}", style="dim")] if pressed else []
    return Group(_lines(reply.sentence), *links, *shown)


@render.register
def _(reply: Notice) -> RenderableType:
    return _lines(f"{reply.text}\n{reply.url}" if reply.url else reply.text)


@render.register
def _(reply: ProfileReply) -> RenderableType:
    known = reply.profile
    whose = Text(clean(say("The taste of {}", reply.name)), style="bold")
    parts: list[RenderableType] = [whose, *map(Text, figures(known))]
    for heading, shares in shares_of(known):
        parts += [Text(heading, style="bold cyan"), _bars(shares)]
    if known.blocked:
        parts.append(Text(say("Blocked: {}", ", ".join(clean(spoken(song)) for song in known.blocked))))
    return Group(*parts, *map(_part, reply.parts))


@render.register
def _(reply: ReportReply) -> RenderableType:
    return Group(Text(clean(reply.title), style="bold"), *map(_part, reply.parts))


def _part(part: Part) -> RenderableType:
    heading = [Text(clean(part.heading), style="bold cyan")] if part.heading else []
    return Group(*heading, *(Text(clean(line, _LONGEST_LINE)) for line in part.lines))


def _bars(shares: tuple[Share, ...]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(max_width=18, no_wrap=True, overflow="ellipsis")
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    longest = max(one.weight for one in shares) or 1.0
    for one in shares:
        blocks = max(1, round(_BAR * one.weight / longest))
        grid.add_row(Text(clean(one.name)), "█" * blocks, share(one.weight))
    return grid


@render.register
def _(reply: HistoryReply) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in reply.lines:
        grid.add_row(_when(line), MARKS.get(line.kind, ""), _told(line))
    return grid


def _when(line: HistoryLine) -> str:
    if line.at is None and line.kind == Kind.PLAY:
        return say("in all")  # a total that an import gives without a day
    at = line.recorded_at if line.at is None else line.at
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _told(line: HistoryLine) -> Text:
    told = _name(Song(line.subject, line.artist, line.title))
    if line.plays:
        told.append(f"  {counted(line.plays, 'play')}", style="dim")
    if line.undone:
        told.stylize("strike")
        told.append(f"  {say('(taken back)')}", style="dim")
    return told


@render.register
def _(reply: FileReply) -> RenderableType:
    return Text(clean(f"{reply.sentence} {counted(len(reply.content), 'byte')}."))


@render.register
def _(reply: Confirm) -> RenderableType:
    hint = Text(say("Type yes to do it, anything else to leave it."), style="dim")
    return Group(_lines(reply.question, "bold"), hint)


@render.register
def _(reply: HelpReply) -> RenderableType:
    if len(reply.lines) == 1:
        line = reply.lines[0]
        shown = ", ".join(filter(None, (line.example, line.also)))
        explained = _lines(f"{say(line.summary)}.\n{say('For example: {}', shown)}")
        more = Table.grid(padding=(0, 1))
        more.add_column(style="bold cyan", no_wrap=True)
        more.add_column()
        for typed, meaning in line.details:
            more.add_row(clean(typed), Text(clean(say(meaning))))
        return Group(Text(clean(line.usage), style="bold cyan"), explained, *([more] if line.details else []))
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column()
    for line in reply.lines:
        grid.add_row(line.usage.split()[0], Text(clean(say(line.summary))))
    for keys, meaning in _EXTRAS:
        grid.add_row(keys, say(meaning))
    return Group(grid, Text(say("One of them at length: {}", "/help recommend"), style="dim"))


@render.register
def _(reply: Problem) -> RenderableType:
    return _lines(reply.sentence, "yellow")
