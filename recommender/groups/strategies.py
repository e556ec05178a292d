"""Registry of strategies, with the styles of `/session style`."""

from recommender.groups import Strategy
from recommender.groups.fairness import GFAR, SDAA, EPFuzzDA, Nash, Rotation
from recommender.groups.voting import (
    Approval,
    Average,
    AverageWithoutMisery,
    Borda,
    Copeland,
    LeastMisery,
    MostPleasure,
)

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Average(),
        LeastMisery(),
        AverageWithoutMisery(),
        MostPleasure(),
        Borda(),
        Copeland(),
        Approval(),
        Rotation(),
        GFAR(),
        EPFuzzDA(),
        SDAA(),
        Nash(),
    )
}

FAIR = "fair"
STYLES: dict[str, Strategy] = {
    FAIR: Nash(),
    "crowd-pleaser": Average(),
    "discover": Nash(),  # among artists unknown to everybody present; see `recommender.sessions`
    "no-misery": AverageWithoutMisery(),
}
"""The styles of `/session style`."""
