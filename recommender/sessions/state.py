"""Session state: the stored facts, and the form a card shows."""

from collections import Counter
from dataclasses import dataclass, field, replace

from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo, NotKnown
from recommender.slates.place_rules import disclosed_by
from recommender.types import Song
from storage.chats.sessions import Sessions as Kept
from storage.records import Kind, Session, SessionMember, SessionSong, SessionWish, Subject
from storage.store import Store
from storage.users.communities import Communities as Places

QUIET = 3 * 3600
"""Seconds without activity after which a session ends."""

VETOES = 2
"""Vetoes per user and session."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All stored facts of one session."""

    session: Session
    members: tuple[SessionMember, ...]
    songs: tuple[SessionSong, ...]
    wishes: tuple[SessionWish, ...]

    @property
    def present(self) -> tuple[int, ...]:
        """The users present, longest first."""
        return tuple(member.user_id for member in self.members if member.left_at is None)

    @property
    def host(self) -> int | None:
        """The host, or the longest-present user if the host has left."""
        if self.session.host_id in self.present:
            return self.session.host_id
        return self.present[0] if self.present else None

    @property
    def started(self) -> tuple[SessionSong, ...]:
        """The tracks played or playing, in order."""
        by_start = [song for song in self.songs if song.started_at is not None]
        return tuple(sorted(by_start, key=lambda song: (song.started_at or 0, song.id)))

    @property
    def waiting(self) -> tuple[SessionSong, ...]:
        """The queued tracks, in order."""
        return tuple(song for song in self.songs if song.started_at is None)

    @property
    def now(self) -> SessionSong | None:
        """The playing track."""
        last = self.started[-1] if self.started else None
        return last if last is not None and last.skipped_at is None else None

    def vetoed(self) -> frozenset[Subject]:
        """Return the vetoed tracks and artists."""
        return frozenset(wish.subject for wish in self.wishes if wish.kind == "veto")

    def is_vetoed(self, subject: Subject) -> bool:
        """Tell whether a track or its artist is vetoed."""
        return not self.vetoed().isdisjoint({subject, Subject(subject.artist_id)})

    def is_over(self, now: int) -> bool:
        """Tell whether the session has ended or has been quiet for too long."""
        return self.session.ended_at is not None or now - self.session.active_at >= QUIET


def read(store: Store, session_id: int) -> Facts:
    """Return all stored facts of a session; raise `NotKnown` if there is none."""
    kept = Kept(store.db)
    session = kept.get(session_id)
    if session is None:
        raise NotKnown("I no longer know that session. /session start opens a new one.")
    return Facts(
        session,
        tuple(kept.members(session_id)),
        tuple(kept.songs(session_id)),
        tuple(kept.wishes(session_id)),
    )


def read_running(store: Store, session_id: int, now: int) -> Facts:
    """Return a running session's facts; raise `NothingToDo` if it has ended."""
    facts = read(store, session_id)
    if facts.is_over(now):
        raise NothingToDo("That session is over. /session start opens a new one.")
    return facts


@dataclass(frozen=True, slots=True)
class Planned:
    """An upcoming track, without names."""

    subject: Subject
    expected: dict[int, float]  # user present -> probability
    is_for: frozenset[int]
    cause: Subject | None = None  # liked by all users it is for
    requested_by: int | None = None
    song_id: int | None = None  # set if already queued


@dataclass(frozen=True, slots=True)
class Person:
    """A user in a session."""

    user_id: int
    name: str
    served: float  # enjoyment so far relative to the group's mean: 1 is average
    vote: Kind | None = None  # on the playing track


@dataclass(frozen=True, slots=True)
class Turn:
    """A track of a session, with names."""

    song: Song
    names: tuple[str, ...] = ()  # who it is for; empty: everybody
    cause: Song | None = None  # liked by those users
    requested_by: str = ""
    song_id: int | None = None  # None: planned only
    votes: Counter[Kind] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session as a card shows it."""

    id: int
    name: str
    style: str
    arc: int
    host: Person | None
    people: tuple[Person, ...]  # present: the host, then longest first
    now: Turn | None
    next: tuple[Turn, ...]
    played: int
    is_paused: bool = False
    is_over: bool = False


def shown(store: Store, facts: Facts, plan: list[Planned], now: int) -> LiveSession:
    """Return a session with names for users and tracks."""
    names = names_in(store, facts)
    subjects = [one.subject for one in plan] + [one.cause for one in plan if one.cause is not None]
    current = None if facts.now is None else _discreet(store, facts, facts.now)
    if current is not None:
        subjects += [current.subject, *([current.cause] if current.cause else [])]
    songs = songs_of(store, subjects)
    people = tuple(_people(facts, names))
    return LiveSession(
        facts.session.id,
        facts.session.name,
        facts.session.style,
        facts.session.arc,
        next((person for person in people if person.user_id == facts.host), None),
        people,
        None if current is None or current.subject not in songs else playing(current, facts, names, songs),
        tuple(_planned(one, facts, names, songs) for one in plan if one.subject in songs),
        len(facts.started),
        facts.session.paused_at is not None,
        facts.is_over(now),
    )


def _discreet(store: Store, facts: Facts, song: SessionSong) -> SessionSong:
    """Return a stored track, without its explanation if that names something undisclosed."""
    place, cause = facts.session.community_id, song.cause
    if cause is None or all(disclosed_by(store, place, user).allows(cause) for user in song.is_for):
        return song
    return replace(song, cause=None)


def names_in(store: Store, facts: Facts) -> dict[int, str]:
    """Return user -> name in the session's community, for everybody who ever took part."""
    users = [member.user_id for member in facts.members]
    return Places(store.db).names_near(facts.session.community_id, users)


def playing(song: SessionSong, facts: Facts, names: dict[int, str], songs: dict[Subject, Song]) -> Turn:
    """Return a stored track with names."""
    return Turn(
        songs[song.subject],
        _for(song.is_for, facts, names),
        songs.get(song.cause) if song.cause else None,
        names.get(song.requested_by, "somebody") if song.requested_by is not None else "",
        song.id,
        Counter(song.votes.values()),
    )


def _planned(one: Planned, facts: Facts, names: dict[int, str], songs: dict[Subject, Song]) -> Turn:
    return Turn(
        songs[one.subject],
        _for(one.is_for, facts, names),
        songs.get(one.cause) if one.cause else None,
        names.get(one.requested_by, "somebody") if one.requested_by is not None else "",
        one.song_id,
    )


def _for(users: frozenset[int], facts: Facts, names: dict[int, str]) -> tuple[str, ...]:
    if users >= set(facts.present) and len(users) > 1:
        return ()
    order = [member.user_id for member in facts.members if member.user_id in users]
    return tuple(names.get(user, "somebody") for user in order)


def _people(facts: Facts, names: dict[int, str]) -> list[Person]:
    had = served(facts)
    usual = sum(had.values()) / len(had) if had else 0.0
    votes = facts.now.votes if facts.now else {}
    return [
        Person(user, names.get(user, "somebody"), had[user] / usual if usual else 1.0, votes.get(user))
        for user in sorted(facts.present, key=lambda user: user != facts.host)
    ]


def served(facts: Facts) -> dict[int, float]:
    """Return each present user's mean enjoyment per track heard: votes, otherwise expectations."""
    table = {
        user: [x for song in facts.started if (x := enjoyed(song, user)) is not None]
        for user in facts.present
    }
    return {user: sum(had) / len(had) if had else 0.0 for user, had in table.items()}


def enjoyed(song: SessionSong, user: int) -> float | None:
    """Return a user's enjoyment of a track: the vote, otherwise the expectation; None if absent."""
    vote = song.votes.get(user)
    if vote is not None:
        return float(vote is Kind.LIKE)
    if user not in song.expected:
        return None
    return 0.0 if song.skipped_at is not None else song.expected[user]
