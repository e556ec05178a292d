"""Page of a slate on Discord: heading, one piece per song, buttons.

A message keeps its own heading: a redraw reads it off the message.  Nothing is stored, least of all the names
of the users a list is for.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal

import discord

from bot.adapters.discord.render.layout import SONGS, Page, Piece, Press, Scene, Style
from bot.adapters.discord.text import escape, label
from bot.replies.buttons import Act, Feedback, Whole
from bot.replies.explanations import reason
from bot.replies.i18n import say
from bot.replies.wish_buttons import trims
from recommender.catalog.listen_links import address, has_sample
from recommender.service.communities import LONGEST_LINK
from recommender.types import Pick, ServedSlate, Song
from storage.records import Kind

_MARK = "### "
_PAGE = re.compile(r" · (?P<number>[0-9]+)/[0-9]+$")
_SONG = re.compile(r"^[0-9]+\\\. ", re.MULTILINE)  # a title or note has its backslashes doubled


def slate_page(slate: ServedSlate, head: str, scene: Scene) -> Page:
    """Return one page of a slate under its heading: five songs with reasons and buttons."""
    last = max(0, (len(slate.picks) - 1) // SONGS)
    number = min(scene.number, last)
    picks = slate.picks[number * SONGS : (number + 1) * SONGS]
    return Page(
        (Piece(paged(head, number, last + 1)), *(_song(pick, slate, scene) for pick in picks)),
        (
            Press(_another(scene), str(Whole(slate.id, "more")), "main"),
            Press(say("Why these?"), str(Whole(slate.id, "why"))),
            *(Press("◀", f"pg:{slate.id}:{number - 1}") for _ in range(number > 0)),
            *(Press("▶", f"pg:{slate.id}:{number + 1}") for _ in range(number < last)),
            # A message has room for no more than the two arrows would take.
            *(Press(label(text, 80), payload) for text, payload in trims(slate, 0 if last else 2)),
        ),
        0x1DB954,
    )


def _another(scene: Scene) -> str:
    return say("Another five") if scene.size == SONGS else say("Another {}", scene.size)


def _song(pick: Pick, slate: ServedSlate, scene: Scene) -> Piece:
    song, ids = pick.song, scene.links.get(pick.song.subject, {})
    names = 34 if scene.compact else 60
    why = escape(reason(pick, slate), 80 if scene.compact else 130)
    title = escape(song.artist if song.title is None else song.title, names)
    by = "" if song.title is None else f" · {escape(song.artist, names)}"
    page = address_of(song, ids)
    name = f"**{title}**" if scene.compact else f"**[{title}]({page})**"
    hear = Press("🎧", str(Act("hear", song.subject)))
    return Piece(
        f"{pick.position + 1}\\. {name}{by}\n-# {why}",
        (
            _thumb("👍", pick, slate, scene, Kind.LIKE),
            _thumb("👎", pick, slate, scene, Kind.DISLIKE),
            Press(_more(pick, scene), str(Feedback(slate.id, pick.position, "more"))),
            # Plain text has no room for addresses.
            *((Press(f"{pick.position + 1}. ▶", page, "link"),) if scene.compact else ()),
        ),
        hear if has_sample(ids) else None,
        cover_of(ids),
        label(f"{say('Cover')}: {song.label}", 200),
    )


def _more(pick: Pick, scene: Scene) -> str:
    return say("More like {}", pick.position + 1) if scene.compact else say("More like this")


def _thumb(sign: str, pick: Pick, slate: ServedSlate, scene: Scene, kind: Kind) -> Press:
    people = scene.votes.get(pick.position, Counter[Kind]())[kind]
    style: Style = "plain" if pick.verdict != kind else "good" if kind == Kind.LIKE else "bad"
    verb: Literal["like", "dislike"] = "like" if kind == Kind.LIKE else "dislike"
    shown = f"{sign} {people}" if people else sign
    if scene.compact:  # plain text puts the buttons apart from their songs
        shown = f"{pick.position + 1}. {shown}"
    return Press(shown, str(Feedback(slate.id, pick.position, verb)), style)


def cover_of(ids: Mapping[str, str]) -> str:
    """Return the address of the record's cover, else of a video's picture, "" if neither is known."""
    video = f"https://i.ytimg.com/vi/{ids['youtube']}/mqdefault.jpg" if "youtube" in ids else ""
    return ids.get("cover", video)


def address_of(song: Song, ids: Mapping[str, str]) -> str:
    """Return where a song is heard: where it is known, else a search at a service."""
    return ids.get("page") or address(song, ids, longest=LONGEST_LINK)


def heading(title: str, note: str, *, compact: bool = False) -> str:
    """Return a title and optional note, escaped and cut; `compact` cuts the note shorter."""
    below = escape(note, 60 if compact else 100)
    return f"{_MARK}{escape(title, 50)}\n{below}".removesuffix("\n")


def paged(head: str, number: int, pages: int) -> str:
    """Return a heading with its page number, counted from 0, and the number of pages; omits a single page."""
    title, newline, note = head.partition("\n")
    return f"{title} · {number + 1}/{pages}{newline}{note}" if pages > 1 else head


def heading_of(message: discord.Message, *, is_paged: bool) -> str | None:
    """Return the heading that a message shows, without its page; None if it has none."""
    text = message.content or next(iter(_texts(message)), "")
    song = _SONG.search(text)
    title, newline, note = text[: song.start() if song else None].rstrip("\n").partition("\n")
    if not title.startswith(_MARK):
        return None
    return f"{_PAGE.sub('', title) if is_paged else title}{newline}{note}"


def page_of(message: discord.Message) -> int:
    """Return the page of a list that a message shows, from 0."""
    text = message.content or next(iter(_texts(message)), "")
    found = _PAGE.search(text.partition("\n")[0])
    return int(found["number"]) - 1 if found else 0


def _texts(message: discord.Message) -> list[str]:
    boxes = [part for part in message.components if isinstance(part, discord.Container)]
    return [part.content for box in boxes for part in box.children if isinstance(part, discord.TextDisplay)]
