"""The words of a recommendation: what is asked, what is answered, and why."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from storage.records import Subject

ReasonKind = Literal["because", "tags", "community", "popular", "start"]


@dataclass(frozen=True, slots=True)
class Query:
    """Every ask is one of these: "for me", "something dreamy", "like this one"."""

    user_id: int
    n: int = 5
    community_id: int | None = None
    seeds: tuple[Subject, ...] = ()  # "like this one"; empty: from what the user likes
    tags: tuple[str, ...] = ()  # genres or moods wished for; every answer carries all of them

    def to_json(self) -> dict[str, Any]:
        """Return the query as it is kept with its slate."""
        return {"n": self.n, "seeds": [list(seed) for seed in self.seeds], "tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something was recommended; true at the moment it was said.

    `because`: removing `cause` from what is known of the listener lowers the score most.
    `tags`: it carries the genres or moods asked for.  `community`: `count` people of this place like it.
    `popular`: `count` people listen to it.  `start`: nothing is known yet.
    """

    kind: ReasonKind
    cause: Subject | None = None
    tags: tuple[str, ...] = ()  # what it shares with the cause, or with the wish
    count: int | None = None
    scorer: str = ""  # the opinion that weighed most
    drop: float = 0.0  # by how much that opinion falls without the cause

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as it is kept with its impression."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the explanation that `to_json` wrote."""
        cause = data.get("cause")
        return cls(
            **{**data, "cause": Subject(*cause) if cause else None, "tags": tuple(data.get("tags", ()))}
        )


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One song, or one artist of whom no song is known, with its reason and what the policy logged."""

    subject: Subject
    score: float
    explanation: Explanation
    propensity: float = 1.0
    features: dict[str, float] = field(default_factory=dict)
