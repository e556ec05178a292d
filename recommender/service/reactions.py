"""Reactions: what each one does to the log. Every verb is one transaction on the writer thread."""

from recommender.errors import NothingToDo, NotKnown
from recommender.types import VERDICTS, Listener
from storage.records import Event, HistoryLine, Impression, Kind, Subject
from storage.store import Store


def record(store: Store, listener: Listener, subject: Subject, kind: Kind, *, key: str, now: int) -> bool:
    """Append a verdict given in words; False if it already stands, so that repeating it is harmless."""
    if kind in VERDICTS:
        standing = _standing(store, listener, subject)
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
    before = _standing(store, listener, impression.subject)
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
    standing = _standing(store, listener, impression.subject)
    if kind is None:
        take_back(store, listener, impression.subject, key=key, now=now)
    elif standing is None or standing[1] != kind:
        _append(store, listener, impression.subject, kind, key=key, now=now, impression_id=impression.id)


def take_back(store: Store, listener: Listener, subject: Subject, *, key: str, now: int) -> Kind | None:
    """Take back every verdict on a subject; return the last one, None if there is none.

    All of them, so that no older verdict becomes valid again.
    """
    before = standing = _standing(store, listener, subject)
    while standing is not None:
        _undo(store, listener, standing[0], key=key, now=now)
        key += "+"
        standing = _standing(store, listener, subject)
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


def _standing(store: Store, listener: Listener, subject: Subject) -> tuple[int, Kind] | None:
    found = None
    for event_id, artist_id, track_id, kind, *_rest in store.log.standing(listener.user_id, VERDICTS):
        if (artist_id, track_id) == subject:
            found = (event_id, Kind(kind))
    return found


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
