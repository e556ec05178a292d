"""Every strategy by its name, and those a session can be switched to by a word people use."""

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
    "discover": Nash(),  # among what nobody present has heard of; see `recommender.sessions`
    "no-misery": AverageWithoutMisery(),
}
"""What `/session style` takes."""
