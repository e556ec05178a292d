"""Audit: rebuilds the policy's state from the log alone and compares it with the snapshot."""

from pathlib import Path
from typing import Any

import numpy as np

from recommender import training
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
