"""Fresh members: what people of a community have said whom the training has not seen yet.

Their reactions count for the place's taste at once (`UserModel.posterior`), so that in a new server the tenth
profits from the other nine within the evening. All is computed from the reactions that stand: neither order
nor duplicates change it, and after the next training the snapshot's own place takes over.
"""

from dataclasses import replace

import numpy as np

from recommender.pipeline.user_profile import UserProfile
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from storage.store import Store
from storage.users.communities import Communities as Places

_MOST = 20  # members, the newest: each costs about a quarter of a millisecond


def with_fresh_members(store: Store, snapshot: Snapshot, request: Request, now: float) -> Request:
    """Return the request with the profiles of its community's fresh members, at `now`."""
    community, axes = request.query.community_id, (snapshot.artists, snapshot.tracks)
    if community is None or request.query.seeds or not any(axis.user_model.known for axis in axes):
        return request
    members = np.array(Places(store.db).member_ids(community), dtype=np.int64)
    seen = [axis.listening.users.columns(members) >= 0 for axis in axes]
    fresh = np.setdiff1d(members[~(seen[0] | seen[1])], [request.query.user_id, *request.query.others])
    said = [_rows(store, snapshot, user, now) for user in fresh[::-1][:_MOST].tolist()]
    artists, tracks = (tuple(each[axis] for each in said if len(each[axis].items)) for axis in (0, 1))
    return replace(
        request,
        artists=replace(request.artists, members=artists),
        tracks=replace(request.tracks, members=tracks),
    )


def _rows(store: Store, snapshot: Snapshot, user: int, now: float) -> tuple[Profile, Profile]:
    profile = store.profiles.made(user, UserProfile.read)
    artists, tracks = profile.placed(snapshot).without(profile.said.blocked).rows(now)
    return Profile(*artists), Profile(*tracks)
