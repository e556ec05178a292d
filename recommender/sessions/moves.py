"""Session updates: each function is one transaction on the writer thread."""

from recommender.errors import NothingToDo, NotKnown
from recommender.sessions.state import VETOES, Facts, Planned, read, read_running
from recommender.types import Listener, Song
from storage.chats.sessions import Sessions
from storage.records import Event, Kind, Subject
from storage.store import Store

_NOTHING_LEFT = (
    "Every song left bothers somebody. /session style changes what is chosen, /session end closes it."
)
_MOST_REQUESTS = 5  # open requests per user


def start(
    store: Store, listener: Listener, community: int, place: str, name: str, style: str, *, key: str, now: int
) -> int:
    """Open a session with the user as host; return its id."""
    kept = Sessions(store.db)
    known = kept.running(community, place)
    if known is not None and read(store, known.id).is_over(now):
        kept.change(known.id, ended_at=known.active_at)
        known = None
    if known is not None and not kept.is_key(known.id, key):
        raise NothingToDo("{} is running here already. Join it, or end it first: /session end.", known.name)
    session_id = kept.start(listener.user_id, community, place, name, style, key=key, now=now)
    kept.join(session_id, listener.user_id, now=now)
    return session_id


def running(store: Store, community: int, place: str, now: int) -> int:
    """Return the running session of a channel; raise `NothingToDo` without one."""
    known = Sessions(store.db).running(community, place)
    if known is None or read(store, known.id).is_over(now):
        raise NothingToDo("There is no session here. /session start opens one.")
    return known.id


def check_host(facts: Facts, user_id: int) -> None:
    """Raise `NothingToDo` unless the user is the host."""
    if facts.host != user_id:
        raise NothingToDo("That is for the host of the session. Votes and requests are for everybody.")


def check_member(facts: Facts, user_id: int) -> None:
    """Raise `NothingToDo` unless the user is present."""
    if user_id not in facts.present:
        raise NothingToDo("That is for those who listen along. Join first: /session join.")


def pause(store: Store, listener: Listener, session_id: int, *, paused: bool, now: int) -> None:
    """Pause or resume; for the host."""
    check_host(read_running(store, session_id, now), listener.user_id)
    Sessions(store.db).change(session_id, paused_at=now if paused else None, active_at=now)


def change(store: Store, listener: Listener, session_id: int, *, now: int, **values: str | int) -> None:
    """Store the host's settings."""
    check_host(read_running(store, session_id, now), listener.user_id)
    Sessions(store.db).change(session_id, active_at=now, **values)


def end(store: Store, listener: Listener, session_id: int, *, now: int) -> None:
    """End the session; for the host."""
    facts = read(store, session_id)
    if facts.session.ended_at is None:
        check_host(facts, listener.user_id)
        Sessions(store.db).change(session_id, ended_at=now)


def join(store: Store, user_id: int, session_id: int, *, now: int, asked: bool = True) -> bool:
    """Add a user, also in the middle of a track; False if already present."""
    read_running(store, session_id, now)
    kept = Sessions(store.db)
    kept.change(session_id, active_at=now)
    return kept.join(session_id, user_id, now=now, asked=asked)


def leave(store: Store, user_id: int, session_id: int, *, now: int, asked: bool = True) -> bool:
    """Remove a user; if the host leaves, the longest-present user becomes host."""
    kept = Sessions(store.db)
    gone = kept.leave(session_id, user_id, now=now, asked=asked)
    facts = read(store, session_id)
    if gone and facts.session.host_id == user_id and facts.present:
        kept.change(session_id, user_id=facts.present[0])
    return gone


def hand_over(store: Store, listener: Listener, session_id: int, other: int, *, now: int) -> None:
    """Make another present user the host."""
    facts = read_running(store, session_id, now)
    check_host(facts, listener.user_id)
    if other not in facts.present:
        raise NotKnown("They are not in the session: only somebody who listens along can lead.")
    Sessions(store.db).change(session_id, user_id=other, active_at=now)


def go_on(
    store: Store, session_id: int, plan: list[Planned], *, after: int | None, key: str, now: int
) -> bool:
    """Start the first track of `plan` and queue the rest; False if another call was faster."""
    kept = Sessions(store.db)
    facts = read_running(store, session_id, now)
    last = facts.started[-1].id if facts.started else None
    if kept.has_song(f"{key}:0") or last != after:
        return False
    if facts.session.paused_at is not None:
        raise NothingToDo("The session is paused. /session resume goes on.")
    if not plan:
        raise NothingToDo(_NOTHING_LEFT)
    waits = {song.id for song in facts.waiting}
    for number, one in enumerate(plan):
        song_id = one.song_id
        if song_id is None or song_id not in waits:
            song_id = kept.add_song(
                session_id, one.subject, key=f"{key}:{number}", requested_by=one.requested_by, cause=one.cause
            )
        if song_id is None:
            raise ValueError(f"song {number} of {key} was there already")
        kept.share(song_id, one.expected, one.is_for)
        if number == 0:
            kept.begin(song_id, now=now)
    kept.change(session_id, active_at=now)
    return True


def vote(
    store: Store, listener: Listener, song_id: int, kind: Kind, *, key: str, now: int
) -> tuple[bool, int | None]:
    """Store a vote on a track; return whether it is new, and the session's id if it skips the track."""
    kept = Sessions(store.db)
    session_id = kept.session_of(song_id)
    if session_id is None:
        raise NotKnown("I no longer know that song of a session.")
    facts = read_running(store, session_id, now)
    check_member(facts, listener.user_id)
    song = next(song for song in facts.songs if song.id == song_id)
    if store.log.has(key) or song.votes.get(listener.user_id) == kind:
        return False, None
    event = Event(
        key, listener.user_id, song.subject, kind, listener.platform, community_id=listener.community_id
    )
    event_id, _ = store.log.append(event, now=now)
    kept.vote(song_id, event_id)
    kept.change(session_id, active_at=now)
    skips = {user for user, said in song.votes.items() if said is Kind.SKIP} | (
        {listener.user_id} if kind is Kind.SKIP else set()
    )
    is_playing = facts.now is not None and facts.now.id == song_id
    if kind is Kind.SKIP and is_playing and 2 * len(skips & set(facts.present)) > len(facts.present):
        kept.skip(song_id, now=now)
        return True, session_id
    return True, None


def veto(store: Store, listener: Listener, session_id: int, subject: Subject, *, now: int) -> int | None:
    """Veto a track or artist; return the playing track that this stops, None if it stops none."""
    kept = Sessions(store.db)
    facts = read_running(store, session_id, now)
    check_member(facts, listener.user_id)
    used = sum(wish.kind == "veto" and wish.user_id == listener.user_id for wish in facts.wishes)
    if facts.is_vetoed(subject):
        return None
    if used >= VETOES:
        raise NothingToDo("You have used your {} vetoes of this session. 👎 and ⏭ are still yours.", VETOES)
    kept.wish(session_id, listener.user_id, subject, "veto", now=now)
    kept.change(session_id, active_at=now)
    facts = read_running(store, session_id, now)
    for song in facts.waiting:
        if facts.is_vetoed(song.subject):
            kept.drop(song.id)
    if facts.now is not None and facts.is_vetoed(facts.now.subject):
        kept.skip(facts.now.id, now=now)
        return facts.now.id
    return None


def request(store: Store, listener: Listener, session_id: int, song: Song, *, now: int) -> bool:
    """Store a request for a track; False if it is already requested."""
    facts = read_running(store, session_id, now)
    check_member(facts, listener.user_id)
    if facts.is_vetoed(song.subject):
        raise NothingToDo("Somebody has vetoed that in this session. Ask for another song.")
    done = {one.subject for one in facts.songs}
    if song.subject in done:
        raise NothingToDo("That has been played in this session, or is queued. Nothing comes twice.")
    waits = [
        wish
        for wish in facts.wishes
        if wish.kind == "request" and wish.user_id == listener.user_id and wish.subject not in done
    ]
    if len(waits) >= _MOST_REQUESTS:
        said = "{} of your requests are already waiting. They take turns with everybody's."
        raise NothingToDo(said, _MOST_REQUESTS)
    kept = Sessions(store.db)
    kept.change(session_id, active_at=now)
    return kept.wish(session_id, listener.user_id, song.subject, "request", now=now)
