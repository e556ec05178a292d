"""Content-based scorer: items tagged like, and sounding like, what the user likes.

It scores songs that nobody has played yet.  Source: Pazzani and Billsus, "Content-based recommendation
systems", The Adaptive Web, 2007; TF-IDF: Salton and Buckley, 1988; dislikes: Rocchio, 1971.

With very many songs, those nearest by sound are found by an index (`recommender.linalg.ann`).  Only the sound
has one: tags are sparse, and to look at all of them is faster than any index that finds as much
(`tests/benchmarks/near_songs.py` measures both).
"""

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix, hstack

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import (
    combined,
    cosine_drops,
    direction_length,
    inverse,
    positive,
    row_norms,
    scaled_rows,
)
from recommender.linalg.ann import RECALL, Index, directions, is_installed
from recommender.scorers import (
    Opinion,
    Profile,
    Reason,
    Scorer,
    TrainingData,
    VoteWeights,
    each_most_blamed,
    no_opinion,
)
from recommender.types import Facet

INDEXED_FROM = 200_000
"""Fewer songs with a sound are looked at one by one, which is then faster."""

_WIDER = 2  # times as many are looked for where some sink again, because they are like what is disliked

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Content(Scorer):
    """The cosine of each item with the sum of what the listener likes, over tags and features.

    An item is one vector: its tags (TF-IDF) beside its features, which are comparable as they come: what
    `content.audio_vectors` makes of songs, or what texts say of artists.  What is missing adds nothing: a
    song of unknown sound is compared by its tags alone.
    """

    name: ClassVar[str] = "content"
    votes: ClassVar[VoteWeights] = VoteWeights(few=0.7, many=0.5, seeded=1.0)
    scores_unplayed: ClassVar[bool] = True

    known: Mask  # per item, whether it has any tag or feature
    tags: csr_matrix  # I x T float32
    features: Floats  # I x F, 0 where unknown
    sounds: Floats  # I x S, by sound alone: rows of length 1, 0 where unknown; S may be 0
    index: Index | None = None  # of the rows of `sounds` that are known, where there are very many

    @property
    def lacks_index(self) -> bool:
        """Tell whether there are sounds enough for an index, Annoy is there, and no index can be read."""
        known = np.count_nonzero(np.any(self.sounds != 0, axis=1))
        return self.index is None and bool(known >= INDEXED_FROM) and is_installed()

    @cached_property
    def _items(self) -> Ints:
        """The columns of what is known, worked out once: of a million songs that takes milliseconds."""
        items = np.flatnonzero(self.known).astype(np.int32)
        items.flags.writeable = False
        return items

    def only_by(self, facet: Facet) -> "Content | None":
        """Return the part that goes by words or by sound alone; it knows nothing of listeners."""
        return {"words": self.words, "sound": self.sound}.get(facet)

    @cached_property
    def words(self) -> "Content":
        """The same by tags alone; where no sound is known, features are words as well."""
        if not self.sounds.shape[1]:
            return self
        nothing = self.features[:, :0]
        return Content(np.diff(self.tags.indptr) > 0, self.tags, nothing, nothing)

    @cached_property
    def sound(self) -> "Content":
        """The same by sound alone, by the index if there is one."""
        nothing = csr_matrix(self.tags[:, :0])
        return SoundOnly(np.any(self.sounds != 0, axis=1), nothing, self.sounds, self.sounds, self.index)

    def heard_near(self, vector: Floats, allowed: Mask, n: int) -> Opinion:
        """Return the cosine of about `n` of the nearest `allowed` songs with a heard `vector`.

        The last columns of `sounds` are those of heard songs, as many as `vector` has.
        """
        part = self.sounds[:, -len(vector) :]
        items = None
        if self.index is not None:
            direction = np.concatenate([np.zeros(self.sounds.shape[1] - len(vector), np.float32), vector])
            heard = np.flatnonzero(np.any(self.sounds != 0, axis=1)).astype(np.int32)
            items = self.index.nearest(direction, n, allowed, heard)
        if items is None:
            items = np.flatnonzero(allowed & np.any(part != 0, axis=1)).astype(np.int32)
        items = np.sort(items)
        lengths = np.linalg.norm(part[items], axis=1) * max(float(np.linalg.norm(vector)), 1e-9)
        scores = (part[items] @ vector) * inverse(lengths)
        return Opinion(len(self.known), items, np.asarray(scores, dtype=np.float32))

    def figures(self) -> dict[str, Any]:
        """Return how many sounds the index holds and its recall, nothing without one."""
        if self.index is None:
            return {}
        return {"indexed": self.index.about.vectors, "index_recall": self.index.about.recall}

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, audio: float = 0.1, damping: float = 5.0) -> Self:
        """Weigh tags and features; the seed draws the trees of the index, if there is one.

        `audio`: the share of the audio features in an item that has both, 0 to 1.  On Spotify's playlists a
        small share beside the tags is better than none, and half is worse.
        `damping`: an item whose TF-IDF vector has the length n is trusted n / (n + damping), so that many
        tags count for more than one that agrees by chance; 0 is the plain cosine.  A song with a handful of
        tags comes to about a half.
        """
        tags, features = _tfidf(data.item_tags, damping), _unit(data.item_features)
        share_tags = (1 - audio) * (np.diff(tags.indptr) > 0)
        share_features = audio * np.any(features != 0, axis=1)
        total = share_tags + share_features
        tags = scaled_rows(tags, np.sqrt(share_tags * inverse(total)))
        features *= np.sqrt(share_features * inverse(total))[:, None]
        given = data.item_features if data.item_sounds is None else data.item_sounds
        sounds = _unit(given).astype(np.float32)
        return cls(total > 0, tags, features.astype(np.float32), sounds, sound_index(sounds, seed=seed))

    def opinion(self, profile: Profile) -> Opinion:
        """Return the cosine of each known item with the sum of the likes, less that with the dislikes.

        The sums are of vectors times weights, and both are divided by the length of the first.  Only a
        likeness to what is disliked counts, so that a dislike takes away and never adds.
        """
        wanted = self._sum(profile.liked)
        length = direction_length(wanted, profile.liked.weights)
        if not length:
            return no_opinion(len(self.known))
        scores = self._products(wanted / length)
        if len(profile.disliked.items):
            scores -= np.maximum(self._products(self._sum(profile.disliked) / -length), 0)
        items = self._items
        return Opinion(len(self.known), items, scores if len(items) == len(scores) else scores[items])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the score of `item` is lowest."""
        return self.reasons(profile, np.array([item], dtype=np.int32))[0]

    def reasons(self, profile: Profile, items: Ints) -> list[Reason]:
        """Return for each of some items the liked one without which its score is lowest."""
        likes = profile.liked
        wanted = self._sum(likes)
        if not direction_length(wanted, likes.weights):
            return [Reason(None, 0.0)] * len(items)
        liked, targets = self._vectors(likes.items), self._vectors(items)
        drops = cosine_drops(
            likes.weights.astype(np.float64),
            to_item=(liked @ targets.T).toarray(),
            to_sum=liked @ wanted,
            squares=np.asarray(liked.multiply(liked).sum(axis=1)).ravel(),
            penalty=np.maximum(0.0, -(targets @ self._sum(profile.disliked))),
        )
        drops[:, ~self.known[items]] = 0
        return each_most_blamed(likes.items, drops)

    def _vectors(self, items: Ints) -> csr_matrix:
        """Return some items as vectors in double precision: the tags, then the features."""
        parts = [self.tags[items], csr_matrix(self.features[items])]
        return csr_matrix(hstack(parts, format="csr", dtype=np.float64))

    def _sum(self, profile: Profile) -> Doubles:
        """Return the sum of vectors times weights: the tags, then the features."""
        weights = profile.weights.astype(np.float64)
        tags = combined(self.tags, profile.items, weights)
        return np.concatenate([tags, weights @ self.features[profile.items]])

    def _products(self, vector: Doubles) -> Floats:
        """Return the inner product of every item with a vector, in single precision for speed."""
        t = self.tags.shape[1]
        return self.tags @ vector[:t].astype(np.float32) + self.features @ vector[t:].astype(np.float32)


class SoundOnly(Content):
    """Content by audio features alone."""

    @cached_property
    def _heard(self) -> Ints:
        return np.flatnonzero(self.known).astype(np.int32)

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the opinion on the best `k` among `allowed`; on everything where that is faster."""
        wanted = self._sum(profile.liked)
        length = direction_length(wanted, profile.liked.weights)
        if not length:
            return no_opinion(len(self.known))
        unwanted = -self._sum(profile.disliked)
        towards, n = wanted, k
        if unwanted.any():
            towards, n = away(wanted, unwanted), _WIDER * k
        items = None
        if self.index is not None and direction_length(towards, profile.liked.weights):
            items = self.index.nearest(towards, n, allowed, self._heard)
        if items is None:
            return self.opinion(profile)
        items = np.sort(items)
        scores = self._cosines(items, wanted / length)
        scores -= np.maximum(self._cosines(items, unwanted / length), 0)
        return Opinion(len(self.known), items, scores)

    def _cosines(self, items: Ints, direction: Doubles) -> Floats:
        return np.asarray(self.features[items] @ direction.astype(np.float32))


def away(wanted: Doubles, unwanted: Doubles) -> Doubles:
    """Return the direction in which wanted . x - max(unwanted . x, 0) is largest.

    It is the smaller of wanted . x and (wanted - unwanted) . x.  What is largest where the smaller of the two
    is largest lies along the shortest vector between both (von Neumann's minimax theorem): `wanted` without
    its share along `unwanted`.
    """
    share = float(wanted @ unwanted) / float(unwanted @ unwanted)
    return np.asarray(wanted - min(max(share, 0.0), 1.0) * unwanted)


def sound_index(sounds: Floats, *, seed: int) -> Index | None:
    """Return an index of the known rows of I x S `sounds`, None unless they are `INDEXED_FROM` or more.

    None also, with a warning, without Annoy or if the index finds less than `recommender.linalg.ann.RECALL`.
    """
    heard = np.flatnonzero(np.any(sounds != 0, axis=1))
    if len(heard) < INDEXED_FROM:
        return None
    if not is_installed():
        log.warning("no index of %d sounds, without annoy: all songs are looked at", len(heard))
        return None
    found = Index.build(directions(sounds[heard]), seed=seed)
    said = f"index of {len(heard):,} sounds: recall@10 {found.about.recall:.3f}"
    if found.about.recall < RECALL:
        log.warning("%s, which is too little: all songs are looked at", said)
        return None
    log.info(said)
    return found


def _tfidf(item_tags: csr_matrix, damping: float) -> csr_matrix:
    """Return the logarithm of the tags' weights times their rarity, in rows of a length below 1."""
    tags = positive(item_tags)
    if not tags.nnz:
        return tags
    tags.data = np.log1p(tags.data)
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415 - for training alone

    tags = csr_matrix(TfidfTransformer(norm=None).fit_transform(tags))
    return scaled_rows(tags, inverse(row_norms(tags) + damping * (np.diff(tags.indptr) > 0)))


def _unit(features: Floats) -> Doubles:
    """Return the rows at length 1, 0 where unknown."""
    values = np.nan_to_num(features.astype(np.float64))
    return np.asarray(values * inverse(np.linalg.norm(values, axis=1))[:, None])
