"""A small world of listeners: two camps, who tag what they like and know each other."""

import numpy as np
import pytest

from recommender.evaluation.interactions import Interactions, InteractionsBuilder

CAMP = 30  # people
SONGS = 12  # per camp


@pytest.fixture(scope="session")
def camps() -> Interactions:
    """60 people, each with 8 of the 12 songs of her camp, a tag of her own name and one of the camp."""
    rng = np.random.default_rng(0)
    builder = InteractionsBuilder()
    for person in range(2 * CAMP):
        camp = person % 2
        for song in rng.permutation(SONGS)[:8]:
            item = f"song {camp}/{song}"
            builder.add(
                f"person {person}", item, float(rng.integers(1, 50)), at=1_000 + 10 * int(song) + person
            )
            builder.add_tagging(f"person {person}", item, f"camp {camp}", 1_000)
        builder.add_tagging(f"person {person}", f"song {camp}/0", f"tag of {person}", 1_000)
        builder.add_friend(f"person {person}", f"person {(person + 2) % (2 * CAMP)}")
    return builder.build()
