"""The append-only log of events."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from sqlite_utils import Database

from storage.errors import InvalidFactError
from storage.records import Event, HistoryLine, Kind, Subject
from storage.schema.profile_tables import JUDGED, LATEST

# Fields in order: id, artist_id, track_id, kind, at, recorded_at, plays.
Standing = tuple[int, int, int | None, str, int | None, int, int | None]
# The same fields after the user: user_id, artist_id, track_id, kind, at, recorded_at, plays.
Listening = tuple[int, int, int | None, str, int | None, int, int | None]

_APPEND = """
    INSERT INTO events (key, user_id, community_id, artist_id, track_id, kind, at, recorded_at, plays,
                        ms_played, source, impression_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
"""
# No RETURNING: inside a savepoint SQLite then journals the statement, at six times the cost. A conflict is on
# the key (delivered twice) or on the event (undone before): both need no write.
_UNDO = """
    INSERT INTO events (key, user_id, kind, recorded_at, source, undoes)
    SELECT ?, user_id, 'undo', ?, ?, id FROM events WHERE id = ? AND user_id = ? AND kind <> 'undo'
    ON CONFLICT DO NOTHING
"""
_HISTORY = """
    SELECT e.id, e.kind, e.at, e.recorded_at, e.artist_id, e.track_id, artists.name, tracks.title, e.plays,
           EXISTS (SELECT 1 FROM events AS u WHERE u.undoes = e.id)
    FROM events AS e JOIN artists ON artists.id = e.artist_id LEFT JOIN tracks ON tracks.id = e.track_id
    WHERE e.user_id = :user AND e.kind <> 'undo'
"""
_NAMED = r"(artists.name LIKE :like ESCAPE '\' OR tracks.title LIKE :like ESCAPE '\')"
_VERDICTS = f"""
    {_HISTORY} AND e.id IN (
        SELECT max(id) FROM standing_events WHERE user_id = :user AND kind IN ('like', 'dislike')
        GROUP BY artist_id, track_id)
    ORDER BY e.id DESC
"""
_IN_CHATS = f"""
    {_HISTORY} AND e.source IN (SELECT platform FROM chats)
    AND NOT EXISTS (SELECT 1 FROM events AS u WHERE u.undoes = e.id)
"""
_SAID = frozenset([Kind.LIKE, Kind.DISLIKE, Kind.BLOCK, Kind.UNBLOCK])  # of each pair the latest counts
_LAST_SAID = f"""
    SELECT max(recorded_at) FROM events WHERE user_id = ? AND artist_id = ? AND track_id IS ? AND {JUDGED}
"""


class Log:
    """Verbs on events, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def append(self, event: Event, *, now: int) -> tuple[int, bool]:
        """Store an event; return (its id, whether it is new).

        An event with a known key stores nothing and returns the id of the first.  To take an event back, use
        `undo`.
        """
        if event.subject is None or event.kind is Kind.UNDO:
            raise InvalidFactError("An event needs a song or an artist; take one back with Log.undo.")
        stored = self.db.conn.execute(
            _APPEND,
            (
                event.key,
                event.user_id,
                event.community_id,
                event.subject[0],
                event.subject[1],
                event.kind.value,  # a plain str binds faster
                event.at,
                self._after_what_was_said(event, now) if event.kind in _SAID else now,
                event.plays,
                event.ms_played,
                event.source,
                event.impression_id,
            ),
        )
        if stored.rowcount == 1 and stored.lastrowid is not None:
            return stored.lastrowid, True
        known = self.db.conn.execute("SELECT id FROM events WHERE key = ?", (event.key,)).fetchone()
        return int(known[0]), False

    def _after_what_was_said(self, event: Event, now: int) -> int:
        """Return a time after every judgement of this subject, however its machine's clock was set."""
        last = self.db.conn.execute(_LAST_SAID, (event.user_id, *(event.subject or ()))).fetchone()[0]
        return now if last is None or last < now else int(last) + 1

    def undo(self, event_id: int, *, key: str, user_id: int, source: str, now: int) -> bool:
        """Undo an event of this user; return False if it is unknown, another user's or undone already."""
        return self.db.execute(_UNDO, (key, now, source, event_id, user_id)).rowcount == 1

    def has(self, key: str) -> bool:
        """Tell whether an event with this idempotency key is stored."""
        return self.db.execute("SELECT 1 FROM events WHERE key = ?", (key,)).fetchone() is not None

    def standing(self, user_id: int, kinds: Collection[Kind] = tuple(Kind)) -> list[Standing]:
        """Return the user's events of these kinds that are not undone, oldest first.

        Those that teach nothing are among them: see `storage.schema.exclusion_tables`.
        """
        # Plays may be many: without them, an index has the few others.
        judged, order = ("", "+id") if Kind.PLAY in kinds else (f"{JUDGED} AND", "recorded_at, key")
        return self.db.execute(
            "SELECT id, artist_id, track_id, kind, at, recorded_at, plays FROM said_events"
            f" WHERE user_id = ? AND {judged} kind IN (SELECT value FROM json_each(?)) ORDER BY {order}",
            (user_id, json.dumps(list(kinds))),
        ).fetchall()

    def last_action(self, user_id: int) -> list[HistoryLine]:
        """Return the standing events of the user's newest action in a chat (not an import), in order.

        One message or button press is one action: the keys of its events differ only after their last colon.
        """
        values = {"user": user_id}
        newest = self.db.execute(f"{_IN_CHATS} ORDER BY e.id DESC LIMIT 1", values).fetchone()
        if newest is None:
            return []
        event_id = _history_line(newest).event_id
        key = str(self.db.execute("SELECT key FROM events WHERE id = ?", (event_id,)).fetchone()[0])
        action, colon, _ = key.rpartition(":")
        if not colon:
            return [_history_line(newest)]
        # A semicolon is the next character after the colon.
        same = {**values, "low": f"{action}:", "high": f"{action};"}
        rows = self.db.execute(
            f"{_IN_CHATS} AND e.key >= :low AND e.key < :high ORDER BY e.id", same
        ).fetchall()
        return [_history_line(row) for row in rows]

    def history(self, user_id: int, n: int, before: int | None = None, text: str = "") -> list[HistoryLine]:
        """Return the user's last `n` events before event id `before`, newest first, undone ones included.

        With `text`, only those whose artist or title contains it.
        """
        named = f" AND {_NAMED}" if text else ""
        rows = self.db.execute(
            f"{_HISTORY}{named} AND e.id < :before ORDER BY e.id DESC LIMIT :n",
            {"user": user_id, "before": before or 1 << 62, "n": n, "like": _containing(text)},
        ).fetchall()
        return [_history_line(row) for row in rows]

    def verdicts(self, user_id: int, n: int) -> list[HistoryLine]:
        """Return the user's newest `n` standing likes and dislikes, the latest of each subject."""
        rows = self.db.execute(f"{_VERDICTS} LIMIT :n", {"user": user_id, "n": n}).fetchall()
        return [_history_line(row) for row in rows]

    def verdict(
        self, user_id: int, subject: Subject, kinds: Collection[Kind] = (Kind.LIKE, Kind.DISLIKE)
    ) -> tuple[int, Kind] | None:
        """Return the newest standing event of `kinds` on this very subject as (event id, kind), or None."""
        row = self.db.execute(
            "SELECT id, kind FROM said_events WHERE user_id = ? AND artist_id = ? AND track_id IS ?"
            f" AND {JUDGED} AND kind IN (SELECT value FROM json_each(?)) ORDER BY {LATEST} LIMIT 1",
            (user_id, *subject, json.dumps(list(kinds))),
        ).fetchone()
        return None if row is None else (int(row[0]), Kind(row[1]))

    def said_in(self, user_id: int, community_id: int) -> frozenset[Subject]:
        """Return the subjects of the user's standing likes and plays in this community."""
        rows = self.db.execute(
            "SELECT DISTINCT artist_id, track_id FROM standing_events"
            " WHERE community_id = ? AND user_id = ? AND kind IN ('like', 'play')",
            (community_id, user_id),
        )
        return frozenset(Subject(*row) for row in rows)

    def last_event_id(self) -> int:
        """Return the id of the newest event, 0 if the log is empty."""
        return int(self.db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])

    def newest_ever(self) -> int:
        """Return the highest event id ever given in this database, 0 before the first.

        Erased events count too: only an older copy of the database returns less.
        """
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
        return 0 if row is None else int(row[0])

    def listening(self, *, after: int = 0) -> Iterator[Listening]:
        """Stream all users' standing events with an id greater than `after`, by id.

        An event stands if it is not undone and teaches something: see `storage.schema.exclusion_tables`.
        """
        return self.db.execute(
            "SELECT user_id, artist_id, track_id, kind, at, recorded_at, plays FROM standing_events"
            " WHERE id > ? ORDER BY id",
            (after,),
        )

    def listening_of(self, user_id: int) -> Iterator[Listening]:
        """Stream one user's standing events as `listening` does."""
        return self.db.execute(
            "SELECT user_id, artist_id, track_id, kind, at, recorded_at, plays FROM standing_events"
            " WHERE user_id = ? ORDER BY +id",
            (user_id,),
        )

    def touched_users(self, after: int) -> list[int]:
        """Return the users with an event (undos included) newer than id `after`, ascending.

        Also those who have changed since then what their older events teach.
        """
        # The index on users would be read from end to end, however few events are new.
        rows = self.db.execute(
            "SELECT DISTINCT user_id FROM events NOT INDEXED WHERE id > ?1"
            " UNION SELECT user_id FROM retaught_users WHERE last_event_id >= ?1",
            (after,),
        )
        return sorted(user_id for (user_id,) in rows)

    def counts(self) -> dict[str, int]:
        """Return the number of users, communities, events and slates, by name."""
        tables = ("users", "communities", "events", "slates", "impressions")
        return {table: self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _containing(text: str) -> str:
    """Return the LIKE pattern for names that contain `text`, whatever signs it has."""
    return "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"


def _history_line(row: tuple[Any, ...]) -> HistoryLine:
    event_id, kind, at, recorded_at, artist_id, track_id, artist, title, plays, undone = row
    return HistoryLine(
        event_id=event_id,
        kind=Kind(kind),
        at=at,
        recorded_at=recorded_at,
        subject=Subject(artist_id, track_id),
        artist=artist,
        title=title,
        plays=plays,
        undone=bool(undone),
    )
