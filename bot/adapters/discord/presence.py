"""Spotify listening from Discord presences, recorded for users who turned it on.

A song counts after 30 s or half its length, whichever comes first.

Discord repeats presences: one comes per server that the user shares with the bot, and again after every
change of status.  One listen is one user, one track and one start time.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import discord

from recommender.service import MusicService
from recommender.service.now_playing import StatusSong
from recommender.types import Listener
from storage.records import Account

log = logging.getLogger(__name__)

_COUNTS_AFTER = 30.0  # seconds
_WISH = "discord.listen"


@dataclass(slots=True)
class _Playing:
    track_id: str
    began_at: float
    task: "asyncio.Task[None]"


class Listening:
    """Watches the users who turned `/listen` on."""

    def __init__(self, music: MusicService, *, wanted: bool, clock: Callable[[], float] = time.time) -> None:
        """`wanted`: the operator enabled the presence intent.  `clock`: seconds since 1970."""
        self._music = music
        self.wanted = wanted
        self._clock = clock
        self._people: dict[int, Listener] = {}
        self._playing: dict[int, _Playing] = {}

    async def start(self) -> None:
        """Load the users who turned listening on before."""
        if self.wanted:
            for external_id, user_id in await self._music.communities.wishing("discord", _WISH):
                self._people[int(external_id)] = Listener(user_id, None, "discord")

    async def close(self) -> None:
        """Stop watching; discard a song that does not count yet."""
        tasks = [playing.task for playing in self._playing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._playing.clear()

    async def turn(self, account: Account, *, on: bool) -> None:
        """Start or stop watching a user."""
        listener = await self._music.arrive(account)
        await self._music.communities.set_wish(listener.user_id, _WISH, "1" if on else "0")
        if on:
            self._people[int(account.external_id)] = Listener(listener.user_id, None, "discord")
        else:
            self._people.pop(int(account.external_id), None)
            self._stop(int(account.external_id))

    def dismiss(self, user_id: int) -> None:
        """Stop watching a user whose data was deleted, setting included."""
        self._people.pop(user_id, None)
        self._stop(user_id)

    def seen(self, user_id: int, activities: Iterable[Any]) -> None:
        """Read what a user's status shows now."""
        listener = self._people.get(user_id)
        if listener is None:
            return
        song = next((activity for activity in activities if isinstance(activity, discord.Spotify)), None)
        playing = self._playing.get(user_id)
        if song is None or not song.track_id or not song.artists:
            self._stop(user_id)
            return
        length = max(1.0, song.duration.total_seconds())
        began = song.start.timestamp()
        # The start shifts a little with every update, and more when the user seeks: still one listen.
        if playing and playing.track_id == song.track_id and abs(playing.began_at - began) < length / 2:
            return
        self._stop(user_id)
        task = asyncio.create_task(self._count(user_id, listener, song, length), name=f"listen-{user_id}")
        self._playing[user_id] = _Playing(song.track_id, began, task)

    def _stop(self, user_id: int) -> None:
        playing = self._playing.pop(user_id, None)
        if playing is not None:
            playing.task.cancel()

    async def _count(self, user_id: int, listener: Listener, song: discord.Spotify, length: float) -> None:
        began = song.start.timestamp()
        due = min(_COUNTS_AFTER, length / 2)
        await asyncio.sleep(max(0.0, began + due - self._clock()))
        # A restart in the middle of a song sees it again: the key keeps only the minute it began.
        key = f"discord:heard:{user_id}:{song.track_id}:{round(began / 60)}"
        artists = tuple(song.artists)
        heard = StatusSong(song.track_id, song.title, artists, song.album, int(began), int(due * 1000))
        try:
            await self._music.plays.heard(listener, heard, key=key)
        except Exception:
            log.exception("a play of user %d was lost", listener.user_id)
