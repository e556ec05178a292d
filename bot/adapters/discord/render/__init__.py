"""Rendering of replies as text with buttons, before they become messages.  Pure functions.

A `Page` fits Discord's limits by construction: every text is cut before it is escaped, and lists are paged.
`bot.adapters.discord.cards` turns it into a card or plain text.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import singledispatch

from bot.adapters.discord.render.layout import Page, Piece, Press, Scene
from bot.adapters.discord.render.radio_page import radio_page
from bot.adapters.discord.render.slate import heading, slate_page
from bot.adapters.discord.text import clean, escape, has_addresses, label, paragraph
from bot.context import spoken
from bot.replies import (
    Button,
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
from bot.replies.explanations import MARKS
from bot.replies.i18n import say, share
from bot.replies.session_card import buttons, headline, lines
from bot.replies.taste_profile import figures, shares_of
from recommender.types import Share, Song
from storage.records import HistoryLine

_MOST_BUTTONS = 25
_LONGEST_URL = 512  # of a button that opens an address
_BAR = 10
_HISTORY_PAGE = 10


@singledispatch
def page(reply: Reply, scene: Scene) -> Page:
    """Return the page of a reply in this scene."""
    del scene
    raise TypeError(f"no way to show a {type(reply).__name__}")


@page.register
def _(reply: SlateReply, scene: Scene) -> Page:
    return slate_page(reply.slate, heading(reply.title, reply.note, compact=scene.compact), scene)


@page.register
def _(reply: SessionReply, scene: Scene) -> Page:
    said = f"{paragraph(reply.note, 300)}\n" if reply.note else ""
    head = f"{said}### {escape(headline(reply.session), 100)}"
    body = paragraph("\n".join(lines(reply.session)), scene.room - len(head))
    presses = tuple(Press(label(button.label, 80), button.payload) for button in buttons(reply.session))
    return Page((Piece(head), Piece(body)), presses, 0x1DB954)


@page.register
def _(reply: RadioReply, scene: Scene) -> Page:
    return radio_page(reply, scene)


@page.register
def _(reply: Marked, scene: Scene) -> Page:
    return Page((Piece(paragraph(reply.sentence, scene.room)),))


@page.register
def _(reply: Choices, scene: Scene) -> Page:
    del scene
    most = _MOST_BUTTONS - bool(reply.missing)
    shown, rest = reply.choices[:most], len(reply.choices) - most
    more = f"\n{say('... and {} more', rest)}" if rest > 0 else ""
    buttons = tuple(Press(label(_with_year(choice.song), 80), choice.payload) for choice in shown)
    return Page((Piece(paragraph(reply.question, 1500) + more),), buttons + _form(reply.missing))


def _form(missing: str) -> tuple[Press, ...]:
    name = clean(missing, 60)
    return (Press(say("Add it"), f"add:{name}"),) if name else ()


def _with_year(song: Song) -> str:
    return f"{song.label} ({song.year})" if song.year else song.label


@page.register
def _(reply: Done, scene: Scene) -> Page:
    audio = (Button(say("30 seconds"), url=reply.audio),) if reply.audio else ()
    buttons = tuple(filter(None, map(_press, (*audio, *reply.buttons))))
    return Page((Piece(paragraph(reply.sentence, scene.room)),), buttons[:_MOST_BUTTONS])


def _press(button: Button) -> Press | None:
    """Return a button of a reply, None for an address that is too long for Discord."""
    shown = label(button.label, 80)
    if not button.url:
        return Press(shown, button.payload)
    return Press(shown, button.url, "link") if len(button.url) <= _LONGEST_URL else None


@page.register
def _(reply: Notice, scene: Scene) -> Page:
    if len(reply.text) > scene.room and has_addresses(reply.text):  # a cut address would be useless
        first = reply.text.partition("\n")[0]
        return page(FileReply("links.txt", reply.text.encode(), first), scene)
    address = f"\n[{say('Open')}](<{reply.url}>)" if reply.url else ""
    return Page((Piece(paragraph(reply.text, scene.room - len(address)) + address),))


@page.register
def _(reply: Problem, scene: Scene) -> Page:
    return Page((Piece(paragraph(reply.sentence, scene.room)),), _form(reply.missing), 0xE0A030)


@page.register
def _(reply: Confirm, scene: Scene) -> Page:
    return Page(
        (Piece(paragraph(reply.question, scene.room)),),
        (Press(say("Yes"), reply.payload, "bad"), Press(say("No"), "no")),
        0xC03030,
    )


@page.register
def _(reply: FileReply, scene: Scene) -> Page:
    return Page((Piece(paragraph(reply.sentence, scene.room)),), file=reply)


@page.register
def _(reply: HelpReply, scene: Scene) -> Page:
    if len(reply.lines) == 1:
        line = reply.lines[0]
        summary = escape(say(line.summary), 100)
        head = (
            f"### {escape(line.usage, 80)}\n{summary}\n{' · '.join(filter(None, (line.example, line.also)))}"
        )
        more = [f"**{escape(typed, 80)}** {escape(say(meaning), 100)}" for typed, meaning in line.details]
        return Page((Piece("\n".join([head, *more])[: scene.room]),))
    return Page((Piece(_summaries(reply, scene.room, "" if scene.compact else "**")),))


def _summaries(reply: HelpReply, room: int, bold: str) -> str:
    """Return all commands with their summaries, cut only if they do not fit; plain text has no bold."""
    text = ""
    for longest in (100, 60, 40, 30, 20, 10):
        lines = [
            (escape(line.usage.split()[0], 33), escape(say(line.summary), longest)) for line in reply.lines
        ]
        text = "\n".join(f"{bold}{name}{bold} {summary}" for name, summary in lines)
        if len(text) <= room:
            break
    return text


@page.register
def _(reply: ProfileReply, scene: Scene) -> Page:
    known, room = reply.profile, 24 if scene.compact else 40
    parts = [Piece("\n".join((f"### {escape(reply.name, 40)}", *figures(known))))]
    for kind, shares in () if scene.pictures else shares_of(known):
        parts.append(Piece(f"**{kind}**\n" + _bars(shares, room)))
    if known.blocked:
        names = ", ".join(spoken(song) for song in known.blocked)
        parts.append(Piece(f"🚫 {escape(names, 150 if scene.compact else 300)}"))
    said = sum(len(piece.text) for piece in parts)
    return Page((*parts, *_parts(reply.parts, scene.room - said)))


@page.register
def _(reply: ReportReply, scene: Scene) -> Page:
    title = Piece(f"### {escape(reply.title, 100)}")
    parts = reply.parts[:1] if scene.pictures else reply.parts  # the pictures show the others
    return Page((title, *_parts(parts, scene.room - len(title.text))))


def _parts(parts: tuple[Part, ...], room: int) -> Iterator[Piece]:
    """Yield the parts that fit into `room` characters."""
    for part in parts:
        heading = [f"**{escape(part.heading, 60)}**"] if part.heading else []
        text = "\n".join([*heading, *(escape(line, 120) for line in part.lines)])
        room -= len(text) + 1
        if text and room > 0:
            yield Piece(text)


def _bars(shares: tuple[Share, ...], room: int) -> str:
    longest = max(one.weight for one in shares) or 1.0
    return "\n".join(
        f"{'▰' * max(1, round(_BAR * one.weight / longest))} {escape(one.name, room)} "
        f"{escape(share(one.weight), 10)}"
        for one in shares[:8]
    )


@page.register
def _(reply: HistoryReply, scene: Scene) -> Page:
    each = scene.room // (2 * max(1, len(reply.lines))) - 25
    lines = "\n".join(_told(line, min(each, 120)) for line in reply.lines)
    oldest = min((line.event_id for line in reply.lines), default=0)
    older = (Press(say("Older"), f"ol:{oldest}"),) if len(reply.lines) >= _HISTORY_PAGE else ()
    return Page((Piece(lines or say("Nothing older.")),), older)


def _told(line: HistoryLine, room: int) -> str:
    at = line.recorded_at if line.at is None else line.at
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    name = escape(spoken(Song(line.subject, line.artist, line.title)), max(room, 4))
    mark = MARKS.get(line.kind, "")
    plays = f" ({line.plays:,})" if line.plays and line.plays > 1 else ""
    return f"{when} {mark} ~~{name}~~" if line.undone else f"{when} {mark} {name}{plays}"
