"""An artist's songs, to hear and to like: where a star of the map leads."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.adapters.web.templating import page, short
from bot.adapters.web.visitor import SignedIn
from bot.replies.buttons import Act
from recommender.catalog.listen_links import address
from recommender.errors import NotKnown
from recommender.types import Song
from storage.records import Subject

router = APIRouter()
_SONGS = 20
ArtistId = Annotated[int, Path(ge=0, lt=1 << 63)]


@dataclass(frozen=True, slots=True)
class HeardAt:
    """A song or artist, with where it is heard."""

    title: str
    year: int | None
    url: str
    is_liked: bool
    payload: str  # likes it, or takes the like back


@router.get("/artist/{artist_id}")
async def artist(request: Request, visitor: SignedIn, artist_id: ArtistId) -> Response:
    """Show an artist's best-known songs; what other people alone brought does not exist."""
    music, listener = visitor.music, visitor.listener
    try:
        one = await music.names.song(Subject(artist_id), asker=listener.user_id)
    except NotKnown as error:
        raise HTTPException(404) from error
    songs = (one, *await music.names.songs_by(artist_id, _SONGS, asker=listener.user_id))
    links = await music.communities.links(songs, listener.user_id)
    liked = await music.reactions.liked(listener.user_id)
    whole, *shown = (_shown(song, links.get(song.subject, {}), song.subject in liked) for song in songs)
    return page(request, "artist.html", artist=whole, songs=shown)


def _shown(song: Song, ids: dict[str, str], is_liked: bool) -> HeardAt:
    act = Act("undo" if is_liked else "like", song.subject)
    url = ids.get("page") or address(song, ids)
    return HeardAt(short(song.title or song.artist), song.year, url, is_liked, str(act))
