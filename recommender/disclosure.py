"""Disclosure: what a reason may name where others read it.

In a server or a group everybody reads a list, so a reason names what its user likes only if the like or play
was said in that very community, or the user is visible there (`/visible on`).
"""

from dataclasses import dataclass

from recommender.types import Explanation
from storage.records import Subject

PERSONAL = ("because", "artist", "mood", "tempo")
"""Kinds of reasons that name something the user likes or listens to."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a reason may name; None: everything."""

    said: frozenset[Subject] | None = None

    def allows(self, cause: Subject) -> bool:
        """Tell whether a reason may name this; an artist was named by anything of theirs."""
        if self.said is None or cause in self.said:
            return True
        return cause.track_id is None and any(one.artist_id == cause.artist_id for one in self.said)

    def hides(self, explanation: Explanation) -> bool:
        """Tell whether a reason names something that its readers are not to know."""
        cause = explanation.cause
        return explanation.kind in PERSONAL and cause is not None and not self.allows(cause)
