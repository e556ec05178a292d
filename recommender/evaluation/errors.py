"""What can go wrong with an evaluation, each a sentence for the person.

MusicError
└── EvaluationError      the data or the wish does not allow this evaluation
    └── UnsuitedError    one model cannot work on this data; the others go on without it
"""

from recommender.errors import MusicError


class EvaluationError(MusicError):
    """The data set or what was asked does not allow this evaluation."""


class UnsuitedError(EvaluationError):
    """A model says from its `fit` that it is not made for such data (too large, say); it is left out."""
