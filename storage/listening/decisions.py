"""Outcomes: every shown impression with its user's latest reaction."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.records import Kind

# The reward is a state: only the latest standing reaction to an impression counts, and only if it is from the
# slate's own user.  A slate that was never shown has no outcome.
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

_SHOWN = """
    SELECT s.user_id, i.artist_id, i.track_id, count(*)
    FROM impressions AS i JOIN slates AS s ON s.id = i.slate_id
    WHERE s.shown_at IS NOT NULL AND i.id > (SELECT max(id) FROM impressions) - ?
    GROUP BY s.user_id, i.artist_id, i.track_id
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One impression and its user's latest reaction."""

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
        """The reward: 1 for a like, 0 for a dislike or a skip."""
        return float(self.kind is Kind.LIKE)


class Decisions:
    """Verbs on the outcomes of recommendations, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def shown(self, newest: int) -> Iterator[tuple[int, int, int | None, int]]:
        """Stream (user, artist, track, how often) of the `newest` impressions, as far as they were shown."""
        yield from self.db.execute(_SHOWN, (newest,))

    def reacted(self, *, until: int = 1 << 62) -> Iterator[Decision]:
        """Stream the impressions with a reaction, by slate; `until` is the highest event id to count."""
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
