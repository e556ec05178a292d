"""Imports: a listening history arrives as a file, in pieces that may be sent again after a break."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from bot.adapters.web.api.gate import Reader, Writer, gated, operation
from bot.adapters.web.api.problems import ApiRefusal
from bot.replies.i18n import say, told
from recommender.service import MusicService
from recommender.service.file_uploads import MOST_BYTES, UploadStatus, WrongOffset

MOST_PIECE = 8 << 20
"""The largest piece of a file, in bytes."""
UploadId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["5c0f6d3c9b0e4b7f8d2a1e6f7c3b9a08"])]
_PIECE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"The bytes of the file from the offset on, at most {MOST_PIECE >> 20} MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class NewImport(BaseModel):
    """A file that will be sent."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", examples=["my_spotify_data.zip"]
    )
    size: int = Field(ge=1, le=MOST_BYTES, description="The size of the whole file in bytes.")


class ImportReportTold(BaseModel):
    """What an import found."""

    read: int = Field(description="Rows of the file.")
    kept: int = Field(description="New facts.")
    merged: int = Field(description="Facts that were known.")
    new: dict[str, int] = Field(description="New rows by kind: listens, artists, tracks ...")
    skipped: dict[str, int] = Field(description="Rows that could not be read, by reason.")


class ImportState(BaseModel):
    """How far an import is."""

    id: str
    name: str
    size: int
    received: int = Field(description="Bytes that are safely stored; the next piece begins here.")
    state: Literal["receiving", "waiting", "importing", "done", "failed"]
    progress: float = Field(ge=0, le=1, description="The share of the file that is imported.")
    report: ImportReportTold | None = None
    failure: str | None = Field(default=None, description="Why the file could not be imported.")


class ImportList(BaseModel):
    """The imports of the last seven days."""

    imports: list[ImportState]


def router(music: MusicService) -> APIRouter:
    """Return the routes."""
    made = APIRouter(prefix="/api/v1", route_class=gated(music), tags=["import"])
    _add_sending(made, music)
    _add_watching(made, music)
    return made


def _add_sending(made: APIRouter, music: MusicService) -> None:
    @made.post("/imports", status_code=201, summary="Announce a file", **operation("import", 409))
    async def begin(new: NewImport, caller: Writer) -> ImportState:
        """Announce a listening history: an export of Spotify, Last.fm and others, or any table of plays."""
        holder = caller.holder
        return _state(await music.uploads.begin(holder.listener, holder.account, new.name, new.size))

    @made.put(
        "/imports/{upload}/pieces/{offset}",
        summary="Send a piece of a file",
        **operation("import", 404, 409, extra=_PIECE),
    )
    async def send(
        upload: UploadId, offset: Annotated[int, Path(ge=0, le=MOST_BYTES)], request: Request, caller: Reader
    ) -> ImportState:
        """Send the bytes from `offset` on. The last piece starts the import.

        After a break, ask for the import: `received` is the offset to go on from.
        """
        piece = await _read(request)
        try:
            status = await music.uploads.append(caller.holder.listener, upload, offset, piece)
        except WrongOffset as error:
            raise ApiRefusal(409, "wrong-offset", told(error), offset=error.offset) from error
        return _state(status)


def _add_watching(made: APIRouter, music: MusicService) -> None:
    @made.get("/imports", summary="The person's imports", **operation("import"))
    async def listing(caller: Reader) -> ImportList:
        """Return the imports of the last seven days, oldest first."""
        return ImportList(imports=[_state(one) for one in await music.uploads.all(caller.holder.listener)])

    @made.get("/imports/{upload}", summary="How far an import is", **operation("import", 404))
    async def watch(upload: UploadId, caller: Reader) -> ImportState:
        """Return the state of one import; ask again until it is `done` or `failed`."""
        return _state(await music.uploads.status(caller.holder.listener, upload))

    @made.delete(
        "/imports/{upload}", status_code=204, summary="Give up an import", **operation("import", 404, 409)
    )
    async def cancel(upload: UploadId, caller: Reader) -> None:
        """Delete the file and what is known of the import; what was imported stays."""
        await music.uploads.cancel(caller.holder.listener, upload)


async def _read(request: Request) -> bytes:
    piece = bytearray()
    async for chunk in request.stream():
        piece += chunk
        if len(piece) > MOST_PIECE:
            raise ApiRefusal(413, "too-large", say("A piece may have {} MB.", MOST_PIECE >> 20))
    if not piece:
        raise ApiRefusal(422, "invalid", say("A piece has at least one byte."))
    return bytes(piece)


def _state(status: UploadStatus) -> ImportState:
    upload, told_of = status.upload, status.upload.told or {}
    waits = upload.state == "importing" and status.place is not None and not status.share
    return ImportState(
        id=upload.id,
        name=upload.name,
        size=upload.size,
        received=status.received,
        state="waiting" if waits else upload.state,
        progress=status.share,
        report=ImportReportTold.model_validate(told_of) if upload.state == "done" else None,
        failure=told_of.get("failure"),
    )
