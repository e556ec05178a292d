"""Clip memory: the vectors of clips, for users who want them kept."""

from typing import TypeVar

import numpy as np

from recommender.arrays import Floats
from recommender.types import Listener
from storage.store import Store
from storage.users.kept_clips import FORGET, KEEP, SETTING, KeptClips
from storage.work import RunsWork

T = TypeVar("T")


class ClipMemory:
    """Verbs on kept clips: `music.clips`."""

    def __init__(self, read: RunsWork, write: RunsWork) -> None:
        """`read` and `write` run work on the threads of the service."""
        self._read = read
        self._write = write

    async def decide(self, listener: Listener, *, keep: bool) -> int:
        """Keep the vectors of clips from now on, or erase them all; return how many were erased."""

        def decided(store: Store) -> int:
            clips = KeptClips(store.db)
            before = clips.count(listener.user_id)
            store.people.set_setting("user", listener.user_id, SETTING, KEEP if keep else FORGET)
            return before - clips.count(listener.user_id)

        return await self._write(decided)

    async def count(self, listener: Listener) -> int | None:
        """Return the number of the user's lists with a kept vector, None if clips are forgotten."""

        def counted(store: Store) -> int | None:
            keeps = store.people.setting("user", listener.user_id, SETTING) == KEEP
            return KeptClips(store.db).count(listener.user_id) if keeps else None

        return await self._read(counted)

    async def vector(self, listener: Listener, slate_id: int) -> Floats | None:
        """Return the vector that one of the user's own lists was made from, None if it was not kept."""
        kept = await self._read(lambda store: KeptClips(store.db).vector(listener.user_id, slate_id))
        return None if kept is None else np.frombuffer(kept, dtype="<f2").astype(np.float32)


def keep(store: Store, slate_id: int, sound: Floats | None) -> None:
    """Keep the vector of a clip with its list, if the user of the list says so."""
    if sound is not None:
        KeptClips(store.db).add(slate_id, np.asarray(sound, dtype="<f2").tobytes())
