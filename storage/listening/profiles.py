"""Kept profiles: what each user's standing events come to, one row per track or artist.

`storage.schema.profile_tables` has the triggers that keep them; the log stays the truth.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from sqlite_utils import Database

from storage.listening.profile_reading import REREAD, differences
from storage.records import ProfileRow

T = TypeVar("T")

_CACHED_USERS = 64
_STATE = """
    SELECT (SELECT revision FROM profile_revisions WHERE user_id = ?),
           (SELECT value FROM settings WHERE scope = 'app' AND scope_id = 0 AND name = 'erasures')
"""
_COLUMNS = """artist_id, track_id, plays, untimed, played, played_at, saved, saved_at, skipped, skipped_at,
    verdict, verdict_at, blocked, listens"""


class ProfileCache:
    """What was made of some users' profiles, until they change; connections may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._erasures: str | None = None
        self._made: OrderedDict[int, tuple[int, Any]] = OrderedDict()

    def find(self, user_id: int, revision: int, erasures: str | None) -> Any | None:  # noqa: ANN401
        """Return what was made of a user's profile at this revision; None if nothing was."""
        with self._lock:
            if erasures != self._erasures:  # erased users must not stay in memory
                self._erasures = erasures
                self._made.clear()
            known = self._made.get(user_id)
            if known is None or known[0] != revision:
                return None
            self._made.move_to_end(user_id)
            return known[1]

    def keep(self, user_id: int, revision: int, made: object) -> None:
        """Keep what was made; forget who has not asked for longest."""
        with self._lock:
            self._made[user_id] = (revision, made)
            while len(self._made) > _CACHED_USERS:
                self._made.popitem(last=False)


class Profiles:
    """Verbs on kept profiles, over one connection: `store.profiles`."""

    def __init__(self, db: Database, cache: ProfileCache | None) -> None:
        """Without a `cache`, as on a connection that writes and may roll back, nothing is kept in memory."""
        self.db = db
        self._cache = cache

    def rows(self, user_id: int) -> list[ProfileRow]:
        """Return a user's profile, by artist and track."""
        found = self.db.conn.execute(
            f"SELECT {_COLUMNS} FROM profiles WHERE user_id = ? ORDER BY artist_id, track_id", (user_id,)
        )
        return list(map(ProfileRow._make, found))

    def made(self, user_id: int, make: Callable[[list[ProfileRow]], T]) -> T:
        """Return what `make` makes of a user's rows; it is made again after the profile has changed."""
        if self._cache is None:
            return make(self.rows(user_id))
        revision, erasures = self.db.conn.execute(_STATE, (user_id,)).fetchone()
        revision = revision or 0
        known: T | None = self._cache.find(user_id, revision, erasures)
        if known is None:
            known = make(self.rows(user_id))
            self._cache.keep(user_id, revision, known)
        return known

    def days(self, user_id: int) -> list[tuple[int, int]]:
        """Return (day since 1970, plays) of each day with timed plays, ascending."""
        return self.db.conn.execute(
            "SELECT day, plays FROM listening_days WHERE user_id = ? ORDER BY day", (user_id,)
        ).fetchall()

    def hours(self, user_id: int) -> dict[int, int]:
        """Return hour of the day (UTC) -> timed plays."""
        return dict(
            self.db.conn.execute("SELECT hour, plays FROM listening_hours WHERE user_id = ?", (user_id,))
        )

    def decades(self, user_id: int, *, likes: bool) -> dict[int, int]:
        """Return first year of a decade -> a user's plays, or likes, of tracks of known years."""
        amount = "verdict = 'like'" if likes else "plays"
        return dict(
            self.db.conn.execute(
                f"SELECT year / 10 * 10, coalesce(sum({amount}), 0) FROM profiles"
                " JOIN tracks ON tracks.id = profiles.track_id WHERE user_id = ? AND year <> 0 GROUP BY 1",
                (user_id,),
            )
        )

    def rebuild(self) -> None:
        """Make all profiles again from the log, inside a transaction."""
        for table, reread in REREAD.items():
            self.db.execute(f"DELETE FROM {table}")
            self.db.execute(f"INSERT INTO {table} {reread}")
        self.db.execute(
            "INSERT INTO profile_revisions SELECT id, 1 FROM users WHERE true"
            " ON CONFLICT DO UPDATE SET revision = revision + 1"
        )

    def reread(self, user_id: int) -> None:
        """Make one user's profile again from the log, inside a transaction."""
        for table, reread in REREAD.items():
            of_user = reread.replace(
                "FROM standing_events", "FROM (SELECT * FROM standing_events WHERE user_id = ?)"
            )
            self.db.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))
            self.db.execute(f"INSERT INTO {table} {of_user}", (user_id,))
        self.db.execute(
            "INSERT INTO profile_revisions VALUES (?, 1) ON CONFLICT DO UPDATE SET revision = revision + 1",
            (user_id,),
        )

    def differences(self) -> int:
        """Return the number of rows that differ from a full reading of the log; 0 in a sound database.

        Sums may differ by rounding, since they were added up in another order.
        """
        return sum(int(self.db.execute(differences(table)).fetchone()[0]) for table in REREAD)
