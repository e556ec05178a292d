"""Cached server settings, and the rate limit per user."""

import time
from collections.abc import Callable

import discord

from recommender.service import MusicService
from recommender.slates.place_rules import CommunitySettings
from storage.records import Community

_FRESH = 60.0  # seconds for which cached server settings are used
_BURST, _PER = 6, 8.0  # commands per user and seconds, across all servers
_USUAL = CommunitySettings()


class House:
    """Settings and rate limits of the servers."""

    def __init__(self, music: MusicService, clock: Callable[[], float] = time.monotonic) -> None:
        self._music = music
        self._clock = clock
        self._known: dict[str, tuple[float, int | None, CommunitySettings]] = {}
        self._asked: dict[int, list[float]] = {}

    async def settings(self, guild: discord.Guild | None) -> CommunitySettings:
        """Return the settings of a server."""
        return _USUAL if guild is None else (await self._look(str(guild.id)))[1]

    async def place(self, here: Community) -> int | None:
        """Return the community id of a server, None if nobody has used the bot there."""
        return (await self._look(here.external_id))[0]

    async def _look(self, guild_id: str) -> tuple[int | None, CommunitySettings]:
        at, place, known = self._known.get(guild_id, (float("-inf"), None, _USUAL))
        if self._clock() - at > _FRESH:
            place = await self._music.communities.find("discord", guild_id)
            known = _USUAL if place is None else await self._music.communities.settings(place)
            self._known[guild_id] = (self._clock(), place, known)
        return place, known

    def forget(self, guild_id: int) -> None:
        """Drop a server's cached settings after a change."""
        self._known.pop(str(guild_id), None)

    def wait(self, user_id: int, cooldown: float) -> float:
        """Count a command of a user; return the seconds to wait, 0 to go ahead."""
        now = self._clock()
        span = max(_PER, cooldown)
        asked = [at for at in self._asked.get(user_id, ()) if now - at < span]
        self._asked[user_id] = asked
        if len(self._asked) > 10_000:
            self._asked = {user: when for user, when in self._asked.items() if when and now - when[-1] < span}
        recent = [at for at in asked if now - at < _PER]
        if len(recent) >= _BURST:
            return recent[0] + _PER - now
        if cooldown and asked and now - asked[-1] < cooldown:
            return asked[-1] + cooldown - now
        asked.append(now)
        return 0.0
