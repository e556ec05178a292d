"""Every scorer that a snapshot holds.  A new one is added here, and nowhere else."""

from recommender.scorers import AxisName, Scorer
from recommender.scorers.blend import Blend
from recommender.scorers.cold_start import ColdStart
from recommender.scorers.content import Content
from recommender.scorers.heard_start import HeardStart
from recommender.scorers.popularity import CommunityPopularity, Popularity
from recommender.scorers.related import Related

SERVED: tuple[type[Scorer], ...] = (
    Popularity,
    CommunityPopularity,
    Blend,
    Content,
    ColdStart,
    HeardStart,
    Related,
)


def served_on(axis: AxisName) -> tuple[type[Scorer], ...]:
    """Return the scorers of one axis, in the order of their votes."""
    return tuple(scorer for scorer in SERVED if axis in scorer.axes)
