"""A person's own data: who the token acts for, profile, history in pages, export, and forgetting."""

import asyncio
import base64
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bot.adapters.web.api.gate import Reader, Writer, gated, operation
from bot.adapters.web.api.lists import song_of_line
from bot.adapters.web.api.problems import ApiRefusal
from bot.replies.i18n import say
from bot.requests import ResultSong
from bot.requests.song_ids import song_id
from recommender.service import MusicService
from recommender.service.api_access import SCOPES, Scope
from recommender.types import Share
from storage.records import HistoryLine, Kind

_MOST_EVENTS = 200
_CURSOR = b"e:"  # an event's number follows


class TokenOwner(BaseModel):
    """For whom the token acts, and what it may do."""

    name: str = Field(examples=["Ann"])
    platform: str = Field(examples=["discord"])
    scopes: list[Scope]


class ProfileShare(BaseModel):
    """A part of a taste, from 0 to 1."""

    name: str = Field(examples=["trip hop"])
    weight: float = Field(examples=[0.31])


class PersonProfile(BaseModel):
    """A person's taste in figures."""

    likes: int
    dislikes: int
    plays: int
    shares_of: Literal["plays", "likes"] = Field(description="What the shares are shares of.")
    artists: list[ProfileShare]
    tags: list[ProfileShare]
    moods: list[ProfileShare]
    decades: list[ProfileShare]
    blocked: list[ResultSong]
    expected_likes: float | None = Field(
        default=None, description="How many of the ten best artists Segue expects the person to like."
    )
    certainty: float | None = Field(default=None, description="How sure Segue is of the taste, 0 to 1.")


class HistoryEvent(BaseModel):
    """One event of a person's log."""

    id: int
    kind: Kind
    song: ResultSong
    at: int | None = Field(default=None, description="When it happened, in seconds since 1970, if known.")
    recorded_at: int = Field(description="When Segue learned of it, in seconds since 1970.")
    plays: int | None = Field(default=None, description="How many plays it stands for.")
    undone: bool = Field(description="Whether it was taken back.")


class HistoryPage(BaseModel):
    """Events, newest first. `next` is the cursor of the page after it; it is missing on the last."""

    events: list[HistoryEvent]
    next: str | None = None


class ForgetOrder(BaseModel):
    """The words that make sure nobody is erased by accident."""

    model_config = ConfigDict(extra="forbid")

    confirm: Literal["forget me"]


class Forgotten(BaseModel):
    """How many rows were erased, by table; and by now the token is gone as well."""

    erased: dict[str, int]


def router(music: MusicService) -> APIRouter:
    """Return the routes."""
    made = APIRouter(prefix="/api/v1", route_class=gated(music), tags=["person"])
    _add_reading(made, music)
    _add_data(made, music)
    return made


def _add_reading(made: APIRouter, music: MusicService) -> None:
    @made.get("/me", summary="Whose token this is", **operation(""))
    async def me(caller: Reader) -> TokenOwner:
        """Tell for whom the token acts, and what it may do."""
        account, scopes = caller.holder.account, caller.holder.scopes
        allowed = [scope for scope in SCOPES if scope in scopes]
        return TokenOwner(name=account.name, platform=account.platform, scopes=allowed)

    @made.get("/profile", summary="The person's taste", **operation("read"))
    async def profile(caller: Reader) -> PersonProfile:
        """Return the person's taste in figures: artists, genres, moods, decades."""
        known = await music.profile(caller.holder.listener)
        outlook = known.outlook
        return PersonProfile(
            likes=known.likes,
            dislikes=known.dislikes,
            plays=known.plays,
            shares_of=known.shares_of,
            artists=_shares(known.artists),
            tags=_shares(known.tags),
            moods=_shares(known.moods),
            decades=_shares(known.decades),
            blocked=[ResultSong(id=song_id(one.subject), artist=one.artist) for one in known.blocked],
            expected_likes=None if outlook is None else outlook.likes,
            certainty=None if outlook is None else outlook.sure,
        )

    @made.get("/history", summary="What the person said and heard", **operation("read"))
    async def history(
        caller: Reader,
        limit: Annotated[int, Query(ge=1, le=_MOST_EVENTS)] = 50,
        cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
    ) -> HistoryPage:
        """Return the person's events, newest first, in pages.

        Follow `next` until there is none: every event comes once, also when new ones arrive meanwhile.
        """
        before = None if cursor is None else _read_cursor(cursor)
        lines = await music.diary.lines(caller.holder.listener, limit + 1, before)
        more = _cursor(lines[limit - 1].event_id) if len(lines) > limit else None
        return HistoryPage(events=[_event(line) for line in lines[:limit]], next=more)


def _add_data(made: APIRouter, music: MusicService) -> None:
    @made.get(
        "/export",
        summary="Everything stored about the person",
        response_model=dict[str, Any],
        **operation("export"),
    )
    async def export(caller: Reader) -> Response:
        """Return all that is stored about the person, and nothing of others."""
        everything = await music.export(caller.holder.listener)
        # A long history takes a while, and the chat goes on meanwhile.
        content = await asyncio.to_thread(lambda: json.dumps(everything, ensure_ascii=False).encode())
        disposition = 'attachment; filename="segue.json"'
        return Response(content, 200, {"Content-Disposition": disposition}, "application/json")

    @made.post("/forget", summary="Erase the person", **operation("forget"))
    async def forget(_: ForgetOrder, caller: Writer) -> Forgotten:
        """Erase the person everywhere, with what was learned from them. Nobody can take that back."""
        return Forgotten(erased=await music.forget(caller.holder.listener))


def _event(line: HistoryLine) -> HistoryEvent:
    return HistoryEvent(
        id=line.event_id,
        kind=line.kind,
        song=song_of_line(line),
        at=line.at,
        recorded_at=line.recorded_at,
        plays=line.plays,
        undone=line.undone,
    )


def _shares(shares: tuple[Share, ...]) -> list[ProfileShare]:
    return [ProfileShare(name=one.name, weight=one.weight) for one in shares]


def _cursor(event_id: int) -> str:
    return base64.urlsafe_b64encode(_CURSOR + str(event_id).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(_CURSOR[1:])
        event_id = int(number) if kind == _CURSOR[:1] and number.isdigit() else 0
    except ValueError:
        event_id = 0
    if not 0 < event_id < 1 << 62:
        raise ApiRefusal(422, "invalid", say("That is no cursor of a page: leave it out for the first page."))
    return event_id
