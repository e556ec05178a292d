"""Eligibility: which items may be recommended to users who did not bring them.

An item of no catalogue needs enough users who like it outside the community of the user who asks, or in it:
what one person added or likes would give that person's taste away.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Ints, Mask
from recommender.models.population import Counts
from recommender.scorers.popularity import LEAST_ANYWHERE, LEAST_HERE


@dataclass(frozen=True)
class Eligibility:
    """Per item of an axis, whether it comes from a catalogue, and how many users like it in all and where."""

    listed: Mask  # in the bundled catalogue, in that of a service, or in a data set
    people: Ints  # users who like it
    members: csr_matrix  # C x I float32: members of the community who like it

    @classmethod
    def of(cls, counts: Counts, listed: Mask) -> Self:
        """Return it from what is counted over all users; `listed`: I flags."""
        members = csr_matrix(counts.here)
        members.sort_indices()
        return cls(listed, counts.likers, members)

    @cached_property
    def anywhere(self) -> Mask:
        """Per item, whether anybody may be shown it."""
        return np.asarray(self.listed | (self.people >= LEAST_ANYWHERE))

    def worked_out(self) -> None:
        """Work out now what every mask begins with."""
        _ = self.anywhere

    def mask(self, community: int | None, own: Ints) -> Mask:
        """Tell for each item whether somebody in `community` (a row, None: in private) may be shown it.

        `own`: columns that this user brought or likes.  Nobody can be given away by them.
        """
        allowed = self.anywhere.copy()
        if community is not None:
            row = slice(self.members.indptr[community], self.members.indptr[community + 1])
            items, here = self.members.indices[row], self.members.data[row]
            enough = (here >= LEAST_HERE) | (self.people[items] - here >= LEAST_ANYWHERE)
            allowed[items] = self.listed[items] | enough
        allowed[own] = True
        return allowed
