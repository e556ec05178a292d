"""Snapshot check: the snapshot on disk must be undamaged and match this database's log."""

from pathlib import Path

from recommender.errors import DamagedSnapshot, NotReady
from recommender.snapshot import Snapshot, files
from storage.store import Store
from storage.users.erasures import Erasures


def examine(store: Store, folder: Path) -> Snapshot:
    """Load the snapshot below `folder` if it is usable; nothing on disk changes.

    Raises `DamagedSnapshot` if it is damaged or was trained on another database, or on a later state of
    this one (after a backup was restored); `NotReady` if there is no snapshot.
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
    """Load the snapshot for the database at `database`, setting aside one that is unusable for good.

    Raises `NotReady` if a training is needed.
    """
    with Store.open(database, readonly=True) as store:
        try:
            return examine(store, folder)
        except DamagedSnapshot as damage:
            files.set_aside(folder, damage.version, str(damage))
            raise
