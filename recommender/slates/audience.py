"""Who reads a list, and what its reasons may therefore name: read from the log and the settings.

In a server or a group everybody reads a list.  A room at a terminal is read by one user alone; what several
users hear together is always read by the others.
"""

from recommender.disclosure import Disclosure
from recommender.types import Query
from storage.communities import Communities as Places
from storage.records import Kind, Subject
from storage.store import Store

VISIBLE = "visible:{}"
"""The setting of a user, per community: "1" where the user may be named with what they like."""

_ALONE = "room"  # a community of this kind is read by each of its users at a terminal of their own


def is_visible(store: Store, community_id: int, user_id: int) -> bool:
    """Tell whether a user has agreed to be named in a community with what they like."""
    return store.people.setting("user", user_id, VISIBLE.format(community_id)) == "1"


def disclosed_by(store: Store, community_id: int, user_id: int) -> Disclosure:
    """Return what others in a community may read about one user."""
    if is_visible(store, community_id, user_id):
        return Disclosure(None)
    return Disclosure(store.log.said_in(user_id, community_id))


def disclosed_to_readers(store: Store, query: Query) -> Disclosure:
    """Return what the reasons of a list may name, given who reads it."""
    community = query.community_id
    if not query.others and (community is None or Places(store.db).kind(community) == _ALONE):
        return Disclosure(None)
    if community is None:
        return Disclosure(frozenset())
    if not query.others:
        return disclosed_by(store, community, query.user_id)
    said = (_said_or_shown(store, community, user) for user in (query.user_id, *query.others))
    return Disclosure(frozenset[Subject]().union(*said))


def _said_or_shown(store: Store, community_id: int, user_id: int) -> frozenset[Subject]:
    if not is_visible(store, community_id, user_id):
        return store.log.said_in(user_id, community_id)
    rows = store.log.standing(user_id, (Kind.LIKE, Kind.PLAY))
    return frozenset(Subject(artist_id, track_id) for _, artist_id, track_id, *_rest in rows)
