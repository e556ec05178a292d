"""What the policy has learned, worked out again from the log alone and held against what is in use."""

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
    """Return the largest differences between `snapshot` and a training afresh on the log.

    `posteriors`: of what is expected of everybody who has ever said something; below 1e-6 unless more was
    said since `snapshot` was made, which the next training learns.
    """
    with Store.open(database, readonly=True) as store:
        again = training.fit(
            read_facts(store, now=snapshot.created_at), seed=snapshot.seed, now=snapshot.created_at
        )
        users = np.union1d(snapshot.artists.listening.users.ids, again.artists.listening.users.ids).tolist()
        differences = [_difference(store, snapshot, again, user) for user in users]
    rewards = float(np.abs(snapshot.reward_model.weights - again.reward_model.weights).max())
    return {
        "people": len(users),
        "reactions": again.reward_model.reactions,
        "rewards": rewards,
        "posteriors": max(differences, default=0.0),
        "same": max(rewards, *differences, 0.0) <= TOLERANCE,
    }


TOLERANCE = 1e-6


def _difference(store: Store, one: Snapshot, other: Snapshot, user: int) -> float:
    """Return how far two snapshots are apart in what they expect of one person."""
    if not one.artists.user_model.known or len(one.artists.items) != len(other.artists.items):
        return 0.0 if one.artists.user_model.known == other.artists.user_model.known else float("inf")
    profile, query = UserProfile.read(store.log.standing(user)), Query(user)
    expected = []
    for snapshot in (one, other):
        asked = profile.request(snapshot, query, one.created_at)
        model = snapshot.artists.user_model
        posterior = model.posterior(asked.artists, asked.artist_recency)
        expected.append(model.means(posterior, asked.artists.community))
    return float(np.abs(expected[0] - expected[1]).max(initial=0.0))
