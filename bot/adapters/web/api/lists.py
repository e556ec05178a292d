"""Lists of songs and what a person says of them: recommend, similar, search, reasons, reactions, undo."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from bot.adapters.web.api.gate import Caller, Reader, Writer, gated, operation
from bot.adapters.web.api.problems import ApiRefusal, refused_for
from bot.requests import MusicRequest, MusicResult, ResultSong, answer
from bot.requests.envelopes import (
    ReactRequest,
    RecommendRequest,
    SearchRequest,
    SimilarRequest,
    WhyRequest,
)
from bot.requests.payloads import (
    ReactPayload,
    RecommendPayload,
    SearchPayload,
    SimilarPayload,
    WhyPayload,
)
from bot.requests.song_ids import song_id
from recommender.service import MusicService
from storage.records import HistoryLine, Kind

ListId = Annotated[int, Path(ge=1, le=2**53, description="The `slate` of an answer.", examples=[12])]


class SongList(BaseModel):
    """A list of songs. Say what the person thinks of one with `slate` and its `position`: Segue learns."""

    slate: int = Field(examples=[12])
    songs: list[ResultSong]
    snapshot: str = Field(description="The version of the models that chose the songs.")
    policy: str = Field(description="The policy that chose the songs.", examples=["bandit"])
    note: str | None = Field(default=None, description="What was left out or corrected, in words.")
    took_ms: float = Field(examples=[11.2])


class SongsFound(BaseModel):
    """Songs and artists that a text begins."""

    songs: list[ResultSong]
    took_ms: float


class ReactionSet(BaseModel):
    """The song with the verdict that stands now."""

    song: ResultSong
    note: str | None = Field(default=None, description="What a name was taken for, if it was misspelt.")


class TakenBack(BaseModel):
    """One event that was taken back."""

    kind: Kind
    song: ResultSong


class Undone(BaseModel):
    """Everything that the last message, press or request said."""

    taken_back: list[TakenBack]


def router(music: MusicService) -> APIRouter:
    """Return the routes."""
    made = APIRouter(prefix="/api/v1", route_class=gated(music), tags=["music"])
    _add_lists(made, music)
    _add_words(made, music)
    _add_reactions(made, music)
    return made


def _add_lists(made: APIRouter, music: MusicService) -> None:
    @made.post("/recommend", summary="Songs for the person", **operation("read", 404, 409))
    async def recommend(payload: RecommendPayload, caller: Writer) -> SongList:
        """Make a list of songs for the person: for a wish in words, or for their taste alone.

        The list is logged with the probability of each choice, as in a chat, so reactions to it teach.
        """
        asked = RecommendRequest(id=caller.request_id, user=_user(caller), kind="recommend", payload=payload)
        return _listed(await _answered(music, caller, asked))

    @made.post("/similar", summary="Songs like one, or with a sound", **operation("read", 404, 409))
    async def similar(payload: SimilarPayload, caller: Writer) -> SongList:
        """Make a list of songs like a song or artist (`song` or `name`), or near given audio `features`."""
        asked = SimilarRequest(id=caller.request_id, user=_user(caller), kind="similar", payload=payload)
        return _listed(await _answered(music, caller, asked))


def _add_words(made: APIRouter, music: MusicService) -> None:
    @made.get("/search", summary="Songs and artists by name", **operation("read"))
    async def search(
        caller: Reader,
        text: Annotated[str, Query(min_length=1, max_length=200, examples=["radioh"])],
        n: Annotated[int, Query(ge=1, le=25)] = 10,
    ) -> SongsFound:
        """Find songs and artists whose names begin like this. What only other people brought is left out."""
        payload = SearchPayload(text=text, n=n)
        asked = SearchRequest(id=caller.request_id, user=_user(caller), kind="search", payload=payload)
        found = await _answered(music, caller, asked)
        return SongsFound(songs=list(found.songs), took_ms=found.took_ms)

    @made.get("/lists/{slate}/reasons", summary="Why these songs", **operation("read", 404, 409))
    async def reasons(
        slate: ListId, caller: Reader, position: Annotated[int | None, Query(ge=0, lt=1000)] = None
    ) -> SongList:
        """Explain every song of a list of this person, or the one at a position."""
        payload = WhyPayload(slate=slate, position=position)
        asked = WhyRequest(id=caller.request_id, user=_user(caller), kind="why", payload=payload)
        return _listed(await _answered(music, caller, asked))


def _add_reactions(made: APIRouter, music: MusicService) -> None:
    @made.post("/reactions", summary="Like, dislike or skip a song", **operation("react", 404, 409))
    async def react(payload: ReactPayload, caller: Writer) -> ReactionSet:
        """Say what the person thinks of a song. The next list feels it."""
        asked = ReactRequest(id=caller.request_id, user=_user(caller), kind="react", payload=payload)
        result = await _answered(music, caller, asked)
        return ReactionSet(song=result.songs[0], note=result.note)

    @made.post("/undo", summary="Take back the last thing", **operation("react", 409))
    async def undo(caller: Writer) -> Undone:
        """Take back what the person said last, in a chat or through a program."""
        key = f"request:{caller.holder.listener.user_id}:{caller.request_id}:"
        lines = await music.reactions.undo(caller.holder.listener, key=key)
        return Undone(taken_back=[TakenBack(kind=line.kind, song=song_of_line(line)) for line in lines])


def song_of_line(line: HistoryLine) -> ResultSong:
    """Return the song or artist of an event."""
    return ResultSong(id=song_id(line.subject), artist=line.artist, title=line.title)


async def _answered(music: MusicService, caller: Caller, asked: MusicRequest) -> MusicResult:
    """Answer a request; raise `ApiRefusal` for a failure and for a name that fits several songs."""
    result = await answer(music, caller.holder.listener, asked)
    if result.error is not None:
        raise refused_for(result.error)
    if result.status == "ambiguous":
        raise ApiRefusal(409, "ambiguous", result.note or "", songs=list(result.songs))
    return result


def _listed(result: MusicResult) -> SongList:
    return SongList(
        slate=result.slate or 0,
        songs=list(result.songs),
        snapshot=result.snapshot or "",
        policy=result.policy or "",
        note=result.note,
        took_ms=result.took_ms,
    )


def _user(caller: Caller) -> str:
    account = caller.holder.account
    return f"{account.platform}:{account.external_id}"
