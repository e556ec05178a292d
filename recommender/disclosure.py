"""Disclosure: what an explanation may name if others can read it.

In a server or a group everybody reads a slate, so an explanation names a user's like or play only if it
happened in that community, or if the user is visible there (`/visible on`).
"""

from dataclasses import dataclass

from recommender.types import Explanation, ReasonKind
from storage.records import Subject

PUBLIC: tuple[ReasonKind, ...] = ("tags", "community", "popular", "famous", "new", "start", "sound")
"""Kinds of explanation that name nothing the user likes or plays; any other kind is personal."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an explanation may name; None: everything."""

    said: frozenset[Subject] | None = None

    def allows(self, cause: Subject) -> bool:
        """Tell whether an explanation may name `cause`; an artist is disclosed by any of their tracks."""
        if self.said is None or cause in self.said:
            return True
        return cause.track_id is None and any(one.artist_id == cause.artist_id for one in self.said)

    def hides(self, explanation: Explanation) -> bool:
        """Tell whether an explanation names something its readers must not see."""
        cause = explanation.cause
        return explanation.kind not in PUBLIC and cause is not None and not self.allows(cause)
