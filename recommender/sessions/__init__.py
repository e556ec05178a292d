"""Sessions: several people listen together, and everybody's thumbs decide what comes next."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from recommender.catalog.resolve import song_of
from recommender.errors import NothingToDo, NotKnown
from recommender.groups.expectations import Expect, by_place
from recommender.groups.strategies import FAIR, STYLES
from recommender.sessions import moves
from recommender.sessions.choosing import Chooser
from recommender.sessions.recap import Recap, recap
from recommender.sessions.state import Facts, LiveSession, Planned, read, read_running, shown
from recommender.snapshot import Snapshot
from recommender.types import Listener, Song
from storage.communities import Communities as Places
from storage.records import Account, Community, Kind, Subject
from storage.sessions import Sessions as Kept
from storage.store import Store

T = TypeVar("T")

AHEAD = 3
"""How many songs to come are shown."""

LONGEST_QUEUE = 20


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


class Sessions:
    """The verbs of the service on sessions: `music.sessions`."""

    def __init__(
        self,
        read: _Run,
        write: _Run,
        now: Callable[[], int],
        snapshot: Callable[[], Snapshot],
        expect: Expect = by_place,
    ) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now
        self._snapshot = snapshot
        self._expect = expect

    # --- beginning, end, looking ------------------------------------------------------------------------

    async def start(self, listener: Listener, place: str, name: str, *, key: str) -> LiveSession:
        """Open a session in this place with the listener as host; `NothingToDo` where one is running.

        `key` names the message, so that one delivered twice opens one session.
        """
        now, community = self._now(), _community(listener)
        found = await self._write(
            lambda store: moves.start(store, listener, community, place, name, FAIR, key=key, now=now)
        )
        return await self.look(found)

    async def find(self, listener: Listener, place: str) -> int:
        """Return the session that is running in this place; `NothingToDo` where there is none."""
        community, now = _community(listener), self._now()
        return await self._read(lambda store: moves.running(store, community, place, now))

    async def last(self, listener: Listener, place: str) -> int:
        """Return the newest session of this place, running or over; `NothingToDo` where there was none."""
        community = _community(listener)
        found = await self._read(lambda store: Kept(store.db).last(community, place))
        if found is None:
            raise NothingToDo("There has been no session here yet. /session start opens one.")
        return found.id

    async def look(self, session_id: int) -> LiveSession:
        """Return a session as it stands: what plays, what comes next and for whom, who is there."""
        snapshot, now = self._snapshot(), self._now()

        def looked(store: Store) -> LiveSession:
            facts = read(store, session_id)
            plan = [] if facts.is_over(now) else self._plan(store, snapshot, facts, AHEAD, now)
            return shown(store, facts, plan, now)

        return await self._read(looked)

    async def pause(self, listener: Listener, session_id: int, *, paused: bool) -> LiveSession:
        """Stop choosing songs, or go on; for the host."""
        now = self._now()
        await self._write(lambda store: moves.pause(store, listener, session_id, paused=paused, now=now))
        return await self.look(session_id)

    async def end(self, listener: Listener, session_id: int) -> Recap:
        """End a session, for the host; return what it was."""
        now = self._now()
        await self._write(lambda store: moves.end(store, listener, session_id, now=now))
        return await self.recap(session_id)

    async def recap(self, session_id: int) -> Recap:
        """Return who was served how well so far, what everybody liked, what was new."""
        return await self._read(lambda store: recap(store, read(store, session_id)))

    # --- people -----------------------------------------------------------------------------------------

    async def join(self, listener: Listener, session_id: int) -> bool:
        """Let the listener in; False where they are there already."""
        now = self._now()
        return await self._write(lambda store: moves.join(store, listener.user_id, session_id, now=now))

    async def leave(self, listener: Listener, session_id: int) -> bool:
        """Let the listener go; False where they were not there.  A host who leaves hands over."""
        now = self._now()
        return await self._write(lambda store: moves.leave(store, listener.user_id, session_id, now=now))

    async def hand_over(self, listener: Listener, session_id: int, other: int) -> None:
        """Make another member the host; for the host."""
        now = self._now()
        await self._write(lambda store: moves.hand_over(store, listener, session_id, other, now=now))

    async def follow(self, session_id: int, voice: str, users: list[int]) -> None:
        """Follow a voice channel from now on; those of `users` who did not leave on purpose are let in."""

        def followed(store: Store) -> None:
            Kept(store.db).change(session_id, voice=voice)
            for user in users:
                moves.join(store, user, session_id, now=self._now(), asked=False)

        await self._write(followed)

    async def came(self, community: Community, voice: str, account: Account) -> list[int]:
        """Let somebody whom we know into the sessions that follow a voice channel; return which changed."""
        return await self._write(lambda store: self._moved(store, community, voice, account, came=True))

    async def went(self, community: Community, voice: str, account: Account) -> list[int]:
        """Let somebody go who left a voice channel; return the sessions that changed."""
        return await self._write(lambda store: self._moved(store, community, voice, account, came=False))

    def _moved(
        self, store: Store, community: Community, voice: str, account: Account, *, came: bool
    ) -> list[int]:
        place = Places(store.db).find(community.platform, community.external_id)
        user = store.people.find(account.platform, account.external_id)
        if place is None or user is None:
            return []  # nobody becomes known by walking past
        now = self._now()
        running = [s for s in Kept(store.db).following(place, voice) if not read(store, s).is_over(now)]
        move = moves.join if came else moves.leave
        return [session for session in running if move(store, user, session, now=now, asked=False)]

    # --- songs ------------------------------------------------------------------------------------------

    async def next(
        self, listener: Listener, session_id: int, n: int = 1, *, key: str, after: int | None = None
    ) -> LiveSession:
        """Play the next song and queue `n` - 1 more behind it; for the host.

        `after` names the song whose card was pressed: if another plays already, nothing happens.  `key` names
        the message: delivered twice it moves on once.
        """
        await self._go_on(session_id, min(n, LONGEST_QUEUE), key, after, listener)
        return await self.look(session_id)

    async def vote(self, listener: Listener, song_id: int, kind: Kind, *, key: str) -> bool:
        """Say LIKE, DISLIKE or SKIP of a song of a session; False where that stands already.

        One word per person and song counts, however often and fast it is pressed.  Once more than half of
        those present want to skip the song that plays, the next one begins.
        """
        now = self._now()
        new, skipped = await self._write(
            lambda store: moves.vote(store, listener, song_id, kind, key=key, now=now)
        )
        if skipped is not None:
            await self._go_on(skipped, 1, f"{key}:skip", song_id, None)
        return new

    async def veto(self, listener: Listener, session_id: int, subject: Subject) -> None:
        """Keep a song out of this session; each person may do so a few times.  What plays is broken off."""
        now = self._now()
        playing = await self._write(lambda store: moves.veto(store, listener, session_id, subject, now=now))
        if playing is not None:
            await self._go_on(session_id, 1, f"veto:{playing}", playing, None)

    async def request(self, listener: Listener, session_id: int, song: Song) -> bool:
        """Ask for a song; False where somebody has already.  Requests alternate with choices, fairly."""
        now = self._now()
        return await self._write(lambda store: moves.request(store, listener, session_id, song, now=now))

    async def restyle(self, listener: Listener, session_id: int, style: str) -> LiveSession:
        """Change how songs are chosen; for the host."""
        if style not in STYLES:
            raise NotKnown("There is no style {}. Choose one of: {}.", style, ", ".join(STYLES))
        return await self._change(listener, session_id, style=style)

    async def bend(self, listener: Listener, session_id: int, arc: int) -> LiveSession:
        """Let energy rise, stay and fall over so many songs, 0 for no such curve; for the host."""
        return await self._change(listener, session_id, arc=arc)

    # --- the card that shows it -------------------------------------------------------------------------

    async def show_on(self, session_id: int, card: str) -> None:
        """Remember the message that shows a session, as its adapter names it."""
        await self._write(lambda store: Kept(store.db).change(session_id, card=card))

    async def card(self, session_id: int) -> str | None:
        """Return the message that shows a session."""
        found = await self._read(lambda store: Kept(store.db).get(session_id))
        return None if found is None else found.card

    async def of_song(self, song_id: int) -> int:
        """Return the session that a song belongs to; `NotKnown` if there is none."""
        found = await self._read(lambda store: Kept(store.db).session_of(song_id))
        if found is None:
            raise NotKnown("I no longer know that song of a session.")
        return found

    async def song(self, song_id: int) -> Song:
        """Return a song of a session by name; `NotKnown` if there is none."""

        def named(store: Store) -> Song | None:
            subject = Kept(store.db).subject_of(song_id)
            return None if subject is None else song_of(store, subject)

        found = await self._read(named)
        if found is None:
            raise NotKnown("I no longer know that song of a session.")
        return found

    # --- inside -----------------------------------------------------------------------------------------

    async def _change(self, listener: Listener, session_id: int, **values: str | int) -> LiveSession:
        now = self._now()
        await self._write(lambda store: moves.change(store, listener, session_id, now=now, **values))
        return await self.look(session_id)

    async def _go_on(
        self, session_id: int, n: int, key: str, after: int | None, listener: Listener | None
    ) -> None:
        """Choose on a reading thread, then move on in one transaction, unless somebody has meanwhile."""
        snapshot, now = self._snapshot(), self._now()

        def planned(store: Store) -> tuple[list[Planned], int | None]:
            facts = read_running(store, session_id, now)
            if listener is not None:
                moves.check_host(facts, listener.user_id)
            elif facts.session.paused_at is not None:
                return [], None  # nobody asked for the next song: it waits as well
            last = facts.started[-1].id if facts.started else None
            return self._plan(store, snapshot, facts, n, now), last

        plan, last = await self._read(planned)
        if (after is not None and after != last) or (listener is None and not plan):
            return
        await self._write(lambda store: moves.go_on(store, session_id, plan, after=last, key=key, now=now))

    def _plan(self, store: Store, snapshot: Snapshot, facts: Facts, n: int, now: float) -> list[Planned]:
        return Chooser(store, snapshot, facts, self._expect, now).plan(n) if facts.present else []


def _community(listener: Listener) -> int:
    if listener.community_id is None:
        raise NothingToDo("People listen together in a server or a group: open a session there.")
    return listener.community_id
