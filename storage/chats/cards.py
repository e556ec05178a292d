"""Messages that show slates, reactions to a whole slate, and communities that change their id."""

from collections import Counter

from sqlite_utils import Database

from storage.records import Kind

_OF_A_PLACE = (
    "memberships",
    "events",
    "slates",
    "sessions",
    "radios",
    "subscriptions",
    "mailings",
    "told_releases",
)
_MOVED = "moved:{}:{}"
"""The app setting with the new external id of (platform, old external id)."""


def current(db: Database, platform: str, place: str) -> str:
    """Return the current external id of a community or chat; buttons on old messages have the old id."""
    row = db.execute(
        "SELECT value FROM settings WHERE scope = 'app' AND scope_id = 0 AND name = ?",
        (_MOVED.format(platform, place),),
    ).fetchone()
    return place if row is None else str(row[0])


class Cards:
    """Verbs on messages that show slates, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, platform: str, place: str, message: str, slate_id: int) -> None:
        """Store the slate that a message shows: a reaction only names its message."""
        self.db.execute(
            "INSERT INTO cards (platform, place, message, slate_id) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (platform, current(self.db, platform, place), message, slate_id),
        )

    def find(self, platform: str, place: str, message: str) -> int | None:
        """Return the slate that a message shows, None if it shows none."""
        row = self.db.execute(
            "SELECT slate_id FROM cards WHERE platform = ? AND place = ? AND message = ?",
            (platform, current(self.db, platform, place), message),
        ).fetchone()
        return None if row is None else int(row[0])

    def is_in(self, platform: str, place: str, slate_id: int) -> bool:
        """Tell whether a message in that chat shows a slate."""
        found = self.db.execute(
            "SELECT 1 FROM cards WHERE slate_id = ? AND platform = ? AND place = ? LIMIT 1",
            (slate_id, platform, current(self.db, platform, place)),
        )
        return found.fetchone() is not None

    def judge(self, slate_id: int, user_id: int, kind: Kind | None, *, now: int) -> None:
        """Store a user's verdict on a whole slate; None deletes it."""
        if kind is None:
            self.db.execute(
                "DELETE FROM slate_verdicts WHERE slate_id = ? AND user_id = ?", (slate_id, user_id)
            )
            return
        self.db.execute(
            "INSERT INTO slate_verdicts (slate_id, user_id, kind, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET kind = excluded.kind, at = excluded.at",
            (slate_id, user_id, kind.value, now),
        )

    def verdicts(self, slate_id: int) -> Counter[Kind]:
        """Return the number of verdicts on a whole slate, by kind."""
        rows = self.db.execute(
            "SELECT kind, count(*) FROM slate_verdicts WHERE slate_id = ? GROUP BY kind", (slate_id,)
        )
        return Counter({Kind(kind): int(count) for kind, count in rows})

    def move(self, platform: str, old: str, new: str) -> None:
        """Move a community to another external id, with all its data.

        If a message with the new id arrived first, the two communities are merged.
        """
        if old == new:
            return
        self.db.execute(
            "INSERT INTO settings (scope, scope_id, name, value) VALUES ('app', 0, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value",
            (_MOVED.format(platform, old), new),
        )
        names = {"platform": platform, "old": old, "new": new}
        rows = dict(
            self.db.execute(
                "SELECT external_id, id FROM communities WHERE platform = :platform"
                " AND external_id IN (:old, :new)",
                names,
            ).fetchall()
        )
        if old not in rows:
            return
        if new in rows:
            self._merge(rows[new], rows[old])
        self.db.execute("UPDATE communities SET external_id = ? WHERE id = ?", (new, rows[old]))
        # The group itself has an account, for events in its own name.
        for table, column in (("cards", "place"), ("accounts", "external_id")):
            self.db.execute(
                f"UPDATE OR IGNORE {table} SET {column} = :new"
                f" WHERE platform = :platform AND {column} = :old",
                names,
            )

    def _merge(self, source: int, target: int) -> None:
        for table in _OF_A_PLACE:
            self.db.execute(
                f"UPDATE OR IGNORE {table} SET community_id = ? WHERE community_id = ?", (target, source)
            )
        self.db.execute(
            "UPDATE OR IGNORE settings SET scope_id = ? WHERE scope = 'community' AND scope_id = ?",
            (target, source),
        )
        self.db.execute("DELETE FROM settings WHERE scope = 'community' AND scope_id = ?", (source,))
        self.db.execute("DELETE FROM communities WHERE id = ?", (source,))
