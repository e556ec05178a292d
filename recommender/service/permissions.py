"""Permissions: one rule for buttons, deep links, reactions and cards on every platform.

`Permissions.check` raises the same error for hidden and for missing things, so that it reveals neither.
Platforms report truthfully who presses and where; the payload of a button can be forged.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar, assert_never

from recommender.errors import NotKnown
from recommender.types import Listener
from storage.chats.cards import Cards
from storage.chats.sessions import Sessions
from storage.records import Account, Community
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")


class ChatRef(NamedTuple):
    """The chat of a press, as its platform identifies it."""

    platform: str
    id: str = ""  # everybody in this chat sees the press; "" in private
    room: str = ""  # the channel or topic of a session; "" if the platform does not report it


@dataclass(frozen=True, slots=True)
class OneSlate:
    """A slate."""

    slate_id: int


@dataclass(frozen=True, slots=True)
class OneSession:
    """A group session."""

    session_id: int


@dataclass(frozen=True, slots=True)
class OneSong:
    """A track of a session."""

    song_id: int


@dataclass(frozen=True, slots=True)
class OneQuestion:
    """The question whether a user wants to be visible in a community."""

    community_id: int
    user_id: int


Thing = OneSlate | OneSession | OneSong | OneQuestion

_MISSING: dict[type[Thing], str] = {
    OneSlate: "I no longer know that list. Type /recommend for a new one.",
    OneSession: "I no longer know that session. /session start opens a new one.",
    OneSong: "I no longer know that song of a session.",
    OneQuestion: "I do not know that button any more. /help lists what I can do.",
}


def may(store: Store, user: int, community: int | None, chat: ChatRef, thing: Thing) -> bool:
    """Decide whether `user`, pressing in this community and chat, may see and press `thing`.

    A slate is open to its owner and to everybody in a chat that shows it, a session to its own community,
    a question to the user it asks. A user who has left a community has no access there.
    """
    match thing:
        case OneSlate(slate_id):
            return _may_slate(store, user, community, chat, slate_id)
        case OneSession(session_id):
            return _may_session(store, user, community, chat, session_id)
        case OneSong(song_id):
            session = Sessions(store.db).session_of(song_id)
            return session is not None and _may_session(store, user, community, chat, session)
        case OneQuestion(asked_in, asked):
            return user == asked and user in Places(store.db).member_ids(asked_in)
    assert_never(thing)


def _may_slate(store: Store, user: int, community: int | None, chat: ChatRef, slate_id: int) -> bool:
    owner = store.slates.owner(slate_id)
    if owner is None:
        return False
    if user == owner[0]:
        return True
    if not chat.id or not Cards(store.db).is_in(chat.platform, chat.id, slate_id):
        return False
    # A slate opened by a share link is in a private chat, which is no community.
    return community is None or (community == owner[1] and not has_left(store, user, community))


def _may_session(store: Store, user: int, community: int | None, chat: ChatRef, session_id: int) -> bool:
    session = Sessions(store.db).get(session_id)
    if session is None or community is None or session.community_id != community:
        return False
    is_there = not chat.room or not session.place or chat.room == session.place
    return is_there and not has_left(store, user, community)


def arrived(
    store: Store, account: Account, community: Community | None, *, spoke: bool, now: int
) -> tuple[int, int | None]:
    """Return the ids of a user and a place, made where they are new; see `MusicService.arrive`."""
    store.people.talks_on(account.platform)
    user = store.people.ensure(account, now=now)
    if community is None:
        return user, None
    place = store.people.ensure_community(community)
    if spoke or not has_left(store, user, place):
        enter(store, user, place, now=now)
    return user, place


def has_left(store: Store, user: int, community: int) -> bool:
    """Tell whether a user has left a community and has not written there since."""
    return store.people.setting("user", user, _left(community)) is not None


def leave(store: Store, user: int, community: int) -> None:
    """Record that a user has left a community, which ends the membership."""
    store.people.leave(community, user)
    store.people.set_setting("user", user, _left(community), "1")


def enter(store: Store, user: int, community: int, *, now: int) -> None:
    """Make a user a member of a community, even after leaving it."""
    Places(store.db).unset("user", user, _left(community))
    store.people.join(community, user, now=now)


def _left(community: int) -> str:
    return f"left:{community}"


class Permissions:
    """Verbs on permissions: `music.permissions`."""

    def __init__(self, read: RunsWork) -> None:
        """`read` runs work on the reader threads of the service."""
        self._read = read

    async def check(self, listener: Listener, chat: ChatRef, thing: Thing) -> None:
        """Raise `NotKnown` unless the user may see `thing` here; a missing `thing` raises the same."""
        user, community = listener.user_id, listener.community_id
        if not await self._read(lambda store: may(store, user, community, chat, thing)):
            raise NotKnown(_MISSING[type(thing)])
