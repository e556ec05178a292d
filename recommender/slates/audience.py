"""Audience: who can read a slate, and what its explanations may therefore name.

In a server or a group everybody reads a slate. A room at a terminal is read by its user alone; a slate for
several users is always read by the others.
"""

from recommender.disclosure import Disclosure
from recommender.types import Query
from storage.communities import Communities as Places
from storage.records import Kind, Subject
from storage.store import Store

VISIBLE = "visible:{}"
"""A user's setting per community: "1" if others there may see what the user likes."""

_ALONE = "room"  # each user of a community of this kind has a terminal of their own


def is_visible(store: Store, community_id: int, user_id: int) -> bool:
    """Tell whether a user has agreed to be visible in a community."""
    return store.people.setting("user", user_id, VISIBLE.format(community_id)) == "1"


def disclosed_by(store: Store, community_id: int, user_id: int) -> Disclosure:
    """Return what others in a community may see of a user."""
    if is_visible(store, community_id, user_id):
        return Disclosure(None)
    return Disclosure(store.log.said_in(user_id, community_id))


def disclosed_to_readers(store: Store, query: Query) -> Disclosure:
    """Return what a slate's explanations may name, given its readers."""
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
    return frozenset(
        Subject(row.artist_id, row.track_id or None)
        for row in store.profiles.rows(user_id)
        if row.listens or row.verdict == Kind.LIKE
    )
