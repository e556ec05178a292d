"""Feature table: the audio features of all tracks of a snapshot, read when the first query needs them."""

from threading import Lock

from recommender.arrays import Floats
from recommender.snapshot import Snapshot
from recommender.training.catalog_arrays import feature_matrix
from storage.store import Store


class KeptFeatures:
    """The table of the newest snapshot that was asked about: reading it takes longer than ranking by it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[str, Floats] | None = None

    def of(self, store: Store, snapshot: Snapshot) -> Floats:
        """Return tracks x `FEATURES`, NaN where unknown; tracks x 0 if no feature is known.

        Several threads may ask: one of them reads.
        """
        with self._lock:
            if self._kept is None or self._kept[0] != snapshot.version:
                table = feature_matrix(store.music.feature_rows(), snapshot.tracks.items)
                table.flags.writeable = False
                self._kept = snapshot.version, table
            return self._kept[1]
