"""Which items may be recommended to somebody who does not know them, so that nobody's taste is given away."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Ints, Mask
from recommender.linalg import binary

LEAST_ELSEWHERE, LEAST_HERE = 3, 2
"""An item of no catalogue needs so many who like it outside the community of whoever asks, or in it."""


@dataclass(frozen=True)
class Eligibility:
    """Per item of an axis, whether it comes from a catalogue, and how many users like it in all and where."""

    listed: Mask  # in the bundled catalogue, in that of a service, or in a data set
    people: Ints  # users who like it
    members: csr_matrix  # C x I float32: members of the community who like it

    @classmethod
    def fit(cls, user_items: csr_matrix, communities: csr_matrix, listed: Mask) -> Self:
        """Count users: `user_items` U x I weights, > 0 likes it; `communities` C x U; `listed` I flags."""
        likes = binary(user_items)
        people = np.bincount(likes.indices, minlength=likes.shape[1]).astype(np.int32)
        members = csr_matrix(binary(communities) @ likes)
        members.sort_indices()
        return cls(listed, people, members)

    @cached_property
    def _anywhere(self) -> Mask:
        return np.asarray(self.listed | (self.people >= LEAST_ELSEWHERE))

    def mask(self, community: int | None, own: Ints) -> Mask:
        """Tell for each item whether somebody in `community` (a row, None: in private) may be shown it.

        `own`: columns that this user brought or likes.  Nobody can be given away by them.
        """
        allowed = self._anywhere.copy()
        if community is not None:
            row = slice(self.members.indptr[community], self.members.indptr[community + 1])
            items, here = self.members.indices[row], self.members.data[row]
            enough = (here >= LEAST_HERE) | (self.people[items] - here >= LEAST_ELSEWHERE)
            allowed[items] = self.listed[items] | enough
        allowed[own] = True
        return allowed
