"""What can go wrong with what is remembered.

    StorageError
    ├── NotADatabaseError   the file is something else, or damaged
    ├── NewerSchemaError    a later Segue wrote it
    ├── BusyError           another process has been writing for too long
    ├── DiskFullError       there is no space left to write to
    ├── ClosedError         the writer or the readers have been closed
    ├── ErasedError         whose rows they are has been erased meanwhile
    ├── UnknownIdError      there is no such artist, track, event, ...
    └── InvalidFactError    a fact that cannot be kept, such as an artist without a name

Every message is a sentence that names the thing and says what to do next.
"""


class ToldError(Exception):
    """A sentence, and what stands in its places {}: apart, so that it can be said in another language.

    Without values the sentence is complete, and braces in it are braces.
    """

    def __init__(self, sentence: str = "", *values: object) -> None:
        super().__init__(sentence, *values)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.sentence.format(*self.values) if self.values else self.sentence


class StorageError(ToldError):
    """Anything that storage could not do."""


class NotADatabaseError(StorageError):
    pass


class NewerSchemaError(StorageError):
    pass


class BusyError(StorageError):
    pass


class DiskFullError(StorageError):
    pass


class ClosedError(StorageError):
    pass


class ErasedError(StorageError):
    pass


class UnknownIdError(StorageError):
    pass


class InvalidFactError(StorageError):
    pass
