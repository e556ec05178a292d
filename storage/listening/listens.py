"""Imported listens: a listen that two sources report is stored once, with both sources.

Two listens are the same if they have the same user and track and start within `SAME_SECONDS`: clocks differ,
and several exports give times to the minute (their readers return its middle).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlite_utils import Database

from storage.records import Kind

SAME_SECONDS = 30

# The parameters are the fields of a Listen in order, then the time of the import: numbers bind faster than
# names.
_SAME = f"""
    FROM events WHERE user_id = ?2 AND at >= ?6 - {SAME_SECONDS} AND at <= ?6 + {SAME_SECONDS}
    AND artist_id = ?3 AND track_id IS ?4 AND kind = ?5
"""
_APPEND = f"""
    INSERT INTO events (key, user_id, artist_id, track_id, kind, at, plays, ms_played, source, recorded_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE NOT EXISTS (SELECT 1 {_SAME}) ON CONFLICT (key) DO NOTHING
"""
# A verdict from a chat outranks an import: an import never overwrites it.
_APPEND_VERDICT = """
    INSERT INTO events (key, user_id, artist_id, track_id, kind, at, plays, ms_played, source, recorded_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE NOT EXISTS (SELECT 1 FROM events WHERE user_id = ?2 AND artist_id = ?3 AND track_id IS ?4
                      AND kind NOT IN ('play', 'undo') AND kind IN ('like', 'dislike'))
    ON CONFLICT (key) DO NOTHING
"""
# Every export of a library repeats its tracks, and several libraries have the same track.
_APPEND_SAVE = """
    INSERT INTO events (key, user_id, artist_id, track_id, kind, at, plays, ms_played, source, recorded_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE NOT EXISTS (SELECT 1 FROM events WHERE user_id = ?2 AND artist_id = ?3 AND track_id IS ?4
                      AND kind NOT IN ('play', 'undo') AND kind = 'save')
    ON CONFLICT (key) DO NOTHING
"""
_ALSO_FROM = f"""
    INSERT INTO event_sources (event_id, source) SELECT id, ?9 {_SAME} AND source <> ?9 LIMIT 1
    ON CONFLICT DO NOTHING
"""
_TOLD_BEFORE = "SELECT coalesce(sum(plays), 0) FROM events WHERE key >= :key AND key < :key || ';'"
_ONCE = {Kind.LIKE: _APPEND_VERDICT, Kind.DISLIKE: _APPEND_VERDICT, Kind.SAVE: _APPEND_SAVE}
_MINE = "(SELECT id FROM events WHERE user_id = :user)"
_HAND_OVER = """
    UPDATE events SET source = (SELECT min(source) FROM event_sources WHERE event_id = events.id)
    WHERE user_id = :user AND source = :source AND id IN (SELECT event_id FROM event_sources)
"""
_SETTLE = f"""
    DELETE FROM event_sources WHERE event_id IN {_MINE}
    AND (source = :source OR source = (SELECT source FROM events WHERE id = event_id))
"""
# Linking two accounts undoes duplicate listens (storage/users/linking.py): if the twin is erased, the other
# counts again.
_COUNT_AGAIN = f"""
    DELETE FROM events WHERE user_id = :user AND kind = 'undo' AND key >= 'link:' AND key < 'link;'
    AND NOT EXISTS (
        SELECT 1 FROM events AS taken_back JOIN said_events AS twin ON twin.user_id = taken_back.user_id
        AND twin.at >= taken_back.at - {SAME_SECONDS} AND twin.at <= taken_back.at + {SAME_SECONDS}
        AND twin.artist_id = taken_back.artist_id AND twin.track_id IS taken_back.track_id
        AND twin.kind = 'play' WHERE taken_back.id = events.undoes)
"""


class Listen(NamedTuple):
    """An imported listen (PLAY), quick skip (SKIP), verdict (LIKE, DISLIKE) or saved track (SAVE)."""

    key: str
    user_id: int
    artist_id: int
    track_id: int | None
    kind: Kind
    at: int | None  # start of the play; None for a total
    plays: int | None
    ms_played: int | None
    source: str


class Listens:
    """Verbs on imported listens, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, listens: Sequence[Listen], *, now: int) -> int:
        """Store the new listens among `listens`, in order; return their number.

        A listen is known by its key, or by another listen within `SAME_SECONDS` from any source; a verdict or
        a saved track is known by its subject.
        """
        heard = [(*listen, now) for listen in listens if listen.kind not in _ONCE]
        cursor = self.db.conn.cursor()
        new = max(cursor.executemany(_APPEND, heard).rowcount, 0) if heard else 0
        if new < len(heard):
            cursor.executemany(_ALSO_FROM, [row[:-1] for row in heard])
        for statement in dict.fromkeys(_ONCE.values()):
            said = [(*listen, now) for listen in listens if _ONCE.get(listen.kind) == statement]
            new += max(cursor.executemany(statement, said).rowcount, 0) if said else 0
        return new

    def add_total(self, total: Listen, *, now: int) -> bool:
        """Store a total of plays; return whether it is higher than the stored total.

        `total.key` identifies the total without its count.  A later export has a higher count: the log stores
        the difference, so its plays add up to the highest count reported.
        """
        before = int(self.db.execute(_TOLD_BEFORE, {"key": f"{total.key}:"}).fetchone()[0])
        count = total.plays or 0
        if count <= before:
            return False
        more = total._replace(key=f"{total.key}:{count}", plays=count - before)
        return self.add([more], now=now) > 0

    def sources(self, user_id: int) -> dict[str, tuple[int, int | None]]:
        """Return source -> (events, time of the newest listen) of a user's imports, sorted by name."""
        rows = self.db.execute(
            "SELECT source, count(*), max(at) FROM ("
            " SELECT source, at FROM events WHERE user_id = :user AND kind <> 'undo'"
            " UNION ALL SELECT also.source, at FROM events JOIN event_sources AS also ON event_id = events.id"
            " WHERE user_id = :user) GROUP BY source ORDER BY source",
            {"user": user_id},
        )
        return {source: (count, newest) for source, count, newest in rows}

    def dated(self, user_id: int, since: int | None = None) -> Iterator[tuple[int, int, int, int, int]]:
        """Stream a user's standing plays that have a time, all or those from `since` on.

        A row is artist_id, track_id (-1: unknown), at, ms_played, plays.  If an import cannot tell several
        plays apart, they are one row.
        """
        later, bound = ("AND at >= ?", (user_id, since)) if since is not None else ("", (user_id,))
        return self.db.execute(
            "SELECT artist_id, coalesce(track_id, -1), at, coalesce(ms_played, 0), coalesce(plays, 1)"
            " FROM standing_events"
            f" WHERE user_id = ? AND kind = 'play' AND at IS NOT NULL {later}",
            bound,
        )

    def latest(self, most: int) -> Iterator[tuple[int, int, int, int]]:
        """Stream the standing plays of all users that have a time, at most the `most` stored last.

        A row is user_id, artist_id, track_id (-1: unknown), at.
        """
        return self.db.execute(
            "SELECT user_id, artist_id, coalesce(track_id, -1), at FROM standing_events"
            " WHERE kind = 'play' AND at IS NOT NULL ORDER BY id DESC LIMIT ?",
            (most,),
        )

    def erase(self, user_id: int, source: str) -> int:
        """Erase a user's events from one source; return their number.

        A listen that another source also reports stays under that source.
        """
        names = {"user": user_id, "source": source}
        with self.db.atomic():
            self.db.execute(_HAND_OVER, names)
            self.db.execute(_SETTLE, names)
            gone = "FROM events WHERE user_id = :user AND source = :source AND kind <> 'undo'"
            count = self.db.execute(f"SELECT count(*) {gone}", names).fetchone()[0]
            self.db.execute(f"DELETE {gone}", names)
            self.db.execute(_COUNT_AGAIN, {"user": user_id})
        return int(count)
