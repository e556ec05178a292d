"""Rendering of replies as Telegram messages; pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import singledispatch

from telegram import InlineKeyboardButton as Key

from bot.adapters.telegram.render.card import ALONE, AudioLink, Card, Keyboard, Links, Scene
from bot.adapters.telegram.render.radio_page import radio_cards
from bot.adapters.telegram.render.slate import heading, picture_of, slate_card, song_line
from bot.adapters.telegram.text import CAPTION, LABEL, lines, link, name, parted, plain, seen, units
from bot.context import spoken
from bot.handlers.recommend import title
from bot.pictures.painter import Picture
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
from bot.replies.buttons import Love, parse
from bot.replies.explanations import MARKS, counted
from bot.replies.files import fitted
from bot.replies.i18n import say, share
from bot.replies.session_card import buttons, headline
from bot.replies.session_card import lines as card_lines
from bot.replies.taste_profile import figures, shares_of
from recommender.types import Share, Song
from storage.records import HistoryLine, Kind

NO = "no"
"""Payload of the button "leave it": nothing happens, so no handler knows it."""

MOST_BYTES = 50_000_000  # largest file a bot may send
_BAR = 10


@singledispatch
def render(reply: Reply, scene: Scene = ALONE) -> list[Card]:
    """Return the messages of a reply in order; buttons hang under the last."""
    del scene
    raise TypeError(f"no way to show a {type(reply).__name__}")


def illustrated(cards: list[Card], pictures: tuple[Picture, ...]) -> list[Card]:
    """Return the messages with pictures: a short one becomes their caption.

    An album has no room for buttons, and a list is edited for years: these follow their pictures.
    """
    if not pictures:
        return cards
    first = cards[0]
    is_caption = len(cards) == 1 and not first.rows
    if is_caption and units(seen(first.text)) <= CAPTION:
        return [replace(first, pictures=pictures)]
    return [Card(name(pictures[0].alt, CAPTION), pictures=pictures), *cards]


@render.register
def _(reply: SlateReply, scene: Scene = ALONE) -> list[Card]:
    return [slate_card(reply.slate, heading(reply.title, reply.note), scene)]


@render.register
def _(reply: Marked, scene: Scene = ALONE) -> list[Card]:
    slate = reply.slate
    head = scene.head or heading(title(slate, scene.names))
    return [slate_card(slate, head, scene)]


@render.register
def _(reply: SessionReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    said = [name(reply.note, 300), ""] if reply.note else []
    body = [name(line, 300) for line in card_lines(reply.session)]
    text = "\n".join([*said, f"<b>{name(headline(reply.session))}</b>", *body])
    keys = [Key(button.label, callback_data=button.payload) for button in buttons(reply.session)]
    votes = [key for key in keys if str(key.callback_data).startswith("ss:")]
    others = [key for key in keys if key not in votes]
    return [Card(text, tuple(tuple(row) for row in (votes[:3], votes[3:], others) if row))]


@render.register
def _(reply: RadioReply, scene: Scene = ALONE) -> list[Card]:
    return radio_cards(reply, scene)


@render.register
def _(reply: Choices, scene: Scene = ALONE) -> list[Card]:
    del scene
    rows = tuple(
        (Key(_label(choice.song.label, choice.song.year), callback_data=choice.payload),)
        for choice in reply.choices
    )
    return _written(lines(reply.question), rows)


def _label(text: str, year: int | None = None) -> str:
    dated = f" ({year})" if year else ""
    return (plain(text, LABEL) or "…") + dated


@render.register
def _(reply: Done, scene: Scene = ALONE) -> list[Card]:
    page = picture_of(reply.song, scene.links) if reply.song else None
    cards = _written(lines(reply.sentence), _rows(reply.buttons))
    song, sample = reply.song, None
    if reply.audio and song is not None:
        sample = AudioLink(reply.audio, plain(song.artist, LABEL), plain(song.title or "", LABEL))
    return [*cards[:-1], Card(cards[-1].text, cards[-1].rows, page, sample=sample)]


def _rows(buttons: Sequence[Button]) -> Keyboard:
    """Return buttons in rows: three artists of the greeting, two of anything else."""
    loves = [button for button in buttons if button.payload and isinstance(parse(button.payload), Love)]
    others = [button for button in buttons if button not in loves]
    return (*_in_rows(loves, 3), *_in_rows(others, 3 if len(others) == 3 else 2))


def _in_rows(buttons: Iterable[Button], width: int) -> Iterable[tuple[Key, ...]]:
    keys = [_key(button) for button in buttons]
    return [tuple(keys[at : at + width]) for at in range(0, len(keys), width)]


def _key(button: Button) -> Key:
    if button.url:
        return Key(_label(button.label), url=button.url)
    return Key(_label(button.label), callback_data=button.payload)


@render.register
def _(reply: Notice, scene: Scene = ALONE) -> list[Card]:
    del scene
    address = f"\n{link(say('Open'), reply.url)}" if reply.url else ""
    return _written(lines(reply.text) + address)


@render.register
def _(reply: Problem, scene: Scene = ALONE) -> list[Card]:
    del scene
    return _written(lines(reply.sentence))


def _written(text: str, rows: Keyboard = ()) -> list[Card]:
    *before, last = parted(text)
    return [*(Card(one) for one in before), Card(last, rows)]


@render.register
def _(reply: ProfileReply, scene: Scene = ALONE) -> list[Card]:
    known = reply.profile
    told = [f"<b>{say('The taste of {}', name(reply.name, 64))}</b>", *figures(known)]
    for kind, shares in () if scene.pictures else shares_of(known):
        told += ["", f"<b>{kind}</b>", *_bars(shares)]
    if known.blocked:
        told += ["", say("Blocked: {}", ", ".join(name(spoken(song), 64) for song in known.blocked))]
    return _written("\n".join([*told, *_parts(reply.parts)]))


@render.register
def _(reply: ReportReply, scene: Scene = ALONE) -> list[Card]:
    parts = reply.parts[:1] if scene.pictures else reply.parts  # the pictures show the others
    return _written("\n".join([f"<b>{name(reply.title, 100)}</b>", *_parts(parts)]))


def _parts(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        yield ""
        if part.heading:
            yield f"<b>{name(part.heading, 100)}</b>"
        for line in part.lines:
            yield name(line, 200)


def _bars(shares: tuple[Share, ...]) -> list[str]:
    longest = max(one.weight for one in shares) or 1.0
    bars = []
    for one in shares:
        blocks = max(1, round(_BAR * one.weight / longest))
        bar = "▰" * blocks + "▱" * (_BAR - blocks)
        bars.append(f"<code>{bar}</code> {name(one.name, 48)} {lines(share(one.weight))}")
    return bars


@render.register
def _(reply: HistoryReply, scene: Scene = ALONE) -> list[Card]:
    return _written("\n".join(_told(line, scene.links) for line in reply.lines))


def _told(line: HistoryLine, links: Links) -> str:
    said = song_line(Song(line.subject, line.artist, line.title), links, 80)
    if line.plays:
        said += f", {counted(line.plays, 'play')}"
    if line.undone:
        said = f"<s>{said}</s> {say('(taken back)')}"
    return f"{MARKS.get(line.kind, '')} {said} · {_when(line)}"


def _when(line: HistoryLine) -> str:
    if line.at is None and line.kind == Kind.PLAY:
        return say("in all")  # a total that an import gives without a day
    at = line.recorded_at if line.at is None else line.at
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


@render.register
def _(reply: FileReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    files = fitted(reply, MOST_BYTES)
    return [Card(parted(lines(file.sentence), CAPTION)[0], file=file) for file in files]


@render.register
def _(reply: Confirm, scene: Scene = ALONE) -> list[Card]:
    del scene
    yes = Key(say("Yes"), callback_data=reply.payload, style="danger")
    return _written(
        lines(reply.question), ((yes, Key(say("No, leave it"), callback_data=reply.refusal or NO)),)
    )


@render.register
def _(reply: HelpReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    if len(reply.lines) == 1:
        line = reply.lines[0]
        shown = [f"<code>{name(one)}</code>" for one in (line.example, line.also) if one]
        example = say("For example: {}", ", ".join(shown))
        head = f"<b>{name(line.usage)}</b>\n{name(say(line.summary))}.\n{example}"
        details = [f"<code>{name(typed)}</code> - {name(say(meaning))}" for typed, meaning in line.details]
        return _written("\n".join([head, *details]))
    listed = [f"{line.usage.split()[0]} - {name(say(line.summary))}" for line in reply.lines]
    more = say("One of them at length: {}", "<code>/help recommend</code>")
    return _written("\n".join([*listed, "", more]))
