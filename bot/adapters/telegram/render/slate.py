"""Slate as one Telegram message: heading, one line per song, buttons.

A message keeps its own heading: a redraw reads it off the message, and nothing is stored.
"""

import re
from collections import Counter
from urllib.parse import quote

from telegram import InlineKeyboardButton as Key
from telegram import Message

from bot.adapters.telegram.render.card import ALONE, Card, Keyboard, Links, Scene
from bot.adapters.telegram.text import TEXT, cut, link, name, seen, units
from bot.replies.buttons import Act, Feedback, Verb, Whole
from bot.replies.explanations import MARKS, reason
from bot.replies.i18n import say
from bot.replies.wish_buttons import trims
from recommender.catalog.listen_links import address, exact, has_sample
from recommender.service.communities import LONGEST_LINK
from recommender.types import Pick, ServedSlate, Song
from storage.records import Kind

_SONG = re.compile(r"^[0-9]{1,2}\. ", re.MULTILINE)
_LONGEST_NOTE = 300
_VERDICTS: tuple[tuple[Verb, Kind], ...] = (
    ("like", Kind.LIKE),
    ("dislike", Kind.DISLIKE),
    ("skip", Kind.SKIP),
)
_SIZES = (120, 80, 56, 40, 28, 20)  # longest names and reasons tried until twenty songs fit


def slate_card(slate: ServedSlate, head: str, scene: Scene = ALONE) -> Card:
    """Return a slate under its heading (HTML) as one message that can be edited in place.

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
    parts = [Key(label, callback_data=payload) for label, payload in trims(slate)]
    return (*rows, *([tuple(parts)] if parts else []), tuple(whole))


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
    keys.append(Key(say("More like this"), callback_data=str(Feedback(slate.id, pick.position, "more"))))
    if has_sample(scene.links.get(pick.song.subject, {})):
        keys.append(Key("🎧", callback_data=str(Act("hear", pick.song.subject))))
    return tuple(keys)


def heading(title: str, note: str = "") -> str:
    """Return a title, with an optional note above it, as HTML."""
    lines = [cut_lines(note, _LONGEST_NOTE), ""] if note else []
    return "\n".join([*lines, f"<b>{name(title, 120) or say('Songs')}</b>"])


def cut_lines(text: str, longest: int) -> str:
    """Return our own sentences as HTML, cut to `longest` UTF-16 units."""
    return "\n".join(name(line, longest) for line in cut(text, longest).split("\n"))


def heading_of(message: object) -> str:
    """Return the HTML above the songs of a message, "" if it cannot be read."""
    if not isinstance(message, Message) or not message.text:
        return ""
    html = message.text_html
    song = _SONG.search(html)
    return "" if song is None else html[: song.start()].rstrip("\n")


def song_line(song: Song, links: Links, longest: int = 120) -> str:
    """Return a song as one line of HTML that links to a page where it plays."""
    page = page_of(song, links)
    if song.title is None:
        return link(f"<b>{name(song.artist, longest)}</b>", page)
    year = f" ({song.year})" if song.year else ""
    return f"{name(song.artist, longest)} - {link(f'<b>{name(song.title, longest)}</b>', page)}{year}"


def picture_of(song: Song, links: Links) -> str | None:
    """Return an address whose preview shows the song's cover, None if none is known."""
    ids = links.get(song.subject, {})
    return exact(song, ids) or ids.get("cover")


def page_of(song: Song, links: Links) -> str:
    """Return where the song is heard: its page if an id is known, else a search."""
    ids = links.get(song.subject, {})
    return ids.get("page") or address(song, ids, longest=LONGEST_LINK)
