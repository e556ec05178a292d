"""Problems: errors as `application/problem+json` (RFC 9457), without a trace and without a secret."""

import logging
import math
import secrets
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from bot.replies.i18n import say
from bot.requests import Failure, ResultSong
from bot.requests.answering import EXPECTED, failure_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_STATUS = {
    "invalid": 422,
    "not-known": 404,
    "nothing-to-do": 409,
    "not-ready": 503,
    "unavailable": 503,
    "expired": 504,
    "internal": 500,
}
_BROKEN = "Something went wrong on my side, and I wrote it down under the id. Please try again."


class InvalidField(BaseModel):
    """A part of a request that does not fit."""

    where: str = Field(description="Where it is: `body.n`, `query.cursor`.", examples=["body.n"])
    what: str = Field(examples=["Input should be greater than or equal to 1"])


class ApiProblem(BaseModel):
    """An error (RFC 9457). `code` is for programs, `detail` for people; quote `id` to whoever runs Segue."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=['I know no song or artist called "Qeuen".'])
    code: str = Field(examples=["not-known"])
    id: str = Field(description="Names this one error.", examples=["9f2c61d0"])
    errors: list[InvalidField] | None = None
    songs: list[ResultSong] | None = Field(
        default=None, description="With the code `ambiguous`: the songs that the name fits."
    )
    offset: int | None = Field(
        default=None, description="With the code `wrong-offset`: where the next piece of the file begins."
    )


class Refused(Exception):
    """A request that is answered with a problem; `more` are members of its own."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.more = headers or {}, more


def refused_for(failure: Failure) -> Refused:
    """Return the problem of a failed request for music."""
    wait = {} if failure.retry_after is None else {"Retry-After": str(math.ceil(failure.retry_after))}
    more = {} if failure.log_id is None else {"id": failure.log_id}
    return Refused(_STATUS[failure.code], failure.code, failure.message, headers=wait, **more)


def refusal_of(error: Exception) -> Refused:
    """Return any error as a problem; one that nobody expected is logged under the problem's id."""
    match error:
        case Refused():
            return error
        case RequestValidationError():
            return _unreadable(error)
        case ClientDisconnect():
            return Refused(400, "invalid", say("The connection was closed before the request was whole."))
        case HTTPException():
            return Refused(error.status_code, "invalid", str(error.detail), headers=dict(error.headers or {}))
        case _ if isinstance(error, EXPECTED):
            return refused_for(failure_of(error))
    log_id = secrets.token_hex(4)
    log.error("id %s: a request to the API failed", log_id, exc_info=error)
    return Refused(500, "internal", say(_BROKEN), id=log_id)


def problem(refused: Refused) -> Response:
    """Return the response."""
    body = ApiProblem(
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        detail=refused.detail,
        code=refused.code,
        **{"id": secrets.token_hex(4), **refused.more},
    )
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True), refused.status, refused.headers, MEDIA_TYPE
    )


def _unreadable(error: RequestValidationError) -> Refused:
    # What was sent is not repeated: it may be a secret.
    errors = [
        InvalidField(where=".".join(map(str, one["loc"])), what=str(one["msg"])) for one in error.errors()
    ]
    is_no_json = any(one["type"] == "json_invalid" for one in error.errors())
    detail = say("The body is no JSON.") if is_no_json else say("The request does not fit; see errors.")
    return Refused(400 if is_no_json else 422, "invalid", detail, errors=errors)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the problems with these statuses."""
    schema = {"$ref": f"#/components/schemas/{ApiProblem.__name__}"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {
        status: {"description": _MEANING[status], "content": content}
        for status in sorted({*statuses, *_ALWAYS})
    }


_ALWAYS = (400, 401, 403, 413, 422, 429, 500, 503)
_MEANING = {
    400: "The body is no JSON.",
    401: "The token is missing, wrong or revoked.",
    403: "The token lacks the scope that this needs.",
    404: "There is nothing of that name or id.",
    409: "This cannot be done now, or a name fits several songs.",
    413: "The body is too large.",
    422: "A field does not fit, or an idempotency key was used for another request.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    500: "An error of Segue's own. The log has it under the id.",
    503: "There are no models yet, or the database is busy. Try again after Retry-After seconds.",
}
