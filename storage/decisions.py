"""What came of recommendations: each place of a slate with the latest reaction of whom it was made for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.records import Kind

# Reward is state: of all that somebody said of a place the last that stands counts, and only from the person
# the slate was made for.  A slate that nobody saw says nothing.
_REACTED = """
    SELECT i.id, s.id, i.position, i.propensity, s.policy, s.user_id, i.features, i.explanation, e.kind,
           e.recorded_at
    FROM standing_events AS e
    JOIN impressions AS i ON i.id = e.impression_id JOIN slates AS s ON s.id = i.slate_id
    WHERE e.user_id = s.user_id AND e.kind IN ('like', 'dislike', 'skip') AND s.shown_at IS NOT NULL
    AND e.id <= ? AND e.id = (
        SELECT max(o.id) FROM standing_events AS o
        WHERE o.impression_id = i.id AND o.user_id = s.user_id AND o.kind IN ('like', 'dislike', 'skip')
        AND o.id <= ?
    )
    ORDER BY s.id, i.position
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One place of one slate, and what its person says of it now."""

    slate_id: int
    position: int
    propensity: float
    policy: str
    user_id: int
    features: dict[str, float]
    explanation: dict[str, Any]
    kind: Kind
    at: int  # seconds since 1970

    @property
    def reward(self) -> float:
        """1 for a like, 0 for a dislike or a skip."""
        return float(self.kind is Kind.LIKE)


class Decisions:
    """Verbs on what the policies have decided, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def reacted(self, *, until: int = 1 << 62) -> Iterator[Decision]:
        """Stream the places that their person reacted to, by slate; `until`: no event with a later id."""
        for row in self.db.execute(_REACTED, (until, until)):
            _, slate_id, position, propensity, policy, user_id, features, explanation, kind, at = row
            yield Decision(
                slate_id,
                position,
                propensity,
                policy,
                user_id,
                json.loads(features),
                json.loads(explanation),
                Kind(kind),
                at,
            )
