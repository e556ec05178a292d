"""Whether the snapshot on disk may be used with this database: undamaged, and learned from this very log."""

from pathlib import Path

from recommender.errors import DamagedSnapshot, NotReady
from recommender.snapshot import Snapshot, files
from storage.erasures import Erasures
from storage.store import Store


def examine(store: Store, folder: Path) -> Snapshot:
    """Load the snapshot below `folder` if it may be used; nothing on disk changes.

    Raises `DamagedSnapshot` where it is damaged, or was learned from another database or from a later state
    of this one, which a backup has been put back over; `NotReady` where there is none to use.
    """
    found = files.load(folder)
    if found.database != store.identity():
        raise DamagedSnapshot(
            "The snapshot {} was learned from another database.",
            folder / found.version,
            version=found.version,
        )
    if found.erasures != Erasures(store.db).count():
        raise NotReady("Somebody asked to be forgotten after this snapshot was made.")
    if found.cursor > store.log.newest_ever():
        raise DamagedSnapshot(
            "The snapshot {} knows more than the database: an older copy of the database was put back.",
            folder / found.version,
            version=found.version,
        )
    return found


def load(database: Path, folder: Path) -> Snapshot:
    """Do the same for the database at `database`, and set aside what will never be usable.

    Raises `NotReady` where something has to be learned anew.
    """
    with Store.open(database, readonly=True) as store:
        try:
            return examine(store, folder)
        except DamagedSnapshot as damage:
            files.set_aside(folder, damage.version, str(damage))
            raise
