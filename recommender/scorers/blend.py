"""What several models say, weighed by how much is known of the listener.

All parts are sums over the known items, so that they are looked up and never solved for: a like counts at
once, and what each known item adds to a score is known exactly.

- *linear*: the strongest weights of a denoising linear autoencoder (Steck, NeurIPS 2020), with tags as rows;
- *together*: what people who like this have in their lists, each person counting the same;
- *latent*: singular vectors with the popular held back (Cremonesi et al., RecSys 2010, and EigenRec);
- *tags*: the cosine of tags.

They and the popularity become features of a learned combination whose weights bend with the number of known
items (`models.ensemble.stacking`).  Few items of all are worth a closer look, so only those that the two
sparse parts name have an opinion at all.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import Entries, combined, entries, located, summed
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, most_blamed
from recommender.scorers.opinions import no_opinion

PARTS = ("linear", "together", "latent", "tags")
POOL = 150  # items of each sparse part that are looked at
_FLOORS = np.array([0.01, 0.03, 0.01, 0.1])  # what is little, per part, where the logarithm flattens
_MOST_KNOWN = 80  # beyond so many known items the weights stay
_WIDEST = 60.0  # of a logarithm of odds, so that nothing is infinite


class Heard(NamedTuple):
    """The entries of the sparse parts in the rows of what a listener likes."""

    likes: Profile
    weights: Doubles  # M, as a vector of length 1
    found: Entries  # columns: the items of `linear`, then those of `together`


@dataclass(frozen=True, eq=False)
class Ensemble(Scorer):
    """Odds that an item is the next: the exponential of a weighted sum of features."""

    name: ClassVar[str] = "ensemble"

    neighbours: csr_matrix  # I x 2I float32: `linear` beside `together`
    known: Ints  # ascending columns that have a latent vector
    axes: Floats  # len(known) x F
    damped: Floats  # len(known): what a known item is multiplied by ...
    lifted: Floats  # ... and what a scored one
    tags: csr_matrix  # I x T float32, rows of length 1 at most
    log_popularity: Floats  # I
    weights: Doubles  # N x features: row n - 1 is for n known items, the last for more

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Train the parts, and learn to combine them from people whom they have not seen."""
        from recommender.scorers.blend_training import trained  # noqa: PLC0415 - it needs this class

        return trained(cls, data, seed=seed)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.log_popularity)

    @cached_property
    def by_listeners(self) -> "Ensemble":
        """The same without a word on tags: what people like together and the latent part alone."""
        weights = self.weights.copy()
        for part in (PARTS.index("linear"), PARTS.index("tags")):
            weights[:, [part, len(PARTS) + part]] = 0
        return replace(self, weights=weights)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the odds of each item that a sparse part names for something that is liked."""
        heard = self.heard(profile)
        if not len(heard.likes.items):
            return no_opinion(self.n_items)
        sums, touched = self._summed(heard)
        items = np.unique(touched % self.n_items).astype(np.int32)
        return Opinion(self.n_items, items, self._odds(profile, heard, sums, items))

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the odds of what each sparse part ranks highest among `allowed`: some `POOL` each."""
        heard = self.heard(profile)
        if not len(heard.likes.items):
            return no_opinion(self.n_items)
        sums, touched = self._summed(heard)
        items = self.named(sums, touched, allowed, max(k, POOL))
        return Opinion(self.n_items, items, self._odds(profile, heard, sums, items))

    def named(self, sums: Doubles, touched: NDArray[np.intp], allowed: Mask, k: int) -> Ints:
        """Return the best `k` of each sparse part among `allowed`, ascending; only what it speaks for."""
        n, parts = self.n_items, []
        half = int(np.searchsorted(touched, n))
        for part, offset in ((touched[:half], 0), (touched[half:], n)):
            values = sums[part]
            kept = np.flatnonzero(allowed[part - offset] & (values > 0))
            if len(kept) > k:
                least = np.partition(values[kept], len(kept) - k)[len(kept) - k]
                kept = kept[values[kept] >= least]
            parts.append(part[kept] - offset)
        return np.union1d(*parts).astype(np.int32)

    def described(self, profile: Profile, known: Ints) -> tuple[Ints, Floats]:
        """Return what would be looked at for a profile, all that is `known` left out, and its features."""
        heard = self.heard(profile)
        sums, touched = self._summed(heard)
        allowed = np.ones(self.n_items, dtype=np.bool_)
        allowed[known] = False
        items = self.named(sums, touched, allowed, POOL)
        return items, self.features(self.parts(heard, sums, items), items).astype(np.float32)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the odds of `item` are lowest."""
        return self.reasons(profile, np.array([item], dtype=np.int32))[0]

    def reasons(self, profile: Profile, items: Ints) -> list[Reason]:
        """Return for each of some different items the liked one without which its odds are lowest."""
        heard = self.heard(profile)
        likes = heard.likes
        if not len(likes.items):
            return [Reason(None, 0.0)] * len(items)
        shares, touching = self._shares(heard, items)
        against = self._against(profile, items)
        now = _odds(self._worth(shares.sum(axis=1), items, len(likes.items), against))
        now = np.where(touching.any(axis=0), now, 0.0)
        if len(likes.items) == 1:  # without it there is no opinion
            return [most_blamed(likes.items, now[[k]]) for k in range(len(items))]
        rest = np.sqrt(np.maximum(1 - heard.weights**2, 1e-12))[:, None]
        left = (shares.sum(axis=1, keepdims=True) - shares) / rest
        then = _odds(self._worth(left, items, len(likes.items) - 1, against))
        then = np.where(touching.sum(axis=0) > touching, then, 0.0)
        return [most_blamed(likes.items, now[k] - then[:, k]) for k in range(len(items))]

    def heard(self, profile: Profile) -> Heard:
        """Return what the sparse parts hold of what the listener likes."""
        likes = profile.liked
        weights = likes.weights.astype(np.float64)
        weights /= max(float(np.sqrt(weights @ weights)), 1e-12)
        return Heard(likes, weights, entries(self.neighbours, likes.items))

    def _summed(self, heard: Heard) -> tuple[Doubles, NDArray[np.intp]]:
        """Return the sparse parts' sums, one below the other, and the ascending places that are touched."""
        found, n = heard.found, 2 * self.n_items
        touched = np.zeros(n, dtype=np.bool_)
        touched[found.column] = True
        return summed(found.column, heard.weights[found.row] * found.data, n), np.flatnonzero(touched)

    def _odds(self, profile: Profile, heard: Heard, sums: Doubles, items: Ints) -> Floats:
        """Return the odds of some items, given the sums of the sparse parts over all."""
        parts = self.parts(heard, sums, items)
        worth = self._worth(parts, items, len(heard.likes.items), self._against(profile, items))
        return _odds(worth).astype(np.float32)

    def parts(self, heard: Heard, sums: Doubles, items: Ints) -> Doubles:
        """Return what each part says of some items, len(PARTS) x K."""
        likes, weights = heard.likes, heard.weights
        wanted = combined(self.tags, likes.items, weights)
        carried = entries(self.tags, items)
        tags = summed(carried.row, carried.data * wanted[carried.column], len(items))
        mine, of_mine = located(self.known, likes.items, self.n_items)
        towards = (weights[of_mine] * self.damped[mine]) @ self.axes[mine].astype(np.float64)
        theirs, there = located(self.known, items, self.n_items)
        latent = np.zeros(len(items))
        latent[there] = (self.axes[theirs].astype(np.float64) @ towards) * self.lifted[theirs]
        return np.stack([sums[items], sums[items + self.n_items], latent, tags])

    def features(self, parts: Doubles, items: Ints) -> Doubles:
        """Return ... x K x features from len(PARTS) x ... x K of what the parts say."""
        heights = np.log(np.maximum(parts, 0) + _FLOORS.reshape(-1, *[1] * (parts.ndim - 1)))
        popularity = np.broadcast_to(self.log_popularity[items], parts.shape[1:])[None]
        return np.moveaxis(np.concatenate([parts, heights, popularity]), 0, -1)

    def _worth(self, parts: Doubles, items: Ints, n_known: int, against: Doubles) -> Doubles:
        """Return logarithms of odds, ... x K."""
        weights = self.weights[min(n_known, len(self.weights)) - 1]
        return np.asarray(self.features(parts, items) @ weights - against)

    def _against(self, profile: Profile, items: Ints) -> Doubles:
        """Return by how much what is disliked lowers the logarithm of the odds of items; never below 0."""
        disliked = profile.disliked.items
        if not len(disliked):
            return np.zeros(len(items))
        near = combined(self.neighbours, disliked, np.ones(len(disliked)))[items]
        return np.asarray(np.log1p(np.maximum(near, 0) / _FLOORS[0]))

    def _shares(self, heard: Heard, items: Ints) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return what each liked item adds to each part, len(PARTS) x M x K, and which items it names."""
        likes, weights = heard.likes, heard.weights[:, None]
        n = self.n_items
        place = np.full(n, -1, dtype=np.int32)
        place[items] = np.arange(len(items), dtype=np.int32)
        at = place[heard.found.column % n]
        kept = np.flatnonzero(at >= 0)
        row, column = heard.found.row[kept], heard.found.column[kept]
        shares = np.zeros((len(PARTS), len(likes.items), len(items)))
        shares[(column >= n).astype(np.intp), row, at[kept]] = heard.found.data[kept] * heard.weights[row]
        touching = np.zeros(shares.shape[1:], dtype=np.bool_)
        touching[row, at[kept]] = True
        shares[2] = weights * self._latent(likes.items, self.damped) @ self._latent(items, self.lifted).T
        carried = entries(self.tags, items)
        by_tag = np.zeros((len(items), self.tags.shape[1]))
        by_tag[carried.row, carried.column] = carried.data
        mine = entries(self.tags, likes.items)
        for k, wanted in enumerate(by_tag):
            shares[3, :, k] = summed(mine.row, mine.data * wanted[mine.column], len(likes.items))
        shares[3] *= weights
        return shares, touching

    def _latent(self, items: Ints, scale: Floats) -> Doubles:
        rows, there = located(self.known, items, self.n_items)
        vectors = np.zeros((len(items), self.axes.shape[1]))
        vectors[there] = self.axes[rows] * scale[rows, None]
        return vectors


def _odds(worth: Doubles) -> Doubles:
    return np.exp(np.minimum(np.maximum(worth, -_WIDEST), _WIDEST))
