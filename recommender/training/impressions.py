"""Impressions as observations: how often each user was shown an item without saying anything of it."""

from typing import NamedTuple, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Ids
from recommender.feedback import NO_TRACK
from recommender.feedback.matrix import ListeningMatrix
from recommender.linalg import cleaned
from recommender.training.catalog_arrays import columns
from storage.listening.decisions import Decisions

_NEWEST = 500_000  # impressions that are looked at


class ShownItems(NamedTuple):
    """What users were shown, as columns of equal length."""

    user: Ids
    artist: Ids
    track: Ids  # NO_TRACK for an artist alone
    times: Ids

    @classmethod
    def read(cls, decisions: Decisions) -> Self:
        """Read the newest impressions."""
        table = columns(decisions.shown(_NEWEST), 4)
        return cls(*(np.nan_to_num(column, nan=NO_TRACK).astype(np.int64) for column in table))

    def unanswered(self, listening: ListeningMatrix, *, by_artist: bool) -> csr_matrix:
        """Return users x items of `listening`, float32: how often each was shown of which nothing is said.

        Users who say nothing of anything are no users there: what they leave unanswered tells of them.
        """
        items = listening.items.columns(self.artist if by_artist else self.track)
        users = listening.users.columns(self.user)
        there = (users >= 0) & (items >= 0)
        times = self.times[there].astype(np.float32)
        shape = listening.user_items.shape
        shown = csr_matrix((times, (users[there], items[there])), shape=shape)
        said = listening.user_items.copy()
        said.data = np.ones_like(said.data)
        return cleaned(csr_matrix(shown - shown.multiply(said)))
