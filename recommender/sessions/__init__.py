"""Group sessions: several users listen together, and everybody's votes choose the next track."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from recommender.catalog.resolve import song_of
from recommender.errors import NothingToDo, NotKnown
from recommender.groups.expectations import Expect, by_place
from recommender.groups.strategies import FAIR, STYLES
from recommender.sessions import moves
from recommender.sessions.choosing import Chooser
from recommender.sessions.recap import Recap, recap
from recommender.sessions.state import QUIET, Facts, LiveSession, Planned, read, read_running, shown
from recommender.snapshot import Snapshot
from recommender.types import Listener, Song
from storage.chats.sessions import Sessions as Kept
from storage.records import Account, Community, Kind, Subject
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")

AHEAD = 3
"""Number of upcoming tracks on a card."""

LONGEST_QUEUE = 20


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A running session that a user may see, and where it runs."""

    id: int
    name: str
    place: str
    community: Community


class Sessions:
    """Verbs on group sessions: `music.sessions`."""

    def __init__(
        self,
        read: RunsWork,
        write: RunsWork,
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

    # --- start, end, state ------------------------------------------------------------------------------

    async def start(self, listener: Listener, place: str, name: str, *, key: str) -> LiveSession:
        """Open a session in this channel with the user as host; raise `NothingToDo` if one is running.

        `key` identifies the message, so that a redelivered one opens a single session.
        """
        now, community = self._now(), _community(listener)
        found = await self._write(
            lambda store: moves.start(store, listener, community, place, name, FAIR, key=key, now=now)
        )
        return await self.look(found)

    async def find(self, listener: Listener, place: str) -> int:
        """Return this channel's running session; raise `NothingToDo` without one."""
        community, now = _community(listener), self._now()
        return await self._read(lambda store: moves.running(store, community, place, now))

    async def last(self, listener: Listener, place: str) -> int:
        """Return this channel's newest session, running or ended; raise `NothingToDo` without one."""
        community = _community(listener)
        found = await self._read(lambda store: Kept(store.db).last(community, place))
        if found is None:
            raise NothingToDo("There has been no session here yet. /session start opens one.")
        return found.id

    async def look(self, session_id: int) -> LiveSession:
        """Return a session's state.

        The playing track, the next ones, who they are for, and who is present.
        """
        snapshot, now = self._snapshot(), self._now()

        def looked(store: Store) -> LiveSession:
            facts = read(store, session_id)
            plan = [] if facts.is_over(now) else self._plan(store, snapshot, facts, AHEAD, now)
            return shown(store, facts, plan, now)

        return await self._read(looked)

    async def open_to(self, listener: Listener) -> list[OpenSession]:
        """Return the running sessions of the user's communities, the liveliest first."""
        since = self._now() - QUIET
        found = await self._read(lambda store: Kept(store.db).open_to(listener.user_id, since))
        return [OpenSession(session, name, place, here) for session, name, place, _, here in found]

    async def pulse(self, session_id: int) -> str:
        """Return a word that differs whenever the card of a session has changed."""
        return await self._read(lambda store: Kept(store.db).pulse(session_id))

    async def pause(self, listener: Listener, session_id: int, *, paused: bool) -> LiveSession:
        """Pause or resume; for the host."""
        now = self._now()
        await self._write(lambda store: moves.pause(store, listener, session_id, paused=paused, now=now))
        return await self.look(session_id)

    async def end(self, listener: Listener, session_id: int) -> Recap:
        """End a session, for the host; return its recap."""
        now = self._now()
        await self._write(lambda store: moves.end(store, listener, session_id, now=now))
        return await self.recap(session_id)

    async def recap(self, session_id: int) -> Recap:
        """Return the recap so far: satisfaction per member, tracks everybody liked, discoveries."""
        return await self._read(lambda store: recap(store, read(store, session_id)))

    # --- members ----------------------------------------------------------------------------------------

    async def join(self, listener: Listener, session_id: int) -> bool:
        """Add the user; False if already present."""
        now = self._now()
        return await self._write(lambda store: moves.join(store, listener.user_id, session_id, now=now))

    async def leave(self, listener: Listener, session_id: int) -> bool:
        """Remove the user; False if not present. If the host leaves, another member takes over."""
        now = self._now()
        return await self._write(lambda store: moves.leave(store, listener.user_id, session_id, now=now))

    async def hand_over(self, listener: Listener, session_id: int, other: int) -> None:
        """Make another member the host; for the host."""
        now = self._now()
        await self._write(lambda store: moves.hand_over(store, listener, session_id, other, now=now))

    async def follow(self, session_id: int, voice: str, users: list[int]) -> None:
        """Follow a voice channel from now on; add those of `users` who did not leave on purpose."""

        def followed(store: Store) -> None:
            Kept(store.db).change(session_id, voice=voice)
            for user in users:
                moves.join(store, user, session_id, now=self._now(), asked=False)

        await self._write(followed)

    async def came(self, community: Community, voice: str, account: Account) -> list[int]:
        """Add a known user to the sessions that follow a voice channel; return the sessions changed."""
        return await self._write(lambda store: self._moved(store, community, voice, account, came=True))

    async def went(self, community: Community, voice: str, account: Account) -> list[int]:
        """Remove a user who left a voice channel from its sessions; return the sessions changed."""
        return await self._write(lambda store: self._moved(store, community, voice, account, came=False))

    def _moved(
        self, store: Store, community: Community, voice: str, account: Account, *, came: bool
    ) -> list[int]:
        place = Places(store.db).find(community.platform, community.external_id)
        user = store.people.find(account.platform, account.external_id)
        if place is None or user is None:
            return []  # joining a voice channel creates no user
        now = self._now()
        running = [s for s in Kept(store.db).following(place, voice) if not read(store, s).is_over(now)]
        move = moves.join if came else moves.leave
        return [session for session in running if move(store, user, session, now=now, asked=False)]

    # --- tracks -----------------------------------------------------------------------------------------

    async def next(
        self, listener: Listener, session_id: int, n: int = 1, *, key: str, after: int | None = None
    ) -> LiveSession:
        """Play the next track and queue `n` - 1 more; for the host.

        `after` names the track on the pressed card: if another one plays already, nothing happens.
        `key` identifies the message, so that a redelivered one advances once.
        """
        await self._go_on(session_id, min(n, LONGEST_QUEUE), key, after, listener)
        return await self.look(session_id)

    async def vote(self, listener: Listener, song_id: int, kind: Kind, *, key: str) -> bool:
        """Record LIKE, DISLIKE or SKIP on a track; False if that vote already stands.

        Each user has one vote per track, the latest. A majority of skips among those present starts
        the next track.
        """
        now = self._now()
        new, skipped = await self._write(
            lambda store: moves.vote(store, listener, song_id, kind, key=key, now=now)
        )
        if skipped is not None:
            await self._go_on(skipped, 1, f"{key}:skip", song_id, None)
        return new

    async def veto(self, listener: Listener, session_id: int, subject: Subject) -> None:
        """Veto a track for this session, at most `VETOES` per user; a playing track stops."""
        now = self._now()
        playing = await self._write(lambda store: moves.veto(store, listener, session_id, subject, now=now))
        if playing is not None:
            await self._go_on(session_id, 1, f"veto:{playing}", playing, None)

    async def request(self, listener: Listener, session_id: int, song: Song) -> bool:
        """Request a track; False if it is already requested. Requests and chosen tracks alternate, fairly."""
        now = self._now()
        return await self._write(lambda store: moves.request(store, listener, session_id, song, now=now))

    async def restyle(self, listener: Listener, session_id: int, style: str) -> LiveSession:
        """Change the group strategy; for the host."""
        if style not in STYLES:
            raise NotKnown("There is no style {}. Choose one of: {}.", style, ", ".join(STYLES))
        return await self._change(listener, session_id, style=style)

    async def bend(self, listener: Listener, session_id: int, arc: int) -> LiveSession:
        """Set the number of tracks over which energy rises and falls, 0 for no curve; for the host."""
        return await self._change(listener, session_id, arc=arc)

    async def tune(self, listener: Listener, session_id: int, *, radio: bool) -> LiveSession:
        """Let what comes next also follow from what was played, or no longer; for the host."""
        return await self._change(listener, session_id, radio=int(radio))

    # --- card -------------------------------------------------------------------------------------------

    async def show_on(self, session_id: int, card: str) -> None:
        """Store the message that shows a session, as its adapter identifies it."""
        await self._write(lambda store: Kept(store.db).change(session_id, card=card))

    async def card(self, session_id: int) -> str | None:
        """Return the message that shows a session, None without one."""
        found = await self._read(lambda store: Kept(store.db).get(session_id))
        return None if found is None else found.card

    async def of_song(self, song_id: int) -> int:
        """Return a track's session; raise `NotKnown` if there is none."""
        found = await self._read(lambda store: Kept(store.db).session_of(song_id))
        if found is None:
            raise NotKnown("I no longer know that song of a session.")
        return found

    async def song(self, song_id: int) -> Song:
        """Return a session's track with its name; raise `NotKnown` if there is none."""

        def named(store: Store) -> Song | None:
            subject = Kept(store.db).subject_of(song_id)
            return None if subject is None else song_of(store, subject)

        found = await self._read(named)
        if found is None:
            raise NotKnown("I no longer know that song of a session.")
        return found

    # --- internals --------------------------------------------------------------------------------------

    async def _change(self, listener: Listener, session_id: int, **values: str | int) -> LiveSession:
        now = self._now()
        await self._write(lambda store: moves.change(store, listener, session_id, now=now, **values))
        return await self.look(session_id)

    async def _go_on(
        self, session_id: int, n: int, key: str, after: int | None, listener: Listener | None
    ) -> None:
        """Choose on a reader thread, then advance in one transaction unless another call did meanwhile."""
        snapshot, now = self._snapshot(), self._now()

        def planned(store: Store) -> tuple[list[Planned], int | None]:
            facts = read_running(store, session_id, now)
            if listener is not None:
                moves.check_host(facts, listener.user_id)
            elif facts.session.paused_at is not None:
                return [], None  # nobody pressed next: a paused session waits
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
