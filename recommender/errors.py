"""Everything that can go wrong with an ask, as one small tree.

    MusicError               a sentence for the person, naming the thing and what to do next
    ├── NotKnown             nothing by that name, link or number
    ├── NothingToDo          the request is fine and there is nothing it applies to
    ├── NotReady             the models are not there yet
    │   └── DamagedSnapshot  they were kept and cannot be used any more
    └── Unavailable          a service elsewhere does not answer, or not now

What stands in the places {} of a sentence is given beside it: `NothingToDo("You have {} vetoes.", 2)`.
The bot catches `MusicError` once, at its edge, and says it in the language of whoever asked.
"""

import json
from typing import Self

from storage.errors import ToldError


class MusicError(ToldError):
    """Something a person can mend; `str(error)` is the sentence that tells how."""

    def to_json(self) -> str:
        """Return the sentence and its values, to be kept and told later."""
        return json.dumps([self.sentence, *map(str, self.values)])

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what was kept; what is no JSON is a sentence that was kept before there were values."""
        try:
            return cls(*json.loads(text))
        except ValueError:
            return cls(text)


class NotKnown(MusicError):
    """There is nothing by that name, link or number."""

    def __init__(self, sentence: str, *values: object, missing: str = "") -> None:
        """`missing`: the name of a song that the catalogue lacks and that somebody could add."""
        super().__init__(sentence, *values)
        self.missing = missing


class NothingToDo(MusicError):
    """There is nothing to take back, to skip, to answer."""


class NotReady(MusicError):
    """The models are not there yet."""


class DamagedSnapshot(NotReady):
    """The models on disk are damaged, or were not learned from this database; `version` names them."""

    def __init__(self, sentence: str, *values: object, version: str = "") -> None:
        super().__init__(sentence, *values)
        self.version = version


class Unavailable(MusicError):
    """A service elsewhere does not answer, or has asked for a pause of `retry_after` seconds."""

    def __init__(self, sentence: str, *values: object, retry_after: float = 0.0) -> None:
        super().__init__(sentence, *values)
        self.retry_after = retry_after


class EvaluationError(MusicError):
    """The data set or what was asked does not allow this evaluation."""


class UnsuitedError(EvaluationError):
    """A model says from its `fit` that it is not made for such data (too large, say); it is left out."""
