"""Cold-start scorer by sound: predicts an item's listeners from what was heard in it.

A regression from heard vectors to the factors of listening, as van den Oord, Dieleman and Schrauwen learned
with a network ("Deep content-based music recommendation", NeurIPS 2013), and onto the users themselves: the
regression of `recommender.models.tag_regression` with heard vectors in place of tags.  It speaks only where a
trial on hidden items showed that it places them better than what else is known of them.
"""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.linalg import contained, positive
from recommender.models.tag_regression import TagRegression
from recommender.scorers import AxisName, Opinion, Profile, Reason, TrainingData, VoteWeights
from recommender.scorers.cold_start import LEAST_HEARD, LEAST_PEOPLE, ColdStart
from recommender.scorers.heard_trial import NAMES, heard_items, tried


@dataclass(frozen=True, eq=False)
class HeardStart(ColdStart):
    """The mean over what a listener likes of how near each heard item is to it, as `ColdStart` by tags.

    Items with tags are left to the tags unless sound beside tags places hidden items better than tags alone.
    """

    name: ClassVar[str] = "heard_start"
    votes: ClassVar[VoteWeights] = VoteWeights(few=0.4, many=0.3, seeded=0.0)
    scores_unplayed: ClassVar[bool | None] = None
    axes: ClassVar[tuple[AxisName, ...]] = ("artists", "tracks")
    replaces: ClassVar[tuple[str, ...]] = ()

    spoken_of: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int32))  # items, ascending
    taught_by: int = 0  # items with both users and a sound
    trial: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))  # `heard_trial` means

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Learn and try the regression; stay silent where too little teaches it, or it places nothing."""
        likes = positive(data.user_items)
        heard = heard_items(data)
        people = np.bincount(likes.indices, minlength=likes.shape[1])
        both = int(np.count_nonzero(heard & (people > 0)))
        silent = replace(cls._silent(likes.shape[1]), taught_by=both)
        if np.count_nonzero(np.diff(likes.indptr)) < LEAST_PEOPLE or both < LEAST_HEARD:
            return silent
        trial = tried(data, seed=seed)
        if not trial.beats_nothing:
            return replace(silent, trial=trial.means)
        return replace(cls.learned(data, seed=seed, beside_tags=trial.beats_tags), trial=trial.means)

    @classmethod
    def learned(cls, data: TrainingData, *, seed: int, beside_tags: bool = True) -> Self:
        """Learn the regression without a trial; `beside_tags`: speak of items with tags as well."""
        likes = positive(data.user_items)
        likes = likes[np.diff(likes.indptr) > 0]
        likes.data = np.exp2(likes.data) - np.float32(1)  # the model takes logarithms itself
        no_tags = csr_matrix(np.zeros((likes.shape[1], 0), dtype=np.float32))
        people = np.bincount(likes.indices, minlength=likes.shape[1])
        heard = heard_items(data)
        made = cls._of(TagRegression.fit(likes, no_tags, seed=seed, texts=data.item_heard), people)
        if not beside_tags:
            heard &= np.diff(positive(data.item_tags).indptr) == 0
        taught_by = int(np.count_nonzero(heard_items(data) & (people > 0)))
        return replace(made, spoken_of=np.flatnonzero(heard).astype(np.int32), taught_by=taught_by)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the score of each heard item it speaks of."""
        found = super().opinion(profile)
        kept = contained(found.items, self.spoken_of)
        return Opinion(found.n_items, found.items[kept], found.scores[kept])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the score of `item` is lowest."""
        at = int(np.searchsorted(self.spoken_of, item))
        if at == len(self.spoken_of) or self.spoken_of[at] != item:
            return Reason(None, 0.0)
        return super().because(profile, item)

    def figures(self) -> dict[str, Any]:
        """Return whether it speaks, and the trial that decided it; nothing where nothing was heard."""
        if not self.taught_by:
            return {}
        told = {name: round(mean, 4) for name, mean in zip(NAMES, self.trial.tolist(), strict=False)}
        return {
            "heard_start": {
                "on": self.has_learned,
                "speaks_of": len(self.spoken_of),
                "taught_by": self.taught_by,
                **told,
            }
        }
