"""Errors of the recommender, in one small tree.

    MusicError               a sentence for the user, naming the thing and what to do next
    ├── NotKnown             nothing by that name, link or number
    ├── NothingToDo          a valid request that applies to nothing
    ├── NotReady             there are no models yet
    │   └── DamagedSnapshot  stored models that cannot be used any more
    └── Unavailable          an external service does not answer, or not now

The values for a sentence's {} are passed beside it: `NothingToDo("You have {} vetoes.", 2)`. The bot catches
`MusicError` once, at its edge, and says it in the user's language.
"""

import json
from typing import Self

from storage.errors import ToldError


class MusicError(ToldError):
    """An error that the user can fix; `str(error)` is the sentence that says how."""

    def to_json(self) -> str:
        """Return the sentence and its values as JSON, for later."""
        return json.dumps([self.sentence, *map(str, self.values)])

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the error from `to_json`.

        A text that is no JSON is a sentence stored by an older version.
        """
        try:
            return cls(*json.loads(text))
        except ValueError:
            return cls(text)


class NotKnown(MusicError):
    """There is nothing by that name, link or number."""

    def __init__(self, sentence: str, *values: object, missing: str = "") -> None:
        """`missing`: the name of a track that the user could add to the catalogue."""
        super().__init__(sentence, *values)
        self.missing = missing


class NothingToDo(MusicError):
    """There is nothing to take back, to skip, to answer."""


class NotReady(MusicError):
    """There are no models yet."""


class DamagedSnapshot(NotReady):
    """The models on disk are damaged or of another database; `version` names them."""

    def __init__(self, sentence: str, *values: object, version: str = "") -> None:
        super().__init__(sentence, *values)
        self.version = version


class Unavailable(MusicError):
    """An external service does not answer, or asks for a pause of `retry_after` seconds."""

    def __init__(self, sentence: str, *values: object, retry_after: float = 0.0) -> None:
        super().__init__(sentence, *values)
        self.retry_after = retry_after


class EvaluationError(MusicError):
    """The data set or the arguments do not allow this evaluation."""


class UnsuitedError(EvaluationError):
    """Raised by `fit` if a model does not suit the data (too large, say); the model is left out."""
