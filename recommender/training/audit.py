"""Audit: rebuilds the policy's state from the log alone and compares it with the snapshot."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommender import training
from recommender.arrays import Ids
from recommender.feedback.matrix import ListeningMatrix, read_listening
from recommender.pipeline.user_profile import UserProfile
from recommender.snapshot import Snapshot
from recommender.training.facts import read_facts
from recommender.types import Query
from storage.store import Store


def compare(database: Path, snapshot: Snapshot) -> dict[str, Any]:
    """Return the largest differences between `snapshot` and a fresh training on the log.

    `posteriors`: of expected reactions, over all users with a reaction; below 1e-6 unless reactions
    arrived since `snapshot` was made. `profiles`: rows of kept profiles that are not as in the log.
    """
    with Store.open(database, readonly=True) as store:
        again = training.fit(
            read_facts(store, now=snapshot.created_at), seed=snapshot.seed, now=snapshot.created_at
        )
        users = np.union1d(snapshot.artists.listening.users.ids, again.artists.listening.users.ids).tolist()
        profiles = store.profiles.differences()
        differences = [_difference(store, snapshot, again, user) for user in users]
    rewards = float(np.abs(snapshot.reward_model.weights - again.reward_model.weights).max())
    return {
        "people": len(users),
        "reactions": again.reward_model.reactions,
        "rewards": rewards,
        "posteriors": max(differences, default=0.0),
        "profiles": profiles,
        "same": not profiles and max(rewards, *differences, 0.0) <= TOLERANCE,
    }


TOLERANCE = 1e-6


def _difference(store: Store, one: Snapshot, other: Snapshot, user: int) -> float:
    """Return the largest difference between two snapshots in one user's expected reactions."""
    if not one.artists.user_model.known or len(one.artists.items) != len(other.artists.items):
        return 0.0 if one.artists.user_model.known == other.artists.user_model.known else float("inf")
    profile, query = store.profiles.made(user, UserProfile.read), Query(user)
    expected = []
    for snapshot in (one, other):
        asked = profile.request(snapshot, query, one.created_at)
        model = snapshot.artists.user_model
        posterior = model.posterior(asked.artists, asked.artist_recency)
        expected.append(model.means(posterior, asked.artists.community))
    return float(np.abs(expected[0] - expected[1]).max(initial=0.0))


def unlike_log(store: Store, snapshot: Snapshot) -> tuple[int, int]:
    """Compare the profiles in `snapshot` with the log: return how many users, and how many differ.

    A profile is which artists and tracks have a weight, not how much, which fades.  Users with an event since
    the snapshot are left out.
    """
    events = read_listening(store.log.listening())
    newer = np.array(store.log.touched_users(snapshot.cursor), dtype=np.int64)
    compared, differing = set[int](), set[int]()
    for axis, by_artist in ((snapshot.artists, True), (snapshot.tracks, False)):
        fresh = ListeningMatrix.build(events, axis.items, by_artist=by_artist, now=snapshot.created_at)
        users = np.setdiff1d(np.union1d(axis.listening.users.ids, fresh.users.ids), newer)
        unlike = csr_matrix(_cells(axis.listening, users) - _cells(fresh, users))
        unlike.eliminate_zeros()
        compared |= set(users.tolist())
        differing |= set(users[unlike.getnnz(axis=1) > 0].tolist())
    return len(compared), len(differing)


def _cells(listening: ListeningMatrix, users: Ids) -> csr_matrix:
    """Return 1 for every item with a weight, a row for each of `users`; an empty one for a user without."""
    rows = listening.users.columns(users)
    chosen = np.flatnonzero(rows >= 0)
    pick = csr_matrix(
        (np.ones(len(chosen)), (chosen, rows[chosen])), shape=(len(users), len(listening.users))
    )
    cells = csr_matrix(pick @ listening.user_items)
    cells.eliminate_zeros()
    cells.data[:] = 1.0
    return cells
