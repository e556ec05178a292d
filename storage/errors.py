"""What can go wrong with what is remembered.

    StorageError
    ├── NotADatabaseError   the file is something else, or damaged
    ├── NewerSchemaError    a later Segue wrote it
    ├── BusyError           another process has been writing for too long
    ├── ClosedError         the writer or the readers have been closed
    ├── UnknownIdError      there is no such artist, track, event, ...
    └── InvalidFactError    a fact that cannot be kept, such as an artist without a name

Every message is a sentence that names the thing and says what to do next.
"""


class StorageError(Exception):
    """Anything that storage could not do."""


class NotADatabaseError(StorageError):
    pass


class NewerSchemaError(StorageError):
    pass


class BusyError(StorageError):
    pass


class ClosedError(StorageError):
    pass


class UnknownIdError(StorageError):
    pass


class InvalidFactError(StorageError):
    pass
