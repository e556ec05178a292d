"""Features of candidate items for `Blend`: what four models say of them, looked up and never solved for.

All four are sums over the liked items, so that a like counts at once and what each liked item adds to a score
is known exactly.

- *linear*: the strongest weights of a denoising linear autoencoder (Steck, NeurIPS 2020), with tags as rows;
- *together*: what people who like this have in their lists, each person counting the same;
- *latent*: singular vectors with the popular held back (Cremonesi et al., RecSys 2010, and EigenRec);
- *tags*: the cosine of tags.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import Entries, combined, distinct, entries, located, summed
from recommender.scorers import Profile

PARTS = ("linear", "together", "latent", "tags")
POOL = 150
"""Items of each sparse part (linear, together) that are looked at."""
FLOORS = np.array([0.01, 0.03, 0.01, 0.1])
"""Per part, the small value below which its logarithm flattens."""


class LikedRows(NamedTuple):
    """The entries of the sparse parts in the rows of M liked items."""

    likes: Profile
    weights: Doubles  # M, as a vector of length 1
    found: Entries  # columns: the items of `linear`, then those of `together`


@dataclass(frozen=True, eq=False)
class BlendParts:
    """Four trained models of I items as arrays."""

    neighbours: csr_matrix  # I x 2I float32: `linear` beside `together`
    known: Ints  # ascending columns that have a latent vector
    axes: Floats  # len(known) x F
    known_scale: Floats  # len(known): factor of a liked item's latent vector ...
    scored_scale: Floats  # ... and of a scored item's
    tags: csr_matrix  # I x T float32, rows of length 1 at most
    log_popularity: Floats  # I: log(1 + people)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.log_popularity)

    def liked_rows(self, profile: Profile) -> LikedRows:
        """Return what the sparse parts hold of what the listener likes."""
        likes = profile.liked
        weights = likes.weights.astype(np.float64)
        weights /= max(float(np.sqrt(weights @ weights)), 1e-12)
        return LikedRows(likes, weights, entries(self.neighbours, likes.items))

    def part_sums(self, liked: LikedRows) -> tuple[Doubles, NDArray[np.intp]]:
        """Return the sparse parts' sums, one below the other, and the ascending places that are touched."""
        found, n = liked.found, 2 * self.n_items
        touched = np.zeros(n, dtype=np.bool_)
        touched[found.column] = True
        return summed(found.column, liked.weights[found.row] * found.data, n), np.flatnonzero(touched)

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
        return distinct(*parts).astype(np.int32)

    def training_features(self, profile: Profile, known: Ints) -> tuple[Ints, Floats]:
        """Return what would be looked at for a profile, all that is `known` left out, and its features."""
        liked = self.liked_rows(profile)
        sums, touched = self.part_sums(liked)
        allowed = np.ones(self.n_items, dtype=np.bool_)
        allowed[known] = False
        items = self.named(sums, touched, allowed, POOL)
        return items, self.features(self.parts(liked, sums, items), items).astype(np.float32)

    def parts(self, liked: LikedRows, sums: Doubles, items: Ints) -> Doubles:
        """Return what each part says of some items, len(PARTS) x K."""
        likes, weights = liked.likes, liked.weights
        wanted = combined(self.tags, likes.items, weights)
        carried = entries(self.tags, items)
        tags = summed(carried.row, carried.data * wanted[carried.column], len(items))
        mine, of_mine = located(self.known, likes.items, self.n_items)
        towards = (weights[of_mine] * self.known_scale[mine]) @ self.axes[mine].astype(np.float64)
        theirs, there = located(self.known, items, self.n_items)
        latent = np.zeros(len(items))
        latent[there] = (self.axes[theirs].astype(np.float64) @ towards) * self.scored_scale[theirs]
        return np.stack([sums[items], sums[items + self.n_items], latent, tags])

    def features(self, parts: Doubles, items: Ints) -> Doubles:
        """Return ... x K x features from len(PARTS) x ... x K of what the parts say."""
        heights = np.log(np.maximum(parts, 0) + FLOORS.reshape(-1, *[1] * (parts.ndim - 1)))
        popularity = np.broadcast_to(self.log_popularity[items], parts.shape[1:])[None]
        return np.moveaxis(np.concatenate([parts, heights, popularity]), 0, -1)

    def shares(self, liked: LikedRows, items: Ints) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return what each liked item adds to each part, len(PARTS) x M x K, and which items it names."""
        likes, weights = liked.likes, liked.weights[:, None]
        n = self.n_items
        place = np.full(n, -1, dtype=np.int32)
        place[items] = np.arange(len(items), dtype=np.int32)
        at = place[liked.found.column % n]
        kept = np.flatnonzero(at >= 0)
        row, column = liked.found.row[kept], liked.found.column[kept]
        shares = np.zeros((len(PARTS), len(likes.items), len(items)))
        shares[(column >= n).astype(np.intp), row, at[kept]] = liked.found.data[kept] * liked.weights[row]
        touching = np.zeros(shares.shape[1:], dtype=np.bool_)
        touching[row, at[kept]] = True
        shares[2] = (
            weights * self._latent(likes.items, self.known_scale) @ self._latent(items, self.scored_scale).T
        )
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
