"""Erasing a user for good, and telling every cache of user data that it happened."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable

from sqlite_utils import Database

from storage.sharing.outbox import Outbox
from storage.users.music_removal import Brought

ADDITIONS = """
CREATE TABLE additions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE
);
CREATE INDEX additions_user ON additions (user_id);
CREATE INDEX additions_artist ON additions (artist_id);
CREATE INDEX additions_track ON additions (track_id);
ALTER TABLE deliveries ADD COLUMN sender TEXT;
CREATE TRIGGER settings_of_users BEFORE INSERT ON settings
    WHEN NEW.scope = 'user' AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.scope_id)
    BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END
"""
"""Tables that only /forget needs: the users who added items by hand, and the senders of deliveries."""

ERASED = """
CREATE TABLE erased_users (
    user_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, created_at)
) WITHOUT ROWID
"""
"""Numbers of erased users, so that restoring a backup erases them again; see `storage.backups.erased`."""

_NAMELESS = "…"  # replaces the name of a session that had a user's name; fits any language
_COUNT = "erasures"  # an app setting
_NOTE = """
    INSERT INTO settings (scope, scope_id, name, value) VALUES ('app', 0, ?, '1')
    ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1
"""
# The user, and the empty users merged into it through /link, over any number of links.
_USERS = """
    WITH RECURSIVE joined (id) AS (SELECT :user
    UNION SELECT guest_id FROM links JOIN joined ON host_id = joined.id WHERE parted_at IS NULL)
    SELECT json_group_array(id) FROM joined
"""
_WRITE_DOWN = """
    INSERT INTO erased_users SELECT id, created_at FROM users
    WHERE id IN (SELECT value FROM json_each(:users)) ON CONFLICT DO NOTHING
"""
_MINE = "user_id IN (SELECT value FROM json_each(:users))"
_ACCOUNTS = f"SELECT platform, external_id, name FROM accounts WHERE {_MINE}"
# (table, condition) in order of erasure; foreign keys erase the rest.
_TRACES = (
    ("events", _MINE),
    ("kept_clips", f"slate_id IN (SELECT id FROM slates WHERE {_MINE})"),
    ("impressions", f"slate_id IN (SELECT id FROM slates WHERE {_MINE})"),
    ("slates", _MINE),
    ("taggings", _MINE),
    ("friends", f"{_MINE} OR friend_id IN (SELECT value FROM json_each(:users))"),
    ("memberships", _MINE),
    ("connections", _MINE),
    ("uploads", f"account_id IN (SELECT id FROM accounts WHERE {_MINE})"),
    ("api_tokens", f"account_id IN (SELECT id FROM accounts WHERE {_MINE})"),
    ("accounts", _MINE),
    ("settings", "scope = 'user' AND scope_id IN (SELECT value FROM json_each(:users))"),
    ("users", "id = :user"),
)
_PLACES = f"SELECT json_group_array(community_id) FROM memberships WHERE {_MINE}"
# A community without members that no event names: the id of a private chat is its user's own id.
_IS_ABANDONED = """
    SELECT id FROM communities WHERE id IN (SELECT value FROM json_each(:places))
    AND NOT EXISTS (SELECT 1 FROM memberships WHERE community_id = communities.id)
    AND NOT EXISTS (SELECT 1 FROM events WHERE community_id = communities.id)
    AND NOT EXISTS (SELECT 1 FROM slates WHERE community_id = communities.id)
"""
# Under which ids a place was known before it moved.
_EARLIER_IDS = """
    scope = 'app' AND name LIKE 'moved:%' AND EXISTS (
        SELECT 1 FROM communities WHERE external_id = settings.value
        AND settings.name LIKE 'moved:' || platform || ':%' AND id IN ({}))
"""
_ABANDONED = (
    ("settings", _EARLIER_IDS.format(_IS_ABANDONED)),
    ("settings", f"scope = 'community' AND scope_id IN ({_IS_ABANDONED})"),
    ("communities", f"id IN ({_IS_ABANDONED})"),
)
_UNUSED_TAGS = """
    DELETE FROM tags WHERE id IN (SELECT value FROM json_each(:tags))
    AND NOT EXISTS (SELECT 1 FROM taggings WHERE tag_id = tags.id)
    AND NOT EXISTS (SELECT 1 FROM artist_tags WHERE tag_id = tags.id)
    AND NOT EXISTS (SELECT 1 FROM track_tags WHERE tag_id = tags.id)
"""


class Erasures:
    """Verbs on erasures, over one connection; all but `count` belong to the writer.

    Erasures are counted.  A cache of stored data (a snapshot, ids of names) keeps the count with it, and
    reloads when the database's count is higher.  User ids are never used again.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    def count(self) -> int:
        """Return the number of erasures in this database so far."""
        row = self.db.conn.execute(
            "SELECT value FROM settings WHERE scope = 'app' AND scope_id = 0 AND name = ?", (_COUNT,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def note(self) -> None:
        """Count an erasure: models learned before it are not used again."""
        self.db.execute(_NOTE, (_COUNT,))

    def forget(self, user_id: int, *, now: int | None = None) -> dict[str, int]:
        """Erase a user everywhere; return the number of erased rows per table, without zeros.

        The users merged into this one are erased too, and so are communities left without members, with their
        settings, and the tracks, artists and tags that no other user brought.  Other users' reactions to this
        user's slates stay and lose the link to the slate.  Other machines are told to do the same as of
        `now`, in seconds since 1970.
        """
        with self.db.atomic():
            users = self.db.execute(_USERS, {"user": user_id}).fetchone()[0]
            accounts = self.db.execute(_ACCOUNTS, {"users": users}).fetchall()
            places = self.db.execute(_PLACES, {"users": users}).fetchone()[0]
            brought = Brought.by(self.db, users)
            self._blank_sessions(users, [name for *_, name in accounts])
            for platform, external_id, _ in accounts:
                self._drop_deliveries(platform, external_id)
            tags = self.db.execute(
                f"SELECT json_group_array(DISTINCT tag_id) FROM taggings WHERE {_MINE}", {"users": users}
            ).fetchone()[0]
            self.db.execute(_WRITE_DOWN, {"users": users})
            Outbox(self.db).leave(users, at=int(time.time()) if now is None else now)
            gone = Counter({table: self._erase(table, where, user_id, users) for table, where in _TRACES})
            self.db.execute("DELETE FROM users WHERE id IN (SELECT value FROM json_each(?))", (users,))
            for table, where in _ABANDONED:
                gone[table] += self._delete(table, where, {"places": places})
            gone.update(brought.remove())
            self.db.execute(_UNUSED_TAGS, {"tags": tags})
            self.db.execute("DELETE FROM answers")  # they expire soon anyway, and some name erased tracks
            self.note()
        return {table: count for table, count in gone.items() if count}

    def _erase(self, table: str, where: str, user_id: int, users: str) -> int:
        values = {"user": user_id} if ":users" not in where else {"users": users}
        return self._delete(table, where, values)

    def _delete(self, table: str, where: str, values: dict[str, int] | dict[str, str]) -> int:
        # Counted beforehand: the row count of a DELETE leaves out the rows that foreign keys remove.
        count = self.db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0]
        self.db.execute(f"DELETE FROM {table} WHERE {where}", values)
        return int(count)

    def _blank_sessions(self, users: str, names: Iterable[str]) -> None:
        """Remove the names of sessions that the user opened or that contain the user's name."""
        said = "|".join(re.escape(name.casefold()) for name in names if name)
        called = re.compile(rf"(?<!\w)({said})(?!\w)") if said else None
        rows = self.db.execute(f"SELECT id FROM sessions WHERE {_MINE}", {"users": users})
        hosted = {row for (row,) in rows}
        if called is not None:
            rows = self.db.execute("SELECT id, name FROM sessions")
            hosted |= {row for row, name in rows.fetchall() if called.search(name.casefold())}
        self.db.execute(
            "UPDATE sessions SET name = ?, key = 'erased:' || id"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (_NAMELESS, json.dumps(sorted(hosted))),
        )

        # A key names the message that made a row, and with it a chat.
        self.db.execute(f"UPDATE session_songs SET key = 'erased:' || id WHERE {_MINE}", {"users": users})

    def _drop_deliveries(self, platform: str, external_id: str) -> None:
        self.db.execute(
            "UPDATE deliveries SET body = NULL, sender = NULL"
            " WHERE sender = ? AND substr(source, 1, length(?) + 1) = ? || ':'",
            (external_id, platform, platform),
        )
