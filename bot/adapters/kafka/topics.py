"""Topics of Segue, with what a broker is asked to keep of each."""

from dataclasses import dataclass, field

from storage.sharing.offsets import FACTS

_DAY_MS = 86_400_000
KEPT_DAYS = 30
"""Days for which the log tells of erased facts: a machine that was away for longer begins anew."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, and the settings it is made with."""

    name: str
    parts: int | None = None  # None: as many as the operator asks for
    config: dict[str, str] = field(default_factory=dict)


# One partition: the order of facts is the same for everybody. Each machine applies all of them anyway.
EVENTS = Topic(FACTS, 1, {"cleanup.policy": "compact", "delete.retention.ms": str(KEPT_DAYS * _DAY_MS)})
SONGS = Topic("segue.songs", None, {"retention.ms": str(7 * _DAY_MS)})
RESULTS = Topic("segue.results", None, {"retention.ms": str(7 * _DAY_MS)})
DEAD = Topic("segue.dead", 1, {"retention.ms": str(7 * _DAY_MS)})
