"""Session recap: satisfaction per member, tracks everybody liked, discoveries."""

from dataclasses import dataclass

from recommender.catalog.resolve import songs_of
from recommender.sessions.state import Facts, enjoyed, names_in
from recommender.types import Song
from storage.chats.sessions import Sessions
from storage.records import Kind, Subject
from storage.store import Store


@dataclass(frozen=True, slots=True)
class ServedMember:
    """A member's satisfaction."""

    name: str
    heard: int  # tracks while present
    liked: int
    disliked: int
    share: float  # enjoyment as a share of the maximum: votes, otherwise expectations; 0 to 1
    chosen_for: int  # tracks chosen for this member


@dataclass(frozen=True, slots=True)
class Recap:
    """A session in figures."""

    session_id: int
    name: str
    songs: tuple[Song, ...]  # in order, without skipped ones
    people: tuple[ServedMember, ...]
    loved: tuple[Song, ...]  # most liked: by at least two users, disliked by none
    new: tuple[Song, ...]  # liked by a user, and new to everybody present
    skipped: int
    seconds: int
    is_over: bool


def recap(store: Store, facts: Facts) -> Recap:
    """Return the recap of a session, running or ended."""
    names = names_in(store, facts)
    songs = songs_of(store, [song.subject for song in facts.started])
    heard = [song for song in facts.started if song.skipped_at is None]
    ends = [song.started_at or 0 for song in facts.started]
    return Recap(
        facts.session.id,
        facts.session.name,
        tuple(songs[song.subject] for song in heard if song.subject in songs),
        tuple(_served(facts, member.user_id, names.get(member.user_id, "")) for member in facts.members),
        _loved(facts, songs),
        tuple(songs[s] for s in _discoveries(store, facts) if s in songs),
        len(facts.started) - len(heard),
        (facts.session.ended_at or max(ends, default=facts.session.started_at)) - facts.session.started_at,
        facts.session.ended_at is not None,
    )


def _served(facts: Facts, user: int, name: str) -> ServedMember:
    had = [x for song in facts.started if (x := enjoyed(song, user)) is not None]
    said = [song.votes[user] for song in facts.started if user in song.votes]
    return ServedMember(
        name,
        len(had),
        said.count(Kind.LIKE),
        said.count(Kind.DISLIKE),
        sum(had) / len(had) if had else 0.0,
        sum(user in song.is_for for song in facts.started),
    )


def _discoveries(store: Store, facts: Facts) -> list[Subject]:
    kept, users = Sessions(store.db), [member.user_id for member in facts.members]
    return [
        song.subject
        for song in facts.started
        if Kind.LIKE in song.votes.values() and not kept.knew(users, song.subject, facts.session.started_at)
    ]


def _loved(facts: Facts, songs: dict[Subject, Song]) -> tuple[Song, ...]:
    likes = {
        song.subject: sum(kind is Kind.LIKE for kind in song.votes.values())
        for song in facts.started
        if Kind.DISLIKE not in song.votes.values()
    }
    most = max(likes.values(), default=0)
    return tuple(songs[s] for s, n in likes.items() if n == most and n > 1 and s in songs)
