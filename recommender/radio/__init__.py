"""Radio: one user's endless list, a song at a time, steered by every thumb and skip.

All of its state is stored: the radio, and each of its songs as a slate of its own, so that it goes on after a
restart, on any of the user's accounts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from recommender.bandit.policy import Policy
from recommender.errors import NothingToDo, NotKnown
from recommender.radio.upcoming import Played, next_slate
from recommender.slates import serve, verdicts_of
from recommender.snapshot import Snapshot
from recommender.types import Listener, Query, ServedSlate
from storage.chats.radios import Radio, Radios
from storage.records import Kind, Subject
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")
_NO_RADIO = "No radio is on. /radio starts one, from your taste or from a song: /radio Björk."
_UNKNOWN = "I no longer know that radio. /radio starts one."


@dataclass(frozen=True, slots=True)
class LiveRadio:
    """A radio as a card shows it."""

    id: int
    slate: ServedSlate  # of one song: the one that plays
    played: int  # songs so far, this one included
    liked: int
    is_over: bool = False


class RadioService:
    """Verbs on radios: `music.radio`."""

    def __init__(
        self,
        read: RunsWork,
        write: RunsWork,
        now: Callable[[], int],
        snapshot: Callable[[], Snapshot],
        policy: Callable[[Store], Policy],
        seed: Callable[[], int],
    ) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now
        self._snapshot = snapshot
        self._policy = policy
        self._seed = seed

    async def start(self, query: Query, *, key: str) -> LiveRadio:
        """Start a radio for `query` and play its first song; the user's other radios end.

        `key` identifies the message, so that a redelivered one starts one radio.  Raises `NothingToDo` if
        there is nothing to play, and then the other radios go on.
        """
        snapshot, seed, now = self._snapshot(), self._seed(), self._now()
        first = await self._read(
            lambda store: next_slate(store, snapshot, self._policy(store), query, (), seed=seed, now=now)
        )

        def started(store: Store) -> int:
            radios = Radios(store.db)
            radio_id = radios.start(query.user_id, query.community_id, query.to_json(), key=key, now=now)
            if not radios.songs(radio_id):
                radios.add(radio_id, store.slates.add(first))
            return radio_id

        return await self._shown(await self._write(started))

    async def running(self, listener: Listener) -> LiveRadio:
        """Return the user's running radio with its current song; raise `NothingToDo` without one."""
        found = await self._read(lambda store: Radios(store.db).running(listener.user_id))
        if found is None:
            raise NothingToDo(_NO_RADIO)
        return await self._shown(found.id)

    async def look(self, slate_id: int) -> LiveRadio:
        """Return the radio of a slate with its current song; raise `NotKnown` if there is none."""
        return await self._shown((await self._radio(slate_id)).id)

    async def next(self, slate_id: int) -> LiveRadio:
        """Play the next song after that of the slate; if another one plays already, nothing happens."""
        radio, snapshot, seed, now = await self._radio(slate_id), self._snapshot(), self._seed(), self._now()
        if radio.ended_at is not None:
            return await self._shown(radio.id)

        def chosen(store: Store) -> Callable[[Store], None] | None:
            played = _played(store, radio)
            if not played or Radios(store.db).songs(radio.id)[-1].slate_id != slate_id:
                return None
            query = Query.from_json(radio.query, radio.user_id, radio.community_id)
            slate = next_slate(store, snapshot, self._policy(store), query, played, seed=seed, now=now)

            def added(store: Store) -> None:
                radios = Radios(store.db)
                still = radios.get(radio.id)  # another press may have come first, or /forget
                if still is None or still.ended_at is not None:
                    return
                if radios.songs(radio.id)[-1].slate_id == slate_id:
                    radios.add(radio.id, store.slates.add(slate))

            return added

        if (add := await self._read(chosen)) is not None:
            await self._write(add)
        return await self._shown(radio.id)

    async def stop(self, slate_id: int) -> LiveRadio:
        """End the radio of a slate."""
        radio, now = await self._radio(slate_id), self._now()
        await self._write(lambda store: Radios(store.db).end(radio.id, now=now))
        return await self._shown(radio.id)

    async def _radio(self, slate_id: int) -> Radio:
        found = await self._read(lambda store: Radios(store.db).of_slate(slate_id))
        if found is None:
            raise NotKnown(_UNKNOWN)
        return found

    async def _shown(self, radio_id: int) -> LiveRadio:
        found = await self._read(lambda store: _live(store, radio_id))
        if found is None:
            raise NotKnown(_UNKNOWN)
        return found


def _live(store: Store, radio_id: int) -> LiveRadio | None:
    """Return a radio with the names of its current song; None if it is gone."""
    radios = Radios(store.db)
    radio, songs = radios.get(radio_id), radios.songs(radio_id)
    slate = store.slates.get(songs[-1].slate_id) if songs else None
    if radio is None or slate is None:
        return None
    verdicts = verdicts_of(store, radio.user_id)
    liked = sum(verdicts.get(song.subject) is Kind.LIKE for song in songs)
    served = serve(store, slate, verdicts)
    return LiveRadio(radio.id, served, len(songs), liked, radio.ended_at is not None)


def _played(store: Store, radio: Radio) -> list[Played]:
    """Return a radio's songs with what its listener has said of each."""
    verdicts: dict[Subject, Kind] = verdicts_of(store, radio.user_id)
    return [Played(song.subject, verdicts.get(song.subject)) for song in Radios(store.db).songs(radio.id)]
