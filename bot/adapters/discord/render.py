"""What a reply looks like on Discord, before it is a message: text with buttons.  Pure functions.

A `Page` fits Discord's limits by construction: every text is cut before it is escaped, and lists are paged.
It becomes a card or plain text in `bot.adapters.discord.cards`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import singledispatch
from typing import Literal

from bot.adapters.discord.headings import heading, paged
from bot.adapters.discord.i18n import word
from bot.adapters.discord.text import clean, escape, has_addresses, label, paragraph, search_link
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
    Reply,
    ReportReply,
    SessionReply,
    SlateReply,
)
from bot.replies.buttons import Feedback, Whole
from bot.replies.explanations import MARKS, reason
from bot.replies.i18n import ENGLISH, say, share
from bot.replies.session_card import buttons, headline, lines
from bot.replies.taste_profile import figures
from recommender.types import Pick, ServedSlate, Share, Song
from storage.records import HistoryLine, Kind, Subject

SONGS = 5  # on one page; five songs with covers and buttons are exactly the forty components there may be
_MOST_BUTTONS = 25
_TEXT = 3800  # of the 4,000 characters of a message: the rest is headings
_PLAIN_TEXT = 1900  # of the 2,000 of a message without cards
_BAR = 10
_HISTORY_PAGE = 10

Style = Literal["plain", "good", "bad", "main"]


@dataclass(frozen=True, slots=True)
class Press:
    """A button: what stands on it, and what it carries."""

    label: str
    payload: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines, with a cover beside them and buttons below."""

    text: str
    buttons: tuple[Press, ...] = ()
    cover: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A message: pieces one below the other, and buttons under all of them."""

    pieces: tuple[Piece, ...]
    buttons: tuple[Press, ...] = ()
    colour: int | None = None
    file: FileReply | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a reply needs besides itself to be drawn."""

    language: str = ENGLISH
    links: Mapping[Subject, Mapping[str, str]] = field(default_factory=dict)  # outside ids, by scheme
    votes: Mapping[int, Counter[Kind]] = field(default_factory=dict)  # what people said, by position
    number: int = 0  # of the page of a long list, from 0
    size: int = SONGS  # how many songs a list has here where nobody says
    compact: bool = False  # for plain text, where half as much fits

    def word(self, key: str) -> str:
        """Return a word of the interface in the language of the scene."""
        return word(key, self.language)

    @property
    def room(self) -> int:
        """How many characters of text there may be."""
        return _PLAIN_TEXT if self.compact else _TEXT


@singledispatch
def page(reply: Reply, scene: Scene) -> Page:
    """Return what a reply looks like in this scene."""
    raise TypeError(f"no way to show a {type(reply).__name__} in {scene.language}")


@page.register
def _(reply: SlateReply, scene: Scene) -> Page:
    return slate_page(reply.slate, heading(reply.title, reply.note, compact=scene.compact), scene)


def slate_page(slate: ServedSlate, head: str, scene: Scene) -> Page:
    """Return one page of a list under its heading: five songs with their reasons and buttons."""
    last = max(0, (len(slate.picks) - 1) // SONGS)
    number = min(scene.number, last)
    picks = slate.picks[number * SONGS : (number + 1) * SONGS]
    return Page(
        (Piece(paged(head, number, last + 1)), *(_song(pick, slate, scene) for pick in picks)),
        (
            Press(_another(scene), str(Whole(slate.id, "more")), "main"),
            Press(scene.word("why"), str(Whole(slate.id, "why"))),
            *(Press("◀", f"pg:{slate.id}:{number - 1}") for _ in range(number > 0)),
            *(Press("▶", f"pg:{slate.id}:{number + 1}") for _ in range(number < last)),
        ),
        0x1DB954,
    )


def _another(scene: Scene) -> str:
    return scene.word("another") if scene.size == SONGS else scene.word("another_n").format(scene.size)


def _song(pick: Pick, slate: ServedSlate, scene: Scene) -> Piece:
    song, ids = pick.song, scene.links.get(pick.song.subject, {})
    names = 34 if scene.compact else 60
    why = escape(reason(pick, slate), 80 if scene.compact else 130)
    title = escape(song.artist if song.title is None else song.title, names)
    by = "" if song.title is None else f" · {escape(song.artist, names)}"
    name = f"**{title}**" if scene.compact else f"**[{title}]({_address(song, ids)})**"
    return Piece(
        f"{pick.position + 1}\\. {name}{by}\n-# {why}",
        (
            _thumb("👍", pick, slate, scene, Kind.LIKE),
            _thumb("👎", pick, slate, scene, Kind.DISLIKE),
            Press(scene.word("more"), str(Feedback(slate.id, pick.position, "more"))),
        ),
        _cover(ids),
        label(f"{scene.word('cover')}: {song.label}", 200),
    )


def _thumb(sign: str, pick: Pick, slate: ServedSlate, scene: Scene, kind: Kind) -> Press:
    people = scene.votes.get(pick.position, Counter[Kind]())[kind]
    style: Style = "plain" if pick.verdict != kind else "good" if kind == Kind.LIKE else "bad"
    verb: Literal["like", "dislike"] = "like" if kind == Kind.LIKE else "dislike"
    return Press(f"{sign} {people}" if people else sign, str(Feedback(slate.id, pick.position, verb)), style)


def _cover(ids: Mapping[str, str]) -> str:
    """Return the address of a picture: the record's cover, else that of a video, "" if there is none."""
    video = f"https://i.ytimg.com/vi/{ids['youtube']}/mqdefault.jpg" if "youtube" in ids else ""
    return ids.get("cover", video)


def _address(song: Song, ids: Mapping[str, str]) -> str:
    kind = "artist" if song.title is None else "track"
    if "spotify" in ids:
        return f"https://open.spotify.com/{kind}/{ids['spotify']}"
    if "youtube" in ids and song.title is not None:
        return f"https://youtu.be/{ids['youtube']}"
    return search_link(song.label)


@page.register
def _(reply: SessionReply, scene: Scene) -> Page:
    said = f"{paragraph(reply.note, 300)}\n" if reply.note else ""
    head = f"{said}### {escape(headline(reply.session), 100)}"
    body = paragraph("\n".join(lines(reply.session)), scene.room - len(head))
    presses = tuple(Press(label(button.label, 80), button.payload) for button in buttons(reply.session))
    return Page((Piece(head), Piece(body)), presses, 0x1DB954)


@page.register
def _(reply: Marked, scene: Scene) -> Page:
    return Page((Piece(paragraph(reply.sentence, scene.room)),))


@page.register
def _(reply: Choices, scene: Scene) -> Page:
    most = _MOST_BUTTONS - bool(reply.missing)
    shown, rest = reply.choices[:most], len(reply.choices) - most
    more = f"\n{scene.word('and_more').format(rest)}" if rest > 0 else ""
    buttons = tuple(Press(label(_with_year(choice.song), 80), choice.payload) for choice in shown)
    return Page((Piece(paragraph(reply.question, 1500) + more),), buttons + _form(reply.missing, scene))


def _form(missing: str, scene: Scene) -> tuple[Press, ...]:
    name = clean(missing, 60)
    return (Press(scene.word("add"), f"add:{name}"),) if name else ()


def _with_year(song: Song) -> str:
    return f"{song.label} ({song.year})" if song.year else song.label


@page.register
def _(reply: Done, scene: Scene) -> Page:
    buttons = tuple(Press(label(button.label, 80), button.payload) for button in reply.buttons)
    return Page((Piece(paragraph(reply.sentence, scene.room)),), buttons[:_MOST_BUTTONS])


@page.register
def _(reply: Notice, scene: Scene) -> Page:
    if len(reply.text) > scene.room and has_addresses(reply.text):  # cut, it would lead only half the way
        first = reply.text.partition("\n")[0]
        return page(FileReply("links.txt", reply.text.encode(), first), scene)
    address = f"\n[{scene.word('open')}](<{reply.url}>)" if reply.url else ""
    return Page((Piece(paragraph(reply.text, scene.room - len(address)) + address),))


@page.register
def _(reply: Problem, scene: Scene) -> Page:
    return Page((Piece(paragraph(reply.sentence, scene.room)),), _form(reply.missing, scene), 0xE0A030)


@page.register
def _(reply: Confirm, scene: Scene) -> Page:
    return Page(
        (Piece(paragraph(reply.question, scene.room)),),
        (Press(scene.word("yes"), reply.payload, "bad"), Press(scene.word("no"), "no")),
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
        return Page((Piece(f"### {escape(line.usage, 80)}\n{summary}\n{line.example}"),))
    each = scene.room // (2 * len(reply.lines)) - 20
    lines = [(escape(line.usage.split()[0], 33), escape(say(line.summary), each)) for line in reply.lines]
    return Page((Piece("\n".join(f"**{name}** {summary}" for name, summary in lines)),))


@page.register
def _(reply: ProfileReply, scene: Scene) -> Page:
    known, room = reply.profile, 24 if scene.compact else 40
    parts = [Piece("\n".join((f"### {escape(reply.name, 40)}", *figures(known))))]
    for kind, shares in (("artists", known.artists), ("genres", known.tags), ("decades", known.decades)):
        if shares:
            parts.append(Piece(f"**{scene.word(kind)}**\n" + _bars(shares, room)))
    if known.blocked:
        names = ", ".join(spoken(song) for song in known.blocked)
        parts.append(Piece(f"🚫 {escape(names, 150 if scene.compact else 300)}"))
    said = sum(len(piece.text) for piece in parts)
    return Page((*parts, *_parts(reply.parts, scene.room - said)))


@page.register
def _(reply: ReportReply, scene: Scene) -> Page:
    title = Piece(f"### {escape(reply.title, 100)}")
    return Page((title, *_parts(reply.parts, scene.room - len(title.text))))


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
    older = (Press(scene.word("older"), f"ol:{oldest}"),) if len(reply.lines) >= _HISTORY_PAGE else ()
    return Page((Piece(lines or scene.word("nothing_older")),), older)


def _told(line: HistoryLine, room: int) -> str:
    at = line.recorded_at if line.at is None else line.at
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    name = escape(spoken(Song(line.subject, line.artist, line.title)), max(room, 4))
    mark = MARKS.get(line.kind, "")
    plays = f" ({line.plays:,})" if line.plays and line.plays > 1 else ""
    return f"{when} {mark} ~~{name}~~" if line.undone else f"{when} {mark} {name}{plays}"
