"""Answers of handlers as pages, or as parts of one for htmx."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from bot.adapters.web.templating import page, short
from bot.adapters.web.visitor import SentForm, Visitor
from bot.commands import delivered
from bot.context import Context
from bot.handlers.recommend import title
from bot.replies import Choices, Confirm, Done, FileReply, Marked, Notice, Problem, Reply, SlateReply
from bot.replies.explanations import account, reason
from recommender.catalog.listen_links import address
from recommender.pipeline.diversity import SETTING
from recommender.service import MusicService
from recommender.types import Pick, ServedSlate
from storage.records import Kind, Subject


@dataclass(frozen=True, slots=True)
class SongCard:
    """A song of a list as a page shows it."""

    slate_id: int
    position: int
    title: str
    artist: str
    year: int | None
    reason: str
    why: tuple[str, ...]
    liked: str  # "like", "dislike", "skip" or ""
    page: str  # where it is heard
    cover: str
    subject: Subject

    @property
    def initials(self) -> str:
        """Two letters in place of a cover that is not known."""
        words = (self.artist or self.title).split()
        return "".join(word[0] for word in words[:2]).upper()


_VERDICTS = {Kind.LIKE: "like", Kind.DISLIKE: "dislike", Kind.SKIP: "skip"}


async def cards(music: MusicService, slate: ServedSlate, user_id: int) -> list[SongCard]:
    """Return the songs of a list."""
    songs = tuple(pick.song for pick in slate.picks)
    links = await music.communities.links(songs, user_id)
    return [_card(slate, pick, links.get(pick.song.subject, {})) for pick in slate.picks]


def _card(slate: ServedSlate, pick: Pick, ids: dict[str, str]) -> SongCard:
    song = pick.song
    cover = ids.get("cover", "")
    return SongCard(
        slate.id,
        pick.position,
        short(song.title or song.artist),
        short(song.artist) if song.title is not None else "",
        song.year,
        short(reason(pick, slate)),
        tuple(map(short, account(pick, slate).split("\n"))),
        _VERDICTS.get(pick.verdict, "") if pick.verdict else "",
        ids.get("page") or address(song, ids),
        cover if cover.startswith("https://") else "",
        song.subject,
    )


def is_partial(request: Request) -> bool:
    """Tell whether htmx asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


async def listed(
    request: Request, visitor: Visitor, slate: ServedSlate, heading: str = "", note: str = ""
) -> Response:
    """Return a list of songs, as a page or as its part."""
    found = await cards(visitor.music, slate, visitor.session.user_id)
    template = "list.html" if is_partial(request) else "for_me.html"
    level = await visitor.music.communities.wish(visitor.session.user_id, SETTING)
    head = heading or title(slate)
    return page(request, template, level=level, cards=found, heading=head, note=note, slate_id=slate.id)


async def answered(
    request: Request, form: SentForm, context: Context, reply: Reply, back: str = "/"
) -> Response:
    """Return the answer to a form: what it asked for, or what came of it with the way `back`."""
    if isinstance(reply, SlateReply):
        problem = await delivered(context, reply)
        if problem is None:
            return await listed(request, form.visitor, reply.slate, reply.title, reply.note)
        reply = problem
    if isinstance(reply, Marked):
        return await _marked(request, form, reply)
    if isinstance(reply, FileReply):
        return attached(reply)
    status = 409 if isinstance(reply, Problem) and not is_partial(request) else 200
    template = "answer_part.html" if is_partial(request) else "answer.html"
    response = page(request, template, status=status, reply=reply, lines=said(reply), back=back)
    if is_partial(request):
        response.headers["HX-Retarget"] = "#note"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


async def _marked(request: Request, form: SentForm, reply: Marked) -> Response:
    """Return the card that was judged; without htmx, go back to its list."""
    if not is_partial(request):
        return RedirectResponse(f"/?list={reply.slate.id}", 303)
    position = form["do"].split(":")[2:3]
    found = await cards(form.visitor.music, reply.slate, form.visitor.session.user_id)
    chosen = [card for card in found if [str(card.position)] == position]
    return page(request, "card.html", card=chosen[0], sentence=short(reply.sentence))


def attached(reply: FileReply) -> Response:
    """Return a file to save."""
    headers = {"content-disposition": f'attachment; filename="{reply.name}"'}
    return Response(reply.content, media_type="application/octet-stream", headers=headers)


def said(reply: Reply) -> Sequence[str]:
    """Return the lines of an answer."""
    match reply:
        case Notice():
            text = reply.text
        case Done() | Problem():
            text = reply.sentence
        case Choices() | Confirm():
            text = reply.question
        case _:
            return _report(reply)
    return [short(line) for line in text.split("\n")[:200]]


def _report(reply: Reply) -> list[str]:
    lines: list[str] = []
    for part in getattr(reply, "parts", ()):
        lines += [one for one in (part.heading, *part.lines) if one]
    for line in getattr(reply, "lines", ()):
        lines.append(f"{getattr(line, 'usage', '')}  {getattr(line, 'summary', '')}".strip())
    return [short(line) for line in lines if line]
