"""What a reply looks like on Telegram: pure functions from its meaning to messages."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import singledispatch
from urllib.parse import quote

from telegram import InlineKeyboardButton as Key

from bot.adapters.telegram.headings import heading
from bot.adapters.telegram.songs import Links, picture_of, song_line
from bot.adapters.telegram.text import CAPTION, LABEL, TEXT, lines, link, name, parted, plain, seen, units
from bot.context import spoken
from bot.handlers.recommend import title
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
    Reply,
    ReportReply,
    SessionReply,
    SlateReply,
)
from bot.replies.buttons import Feedback, Love, Verb, Whole, parse
from bot.replies.explanations import MARKS, counted, reason
from bot.replies.i18n import say
from bot.replies.session_card import buttons, headline
from bot.replies.session_card import lines as card_lines
from recommender.types import Pick, ServedSlate, Share, Song
from storage.records import HistoryLine, Kind

NO = "no"
"""What the button "leave it" carries: nothing is done, so nothing of ours has to know it."""

Votes = Mapping[int, Counter[Kind]]
Keyboard = tuple[tuple[Key, ...], ...]

_VERDICTS: tuple[tuple[Verb, Kind], ...] = (
    ("like", Kind.LIKE),
    ("dislike", Kind.DISLIKE),
    ("skip", Kind.SKIP),
)
_SIZES = (120, 80, 56, 40, 28, 20)  # longest names and reasons tried, until twenty songs fit one message
_BAR = 10


@dataclass(frozen=True, slots=True)
class Card:
    """One message to send: HTML, rows of buttons, a page to show the cover of, or a file."""

    text: str
    rows: Keyboard = ()
    cover: str | None = None
    file: FileReply | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds a list: where songs can be heard, how people here voted, how it is shared."""

    links: Links = field(default_factory=dict)
    votes: Votes | None = None  # in a group: how many said what; None between the two of us
    share: str | None = None  # a link that opens the list elsewhere
    shows_reasons: bool = True
    names: tuple[str, ...] = ()  # of those whom the list is for, where they are several
    head: str = ""  # the HTML above its songs, where the message that shows it has some


ALONE = Scene()


@singledispatch
def render(reply: Reply, scene: Scene = ALONE) -> list[Card]:
    """Return the messages of a reply, in order; buttons hang under the last."""
    del scene
    raise TypeError(f"no way to show a {type(reply).__name__}")


def slate_card(slate: ServedSlate, head: str, scene: Scene = ALONE) -> Card:
    """Return a list under its heading (HTML) as one message, which can be edited in place.

    Names are cut until it fits.
    """
    for longest in _SIZES:
        text = "\n".join([head, "", *(_song(pick, slate, scene, longest) for pick in slate.picks)])
        if units(seen(text)) <= TEXT:
            break
    cover = next((page for pick in slate.picks if (page := picture_of(pick.song, scene.links))), None)
    return Card(text, _slate_rows(slate, scene), cover)


def _song(pick: Pick, slate: ServedSlate, scene: Scene, longest: int) -> str:
    mark = f" {MARKS[pick.verdict]}" if pick.verdict and scene.votes is None else ""
    first = f"{pick.position + 1}. {song_line(pick.song, scene.links, longest)}{mark}"
    if not scene.shows_reasons:
        return first
    return f"{first}\n    <i>{name(reason(pick, slate), longest)}</i>"


def _slate_rows(slate: ServedSlate, scene: Scene) -> Keyboard:
    rows = [_song_row(slate, pick, scene) for pick in slate.picks]
    whole = [Key(say("{} more", slate.query.n), callback_data=str(Whole(slate.id, "more")))]
    if scene.shows_reasons:
        whole.append(Key(say("Why these?"), callback_data=str(Whole(slate.id, "why"))))
    if scene.share:
        whole.append(Key(say("Share"), url=f"https://t.me/share/url?url={quote(scene.share, safe='')}"))
    return (*rows, tuple(whole))


def _song_row(slate: ServedSlate, pick: Pick, scene: Scene) -> tuple[Key, ...]:
    number = f"{pick.position + 1} " if len(slate.picks) > 1 else ""
    keys = []
    for verb, kind in _VERDICTS:
        if scene.votes is None:
            stands, mark = pick.verdict == kind, " ✓" if pick.verdict == kind else ""
        else:
            votes = scene.votes.get(pick.position, Counter())[kind]
            stands, mark = False, f" {votes}" if votes else ""
        before = number if verb == "like" else ""
        keys.append(
            Key(
                f"{before}{MARKS[kind]}{mark}",
                callback_data=str(Feedback(slate.id, pick.position, verb)),
                style="primary" if stands else None,
            )
        )
    return (*keys, Key(say("More like this"), callback_data=str(Feedback(slate.id, pick.position, "more"))))


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
    return [*cards[:-1], Card(cards[-1].text, cards[-1].rows, page)]


def _rows(buttons: Sequence[Button]) -> Keyboard:
    """Artists of the greeting stand three in a row, everything else two."""
    loves = [button for button in buttons if isinstance(parse(button.payload), Love)]
    others = [button for button in buttons if button not in loves]
    return (*_in_rows(loves, 3), *_in_rows(others, 3 if len(others) == 3 else 2))


def _in_rows(buttons: Iterable[Button], width: int) -> Iterable[tuple[Key, ...]]:
    keys = [Key(_label(button.label), callback_data=button.payload) for button in buttons]
    return [tuple(keys[at : at + width]) for at in range(0, len(keys), width)]


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
    del scene
    known = reply.profile
    counts = (counted(known.likes, "like"), counted(known.dislikes, "dislike"), counted(known.plays, "play"))
    told = [f"<b>{say('The taste of {}', name(reply.name, 64))}</b>", ", ".join(counts)]
    for kind, shares in (("Artists", known.artists), ("Genres", known.tags), ("Decades", known.decades)):
        if shares:
            told += ["", f"<b>{say(kind)}</b>", *_bars(shares)]
    if known.blocked:
        told += ["", say("Blocked: {}", ", ".join(name(spoken(song), 64) for song in known.blocked))]
    return _written("\n".join([*told, *_parts(reply.parts)]))


@render.register
def _(reply: ReportReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    return _written("\n".join([f"<b>{name(reply.title, 100)}</b>", *_parts(reply.parts)]))


def _parts(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        yield ""
        if part.heading:
            yield f"<b>{name(part.heading, 100)}</b>"
        for line in part.lines:
            yield name(line, 200)


def _bars(shares: tuple[Share, ...]) -> list[str]:
    longest = max(share.weight for share in shares) or 1.0
    bars = []
    for share in shares:
        blocks = max(1, round(_BAR * share.weight / longest))
        bar = "▰" * blocks + "▱" * (_BAR - blocks)
        bars.append(f"<code>{bar}</code> {name(share.name, 48)} {share.weight:.0%}")
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
        return say("in all")  # a total that an import knows, from no one day
    at = line.recorded_at if line.at is None else line.at
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


@render.register
def _(reply: FileReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    return [Card(parted(lines(reply.sentence), CAPTION)[0], file=reply)]


@render.register
def _(reply: Confirm, scene: Scene = ALONE) -> list[Card]:
    del scene
    yes = Key(say("Yes"), callback_data=reply.payload, style="danger")
    return _written(lines(reply.question), ((yes, Key(say("No, leave it"), callback_data=NO)),))


@render.register
def _(reply: HelpReply, scene: Scene = ALONE) -> list[Card]:
    del scene
    if len(reply.lines) == 1:
        line = reply.lines[0]
        example = say("For example: {}", f"<code>{name(line.example)}</code>")
        return _written(f"<b>{name(line.usage)}</b>\n{name(say(line.summary))}.\n{example}")
    listed = [f"{line.usage.split()[0]} - {name(say(line.summary))}" for line in reply.lines]
    more = say("One of them at length: {}", "<code>/help recommend</code>")
    return _written("\n".join([*listed, "", more]))
