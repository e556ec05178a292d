"""Spotify per user: signing in, showing the user's own tracks, saving a slate as a playlist.

| call                       | purpose                        | stored                                     |
|----------------------------|--------------------------------|--------------------------------------------|
| me                         | to show the connected account  | id and name, until /disconnect             |
| recently played, top, saved| to be liked by a press         | names and ids of the tracks shown          |
| create a playlist, add     | to save a slate there          | nothing                                    |

No Spotify content trains a model: only the user's later reactions do.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from recommender.catalog.resolve import songs_of
from recommender.catalog.spotify import SERVICE, SpotifyCatalogue, add
from recommender.catalog.spotify_api import Closed, SignedOut, SpotifyApi, asked
from recommender.connections.callback import Callback, came_back
from recommender.errors import NothingToDo, NotKnown, Unavailable
from recommender.types import Listener, Song
from storage.records import Account
from storage.services.connections import Connection, Connections
from storage.services.sign_ins import VALID_SECONDS, SignIns
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork
from storage.writer import Writer

if TYPE_CHECKING:  # loaded where there is an app to sign in to
    from recommender.connections.spotify_sign_in import SpotifyApp
    from recommender.connections.vault import Vault

T = TypeVar("T")

Shelf = Literal["recent", "top", "saved"]
SHELVES: tuple[Shelf, ...] = ("recent", "top", "saved")
_MOST = 10
_PATIENCE = 10.0  # seconds
_NEVER = 1 << 60


class SpotifyPeople:
    """Verbs on users' Spotify accounts: `music.connections.spotify`."""

    def __init__(
        self,
        writer: Writer,
        read: RunsWork,
        write: RunsWork,
        now: Callable[[], int],
        catalogue: SpotifyCatalogue,
        app: "SpotifyApp | None",
        vault: "Vault | None",
    ) -> None:
        """Without an app, or a vault for tokens, users cannot sign in."""
        self._writer, self._read, self._write, self._now = writer, read, write, now
        self._catalogue, self._app, self._vault = catalogue, app, vault
        self._turns: dict[int, asyncio.Lock] = {}
        self._begun: dict[str, tuple[Listener, Account]] = {}  # by state, for this process's callback page
        redirect = "" if app is None else app.redirect
        self._page = Callback(redirect, self._came_back, seconds=VALID_SECONDS)

    @property
    def is_there(self) -> bool:
        """Whether users can sign in here."""
        return self._app is not None and self._vault is not None

    async def close(self) -> None:
        """Stop waiting for sign-ins."""
        await self._page.close()

    async def begin(self, listener: Listener, account: Account) -> str:
        """Return the sign-in link, valid for ten minutes.

        In a browser on this machine, opening it completes the sign-in.
        """
        app, vault = self._needed()
        state = secrets.token_urlsafe(24)
        link, verifier = app.begin(state)
        sealed, now = vault.seal({"verifier": verifier}), self._now()
        await self._write(lambda store: SignIns(store.db).begin(listener.user_id, state, sealed, now=now))
        if await self._page.open():
            self._begun = {s: who for s, who in self._begun.items() if who[0].user_id != listener.user_id}
            self._begun[state] = (listener, account)
        return link

    async def _came_back(self, address: str) -> None:
        state, _ = came_back(address)
        if state not in self._begun:
            raise NotKnown("That sign-in was not begun here.")
        listener, account = self._begun.pop(state)
        await self.finish(listener, account, address)

    async def finish(self, listener: Listener, account: Account, pasted: str) -> str:
        """Complete a sign-in from the redirect address; return the user's name at Spotify.

        Raises `NotKnown` if the address does not answer an open sign-in of this user.
        """
        app, vault = self._needed()
        state, code = came_back(pasted)
        sealed = await self._write(
            lambda store: SignIns(store.db).finish(listener.user_id, state, now=self._now())
        )
        opened = vault.open(sealed)
        if opened is None:
            raise NotKnown("That sign-in is not open any more, or not yours. /connect spotify begins anew.")
        tokens = await asyncio.to_thread(lambda: asked(lambda: app.exchange(code, opened["verifier"])))
        held = [tokens]
        spotify_id, name = await asyncio.to_thread(_me, app, held)
        kept = Connection(
            listener.user_id,
            SERVICE,
            name or spotify_id or "you",
            account.platform,
            account.external_id,
            self._now(),
            newest_at=0,
            oldest_at=None,
            listens=0,
            total=0,
            looked_closely_at=0,
            failures=0,
            problem="",
        )
        secret = vault.seal(held[-1])

        def connected(store: Store) -> None:
            known = Connections(store.db)
            known.add(kept, next_at=_NEVER)
            known.set_secret(listener.user_id, SERVICE, secret)

        await self._write(connected)
        return kept.name

    async def songs(self, listener: Listener, shelf: Shelf) -> list[Song]:
        """Return the user's own tracks at Spotify: recently played, most played, or saved."""
        calls: dict[Shelf, Callable[[SpotifyApi], Any]] = {
            "recent": lambda api: api.recently_played(_MOST),
            "top": lambda api: api.top(_MOST),
            "saved": lambda api: api.saved(_MOST),
        }
        found = await self._as(listener, calls[shelf])

        def added(store: Store) -> list[Song]:
            subjects = list(dict.fromkeys(add(store, track, now=self._now()) for track in found))
            return list(songs_of(store, subjects).values())

        return await self._write(added)

    async def keep_as_playlist(
        self, listener: Listener, songs: Iterable[Song], name: str, about: str = ""
    ) -> tuple[str, list[Song]]:
        """Save tracks as a private playlist; return its URL and the tracks that Spotify does not have.

        `about` is the playlist's description.
        """
        self._needed()
        found, missing = await self._ids([song for song in songs if song.title is not None])
        if not found:
            raise NothingToDo("Spotify has none of these songs, or cannot be asked what it has right now.")
        url = await self._as(listener, lambda api: api.create_playlist(name, about, found))
        return url, missing

    async def _ids(self, songs: list[Song]) -> tuple[list[str], list[Song]]:
        links = await self._read(lambda store: Places(store.db).links([song.subject for song in songs]))
        found: list[str] = []
        missing: list[Song] = []
        for song in songs:
            known = links.get(song.subject, {}).get(SERVICE) or await self._looked_up(song)
            if known:
                found.append(known)
            else:
                missing.append(song)
        return found, missing

    async def _looked_up(self, song: Song) -> str | None:
        try:
            track = await self._catalogue.find(song.artist, song.title or "", patience=_PATIENCE)
        except (Unavailable, NotKnown):
            return None
        track_id = song.subject.track_id
        if track is None or track_id is None:
            return None
        await self._write(lambda store: store.music.add_track_id(track_id, SERVICE, track.id))
        return track.id

    # --- tokens -----------------------------------------------------------------------------------------

    async def _as(self, listener: Listener, call: Callable[[SpotifyApi], T]) -> T:
        """Call as the user, one call at a time: a renewed token invalidates the previous one."""
        app, vault = self._needed()
        user_id = listener.user_id
        async with self._turns.setdefault(user_id, asyncio.Lock()):
            for is_last in (False, True):
                sealed = await self._read(lambda store: Connections(store.db).secret(user_id, SERVICE))
                opened = vault.open(sealed)
                if opened is None:
                    raise NothingToDo("Spotify is not connected. /connect spotify gives you a link for that.")
                keep = partial(self._renewed, user_id, vault)
                try:
                    return await self._catalogue.line.ask(
                        partial(_called, app, opened, keep, call), patience=_PATIENCE
                    )
                except SignedOut as error:
                    if is_last or not await self._was_renewed(user_id, sealed):
                        await self._signed_out(user_id, error.to_json())
                        raise
        raise AssertionError("the second try returns or raises")

    def _renewed(self, user_id: int, vault: "Vault", fresh: dict[str, Any]) -> None:
        sealed = vault.seal(fresh)
        self._writer.write(lambda store: Connections(store.db).set_secret(user_id, SERVICE, sealed)).result()

    async def _was_renewed(self, user_id: int, before: bytes | None) -> bool:
        """Tell whether another process has renewed the tokens meanwhile."""
        now = await self._read(lambda store: Connections(store.db).secret(user_id, SERVICE))
        return now is not None and now != before

    async def _signed_out(self, user_id: int, problem: str) -> None:
        await self._write(lambda store: Connections(store.db).sign_out(user_id, SERVICE, problem))

    def _needed(self) -> "tuple[SpotifyApp, Vault]":
        if self._app is None or self._vault is None:
            raise NotKnown(
                "Spotify cannot be connected here: whoever runs me has to set SPOTIFY_CLIENT_ID and "
                "SEGUE_TOKEN_KEY (.env.example)."
            )
        return self._app, self._vault


def _called(
    app: "SpotifyApp",
    tokens: dict[str, Any],
    keep: Callable[[dict[str, Any]], None],
    call: Callable[[SpotifyApi], T],
) -> T:
    api = app.as_person(tokens, keep)
    try:
        return call(api)
    finally:
        api.close()


def _me(app: "SpotifyApp", held: list[dict[str, Any]]) -> tuple[str, str]:
    """Return id and name of the person; tokens that are renewed meanwhile are added to those `held`."""
    try:
        return _called(app, held[-1], held.append, SpotifyApi.me)
    except Closed:
        return "", ""  # the name is for display only
