"""Envelopes: a request with its sender and deadline, and the result of one."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from bot.requests.payloads import ReactPayload, RecommendPayload, SearchPayload, SimilarPayload, WhyPayload
from bot.requests.song_ids import SongId
from recommender.types import ReasonKind

ReasonName = ReasonKind
_Verdict = Literal["like", "dislike", "skip"]


class _Envelope(BaseModel):
    """What every request has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(
        min_length=1,
        max_length=128,
        description="Names the request: a reaction with a known id counts once.",
        examples=["5f0c1f6e"],
    )
    user: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,31}:.{1,128}$",
        description="The account of the user: its platform, a colon, its id there.",
        examples=["discord:80351110224678912"],
    )
    deadline: AwareDatetime | None = Field(
        default=None,
        description="After it nobody waits for the result, which has the status `expired`.",
    )


class SimilarRequest(_Envelope):
    """A request for songs like one song, artist or sound."""

    kind: Literal["similar"]
    payload: SimilarPayload


class RecommendRequest(_Envelope):
    """A request for songs for a user."""

    kind: Literal["recommend"]
    payload: RecommendPayload = RecommendPayload()


class ReactRequest(_Envelope):
    """A reaction of a user to a song."""

    kind: Literal["react"]
    payload: ReactPayload


class SearchRequest(_Envelope):
    """A request for songs and artists by name."""

    kind: Literal["search"]
    payload: SearchPayload


class WhyRequest(_Envelope):
    """A request for the reasons of a list."""

    kind: Literal["why"]
    payload: WhyPayload


MusicRequest = Annotated[
    SimilarRequest | RecommendRequest | ReactRequest | SearchRequest | WhyRequest,
    Field(discriminator="kind"),
]
"""Any request; `kind` tells which."""

REQUEST: TypeAdapter[MusicRequest] = TypeAdapter(MusicRequest)
"""Reads a request from JSON: `REQUEST.validate_json(text)`; pydantic's ValidationError says what is wrong."""


class ResultSong(BaseModel):
    """A song or artist of a result."""

    model_config = ConfigDict(frozen=True)

    id: SongId
    artist: str = Field(examples=["Portishead"])
    title: str | None = Field(default=None, description="None for an artist.", examples=["Roads"])
    year: int | None = Field(default=None, examples=[1994])
    position: int | None = Field(default=None, description="The place on the list, from 0.")
    reason: str | None = Field(default=None, examples=["because you like Massive Attack"])
    reason_kind: ReasonName | None = None
    propensity: float | None = Field(
        default=None, ge=0, le=1, description="With what probability the policy put the song at this place."
    )
    verdict: _Verdict | None = Field(default=None, description="What the user said of it.")


class Failure(BaseModel):
    """Why a request has no answer: a code for programs, a sentence for people."""

    model_config = ConfigDict(frozen=True)

    code: Literal["invalid", "not-known", "nothing-to-do", "not-ready", "unavailable", "expired", "internal"]
    message: str = Field(examples=['I know no song or artist called "Qeuen".'])
    log_id: str | None = Field(default=None, description="Tell it to whoever runs Segue: it is in the log.")
    retry_after: float | None = Field(default=None, description="Seconds after which to try again.")


class MusicResult(BaseModel):
    """The result of a request; `ambiguous` means that the name fits several songs, which are listed."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    status: Literal["ok", "ambiguous", "expired", "error"]
    songs: tuple[ResultSong, ...] = ()
    slate: int | None = Field(default=None, description="Names the list for reactions and for `why`.")
    snapshot: str | None = Field(default=None, description="The version of the models that chose the songs.")
    policy: str | None = Field(default=None, description="The policy that chose the songs.")
    note: str | None = Field(default=None, description="What was left out or corrected, in words.")
    took_ms: float = Field(ge=0)
    error: Failure | None = None
