"""Whether the server answers: for watchdogs and proxies, without a word about anybody."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

router = APIRouter()


@router.get("/healthz")
async def alive() -> PlainTextResponse:
    """Return "ok"."""
    return PlainTextResponse("ok\n")
