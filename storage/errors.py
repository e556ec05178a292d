"""The errors of storage.

    StorageError
    ├── NotADatabaseError   the file is not a Segue database, or it is damaged
    ├── NewerSchemaError    a newer version of Segue wrote the database
    ├── BusyError           another process has been writing for too long
    ├── DiskFullError       the disk is full
    ├── ClosedError         the writer or the readers are closed
    ├── ErasedError         the owner of the rows was erased meanwhile
    ├── UnknownIdError      the id of an artist, track, event or user is unknown
    └── InvalidFactError    the fact cannot be stored: an artist without a name, for example

Every message is a sentence that names the problem and says what to do next.
"""


class ToldError(Exception):
    """An English sentence and its values for the places {}, kept apart so that it can be translated.

    Without values the sentence is complete, and its braces are literal.
    """

    def __init__(self, sentence: str = "", *values: object) -> None:
        super().__init__(sentence, *values)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.sentence.format(*self.values) if self.values else self.sentence


class StorageError(ToldError):
    """The base class of all errors that storage raises."""


class NotADatabaseError(StorageError):
    """The file is not a Segue database, or it is damaged."""


class NewerSchemaError(StorageError):
    """A newer version of Segue wrote the database."""


class BusyError(StorageError):
    """Another process has been writing for too long."""


class DiskFullError(StorageError):
    """The disk is full."""


class ClosedError(StorageError):
    """The writer or the readers are closed."""


class ErasedError(StorageError):
    """The owner of the rows was erased meanwhile."""


class UnknownIdError(StorageError):
    """The id of an artist, track, event or user is unknown."""


class InvalidFactError(StorageError):
    """The fact cannot be stored: an artist without a name, for example."""
