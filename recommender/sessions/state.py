"""A session as it stands: read from the facts, and as it is shown."""

from collections import Counter
from dataclasses import dataclass, field, replace

from recommender.catalog.resolve import songs_of
from recommender.errors import NothingToDo, NotKnown
from recommender.slates.audience import disclosed_by
from recommender.types import Song
from storage.communities import Communities as Places
from storage.records import Kind, Session, SessionMember, SessionSong, SessionWish, Subject
from storage.sessions import Sessions as Kept
from storage.store import Store

QUIET = 3 * 3600
"""Seconds without a word after which a session is over."""

VETOES = 2
"""How many songs each person may keep out of a session."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is stored of one session."""

    session: Session
    members: tuple[SessionMember, ...]
    songs: tuple[SessionSong, ...]
    wishes: tuple[SessionWish, ...]

    @property
    def present(self) -> tuple[int, ...]:
        """The users who are there, longest first."""
        return tuple(member.user_id for member in self.members if member.left_at is None)

    @property
    def host(self) -> int | None:
        """Whoever leads: the host, or who has been there longest if the host is gone."""
        if self.session.host_id in self.present:
            return self.session.host_id
        return self.present[0] if self.present else None

    @property
    def started(self) -> tuple[SessionSong, ...]:
        """The songs that were or are played, in order."""
        by_start = [song for song in self.songs if song.started_at is not None]
        return tuple(sorted(by_start, key=lambda song: (song.started_at or 0, song.id)))

    @property
    def waiting(self) -> tuple[SessionSong, ...]:
        """The songs that have been queued, in order."""
        return tuple(song for song in self.songs if song.started_at is None)

    @property
    def now(self) -> SessionSong | None:
        """The song that plays."""
        last = self.started[-1] if self.started else None
        return last if last is not None and last.skipped_at is None else None

    def vetoed(self) -> frozenset[Subject]:
        """Return what somebody wants kept out: songs, and artists with all of theirs."""
        return frozenset(wish.subject for wish in self.wishes if wish.kind == "veto")

    def is_vetoed(self, subject: Subject) -> bool:
        """Tell whether somebody wants a song kept out, or its artist."""
        return not self.vetoed().isdisjoint({subject, Subject(subject.artist_id)})

    def is_over(self, now: int) -> bool:
        """Tell whether it has ended, or everybody has been silent for too long."""
        return self.session.ended_at is not None or now - self.session.active_at >= QUIET


def read(store: Store, session_id: int) -> Facts:
    """Return all that is stored of a session; `NotKnown` if there is none."""
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
    """Return the facts of a session that goes on; `NothingToDo` where it is over."""
    facts = read(store, session_id)
    if facts.is_over(now):
        raise NothingToDo("That session is over. /session start opens a new one.")
    return facts


@dataclass(frozen=True, slots=True)
class Planned:
    """A song to come, chosen but for the words."""

    subject: Subject
    expected: dict[int, float]  # by user present
    is_for: frozenset[int]
    cause: Subject | None = None  # what all of those it is for like
    requested_by: int | None = None
    song_id: int | None = None  # where it waits in the queue already


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a session."""

    user_id: int
    name: str
    served: float  # what they had so far against the usual here: 1 is as much as the others
    vote: Kind | None = None  # on the song that plays


@dataclass(frozen=True, slots=True)
class Turn:
    """A song of a session in words."""

    song: Song
    names: tuple[str, ...] = ()  # whom it is for; empty: for everybody
    cause: Song | None = None  # what those like
    requested_by: str = ""
    song_id: int | None = None  # None: planned only
    votes: Counter[Kind] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What a card shows."""

    id: int
    name: str
    style: str
    arc: int
    host: Person | None
    people: tuple[Person, ...]  # present: the host, then by how long
    now: Turn | None
    next: tuple[Turn, ...]
    played: int
    is_paused: bool = False
    is_over: bool = False


def shown(store: Store, facts: Facts, plan: list[Planned], now: int) -> LiveSession:
    """Return a session in words: names of people and songs instead of numbers."""
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
    """Return a stored song without its reason where that names what somebody has not told the others."""
    place, cause = facts.session.community_id, song.cause
    if cause is None or all(disclosed_by(store, place, user).allows(cause) for user in song.is_for):
        return song
    return replace(song, cause=None)


def names_in(store: Store, facts: Facts) -> dict[int, str]:
    """Return what everybody who ever was in a session is called in its place."""
    users = [member.user_id for member in facts.members]
    return Places(store.db).names_near(facts.session.community_id, users)


def playing(song: SessionSong, facts: Facts, names: dict[int, str], songs: dict[Subject, Song]) -> Turn:
    """Return a stored song in words."""
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
    """Return what each person present has had per song they were there for: thumbs, else expectations."""
    table = {
        user: [x for song in facts.started if (x := enjoyed(song, user)) is not None]
        for user in facts.present
    }
    return {user: sum(had) / len(had) if had else 0.0 for user, had in table.items()}


def enjoyed(song: SessionSong, user: int) -> float | None:
    """Return what a song was to somebody: their thumb, else what was expected; None if they missed it."""
    vote = song.votes.get(user)
    if vote is not None:
        return float(vote is Kind.LIKE)
    if user not in song.expected:
        return None
    return 0.0 if song.skipped_at is not None else song.expected[user]
