"""Next song: what follows what was just played, for a radio that goes on and on.

Models of order (`session_neighbours`, `rules`) and the product's ensemble are experts; how much each counts
is learned at training, on the latest sessions, from models that have not seen them (`expert_weights`).
Without sequences there is no such model, and a radio goes by the ensemble alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.arrays import Doubles, Ints, Mask
from recommender.next_song.experts import (
    EXPERTS,
    Discography,
    Ensembles,
    JustPlayed,
    OrderModels,
    Told,
    features,
    told,
)


@dataclass(frozen=True, eq=False)
class NextSong:
    """The models of order on both axes, and the weights of all experts."""

    artists: OrderModels
    songs: OrderModels
    weights: Doubles  # `experts.N_FEATURES`: a multinomial logit over the candidates
    sessions: int  # learned from
    held_out: tuple[tuple[str, float], ...]  # NDCG@20 of each expert and of all, on held-out sessions

    def told(self, ensembles: Ensembles, context: JustPlayed) -> Told:
        """Ask all experts what comes next."""
        return told((self.artists, self.songs), ensembles, context)

    def odds(self, said: Told, tracks: Ints, artists: Ints, discography: Discography, known: Mask) -> Doubles:
        """Return the odds, with a sum of 1, that each of K candidates comes next.

        `known`: the candidates that the user has played or liked before.
        """
        shares = said.shares(tracks, artists, discography.people)
        values = features(shares, known) @ self.weights
        powers = np.exp(values - values.max(initial=-np.inf))
        return np.asarray(powers / max(float(powers.sum()), 1e-300))

    def figures(self) -> dict[str, Any]:
        """Return what it learned from, and the weights, for `segue stats`."""
        parts = np.split(self.weights[:-1], 4)
        shares, heights = dict(zip(EXPERTS, parts[0] + parts[2], strict=True)), parts[1] + parts[3]
        return {
            "sessions": self.sessions,
            "held_out_ndcg@20": {name: round(value, 4) for name, value in self.held_out},
            "weights": {
                name: [round(float(share), 3), round(float(height), 3)]
                for (name, share), height in zip(shares.items(), heights, strict=True)
            },
        }
