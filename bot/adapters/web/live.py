"""Live sessions: one look at the database for all who watch a session, and one drawing per language."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from bot.replies.i18n import speaking
from recommender.errors import MusicError
from recommender.service import MusicService
from recommender.sessions.state import LiveSession

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two looks at a session that somebody watches."""
MOST = 300
"""Watchers in all."""
MOST_OF_ONE = 8
"""Watchers of one user: tabs that were left open."""


class _Room:
    """A session that somebody watches."""

    def __init__(self) -> None:
        self.session: LiveSession | None = None
        self.version = 0
        self.drawn: dict[str, str] = {}  # language -> markup of this version
        self.changed = asyncio.Event()  # of this version: set, and replaced, by the next one
        self.watchers = 0
        self.task: asyncio.Task[None] | None = None


class LiveRooms:
    """The sessions that are watched in this process; their changes may come from any other."""

    def __init__(self, music: MusicService, draw: Callable[[LiveSession], str], every: float = EVERY) -> None:
        """`draw` returns the markup of a session, in the language of the task."""
        self._music = music
        self._draw = draw
        self._every = every
        self._rooms: dict[int, _Room] = {}
        self._users: Counter[int] = Counter()

    @property
    def watchers(self) -> int:
        """The number of watchers."""
        return sum(self._users.values())

    def has_room(self, user_id: int) -> bool:
        """Tell whether one more watcher of this user may come."""
        return self.watchers < MOST and self._users[user_id] < MOST_OF_ONE

    def enter(self, session_id: int, user_id: int) -> _Room:
        """Watch a session; call `leave` afterwards."""
        room = self._rooms.setdefault(session_id, _Room())
        room.watchers += 1
        self._users[user_id] += 1
        if room.task is None:
            room.task = asyncio.create_task(self._look(session_id, room), name=f"session {session_id}")
        return room

    def leave(self, session_id: int, user_id: int) -> None:
        """Watch it no more."""
        room = self._rooms[session_id]
        room.watchers -= 1
        self._users[user_id] -= 1
        if not self._users[user_id]:
            del self._users[user_id]
        if not room.watchers:
            self._rooms.pop(session_id)
            if room.task is not None:
                room.task.cancel()

    async def next(self, room: _Room, seen: int, seconds: float) -> int:
        """Return the version of a session once it is another than `seen`, or after some seconds."""
        if room.version == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(room.changed.wait(), seconds)
        return room.version

    def drawn(self, room: _Room, language: str) -> str:
        """Return the markup of a session as it is now."""
        if language not in room.drawn and room.session is not None:
            with speaking(language):
                room.drawn[language] = self._draw(room.session)
        return room.drawn.get(language, "")

    async def close(self) -> None:
        """Stop looking."""
        tasks = [room.task for room in self._rooms.values() if room.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _look(self, session_id: int, room: _Room) -> None:
        pulse = ""
        while True:
            try:
                found = await self._music.sessions.pulse(session_id)
                if found != pulse or room.session is None:
                    session = await self._music.sessions.look(session_id)
                    pulse = found
                    room.session, room.drawn = session, {}
                    room.version += 1
                    room.changed.set()
                    room.changed = asyncio.Event()
            except MusicError:  # erased meanwhile
                return
            except Exception:
                log.exception("session %d could not be looked at", session_id)
            await asyncio.sleep(self._every)
