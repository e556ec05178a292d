"""Reactions: what each one does to the log. Every verb is one transaction on the writer thread."""

from collections.abc import Callable

from recommender.errors import NothingToDo, NotKnown
from recommender.types import VERDICTS, Listener
from storage.records import Event, HistoryLine, Impression, Kind, Subject
from storage.store import Store
from storage.work import RunsWork


class Reactions:
    """Verbs on what users say of songs: `music.reactions`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on their threads; `now` returns seconds since 1970."""
        self._read, self._write, self._now = read, write, now

    async def record(self, listener: Listener, subject: Subject, kind: Kind, *, key: str) -> bool:
        """Record a like, dislike, skip, block or unblock from a command or message.

        `key` identifies the message, so that a redelivered one counts once. Returns False if the same
        verdict already stands.
        """
        return await self._write(
            lambda store: record(store, listener, subject, kind, key=key, now=self._now())
        )

    async def press(
        self, listener: Listener, slate_id: int, position: int, kind: Kind, *, key: str
    ) -> Kind | None:
        """Toggle a reaction button under a track: a second press takes the verdict back.

        Returns the verdict that stands afterwards. Two calls with the same `key` count as one press.
        Raises `NotKnown` for an unknown slate or position.
        """
        return await self._write(
            lambda store: press(store, listener, slate_id, position, kind, key=key, now=self._now())
        )

    async def judge(
        self, listener: Listener, slate_id: int, position: int, kind: Kind | None, *, key: str
    ) -> None:
        """Set the verdict on a track of a slate, None to take it back; unlike `press` it never toggles.

        Two calls with the same `key` count as one. Raises `NotKnown` for an unknown slate or position.
        """
        await self._write(
            lambda store: judge(store, listener, slate_id, position, kind, key=key, now=self._now())
        )

    async def undo(self, listener: Listener, *, key: str) -> list[HistoryLine]:
        """Take back everything in the user's last message or press; raise `NothingToDo` without one."""
        return await self._write(lambda store: undo(store, listener, key=key, now=self._now()))

    async def take_back(self, listener: Listener, subject: Subject, *, key: str) -> Kind | None:
        """Take back the user's verdict on a track or artist and return it, None if there is none."""
        return await self._write(lambda store: take_back(store, listener, subject, key=key, now=self._now()))

    async def liked(self, user_id: int) -> frozenset[Subject]:
        """Return the tracks and artists a user likes."""
        return await self._read(lambda store: liked(store, user_id))

    async def verdicts(self, listener: Listener, n: int = 100) -> list[HistoryLine]:
        """Return the user's likes and dislikes that stand, newest first."""
        return await self._read(lambda store: store.log.verdicts(listener.user_id, n))


def record(store: Store, listener: Listener, subject: Subject, kind: Kind, *, key: str, now: int) -> bool:
    """Append a verdict given in words; False if it already stands, so that repeating it is harmless."""
    if kind in VERDICTS:
        standing = store.log.verdict(listener.user_id, subject, VERDICTS)
        if standing is not None and standing[1] == kind:
            return False
    elif (subject.artist_id in blocked_artists(store, listener.user_id)) == (kind == Kind.BLOCK):
        return False
    return _append(store, listener, subject, kind, key=key, now=now)


def press(
    store: Store, listener: Listener, slate_id: int, position: int, kind: Kind, *, key: str, now: int
) -> Kind | None:
    """Toggle a button: set the verdict, or take it back on a second press; return the resulting verdict.

    Raises `NotKnown` for an unknown slate or position.
    """
    impression = _impression(store, slate_id, position)
    before = store.log.verdict(listener.user_id, impression.subject, VERDICTS)
    if store.log.has(key):
        return before[1] if before else None
    if before is None or before[1] != kind:
        _append(store, listener, impression.subject, kind, key=key, now=now, impression_id=impression.id)
        return kind
    take_back(store, listener, impression.subject, key=key, now=now)
    return None


def judge(
    store: Store, listener: Listener, slate_id: int, position: int, kind: Kind | None, *, key: str, now: int
) -> None:
    """Set the verdict on a track of a slate, None to take it back; one that stands already stays.

    Raises `NotKnown` for an unknown slate or position.
    """
    impression = _impression(store, slate_id, position)
    standing = store.log.verdict(listener.user_id, impression.subject, VERDICTS)
    if kind is None:
        take_back(store, listener, impression.subject, key=key, now=now)
    elif standing is None or standing[1] != kind:
        _append(store, listener, impression.subject, kind, key=key, now=now, impression_id=impression.id)


def take_back(store: Store, listener: Listener, subject: Subject, *, key: str, now: int) -> Kind | None:
    """Take back every verdict on a subject; return the last one, None if there is none.

    All of them, so that no older verdict becomes valid again.
    """
    before = standing = store.log.verdict(listener.user_id, subject, VERDICTS)
    while standing is not None:
        _undo(store, listener, standing[0], key=key, now=now)
        key += "+"
        standing = store.log.verdict(listener.user_id, subject, VERDICTS)
    return before[1] if before else None


def undo(store: Store, listener: Listener, *, key: str, now: int) -> list[HistoryLine]:
    """Take back everything in the user's last message or press, and return it in order.

    Raises `NothingToDo` if there is nothing.
    """
    lines = store.log.last_action(listener.user_id)
    if not lines:
        raise NothingToDo("There is nothing to take back: you have not told me anything yet.")
    for number, line in enumerate(lines):
        _undo(store, listener, line.event_id, key=f"{key}{'+' * number}", now=now)
    return lines


def liked(store: Store, user_id: int) -> frozenset[Subject]:
    """Return the tracks and artists a user likes."""
    latest = {Subject(row[1], row[2]): row[3] for row in store.log.standing(user_id, VERDICTS)}
    return frozenset(subject for subject, kind in latest.items() if kind == Kind.LIKE)


def blocked_artists(store: Store, user_id: int) -> frozenset[int]:
    """Return the artists a user has blocked and not unblocked since."""
    latest = {row[1]: row[3] for row in store.log.standing(user_id, (Kind.BLOCK, Kind.UNBLOCK))}
    return frozenset(artist_id for artist_id, kind in latest.items() if kind == Kind.BLOCK)


def _impression(store: Store, slate_id: int, position: int) -> Impression:
    slate = store.slates.get(slate_id)
    for impression in slate.impressions if slate is not None else ():
        if impression.position == position:
            return impression
    raise NotKnown("I no longer know that list. Type /recommend for a new one.")


def _append(
    store: Store,
    listener: Listener,
    subject: Subject,
    kind: Kind,
    *,
    key: str,
    now: int,
    impression_id: int | None = None,
) -> bool:
    event = Event(
        key,
        listener.user_id,
        subject,
        kind,
        listener.platform,
        community_id=listener.community_id,
        impression_id=impression_id,
    )
    return store.log.append(event, now=now)[1]


def _undo(store: Store, listener: Listener, event_id: int, *, key: str, now: int) -> None:
    store.log.undo(event_id, key=key, user_id=listener.user_id, source=listener.platform, now=now)
