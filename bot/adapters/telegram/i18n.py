"""Language of an answer: the user's own in private, the group's own in a group."""

import time
from collections import OrderedDict

from telegram import Update

from bot.adapters.telegram import incoming
from bot.replies.i18n import ENGLISH
from recommender.service import MusicService

_FRESH = 60.0  # seconds for which a cached group setting is used
_KEPT = 5_000  # groups with a cached setting


class Languages:
    """Caches the language settings of groups."""

    def __init__(self, music: MusicService) -> None:
        self._music = music
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def of(self, update: Update) -> str:
        """Return the language of the answer; English for a group without a setting."""
        chat, user = update.effective_chat, update.effective_user
        place = None if chat is None else incoming.community(chat)
        if place is not None:
            return await self._decided(place.external_id)
        code = (user.language_code or "") if user is not None else ""
        return code.partition("-")[0] or ENGLISH

    async def _decided(self, group: str) -> str:
        at, known = self._known.get(group, (float("-inf"), ENGLISH))
        if time.monotonic() - at > _FRESH:
            place = await self._music.communities.find(incoming.PLATFORM, group)
            decided = "" if place is None else (await self._music.communities.settings(place)).language
            known = decided or ENGLISH
            self._known[group] = (time.monotonic(), known)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def forget(self, group: str) -> None:
        """Drop a group's cached setting after a change."""
        self._known.pop(group, None)
