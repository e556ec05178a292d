"""Data from external services: cached answers, covers, and requests still to make."""

import json
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

_KEEP_COVER = """
    INSERT INTO covers VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET url = excluded.url, service = excluded.service, expires_at = excluded.expires_at
"""
_COVERS = """
    SELECT track_id, url FROM covers WHERE expires_at > ? AND track_id IN (SELECT value FROM json_each(?))
"""
_ADD = "INSERT INTO errands (service, track_id, next_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_CLAIM = """
    UPDATE errands SET next_at = :until, tries = tries + 1 WHERE service = :service AND track_id = (
        SELECT track_id FROM errands WHERE service = :service AND next_at <= :now ORDER BY next_at LIMIT 1)
    RETURNING track_id
"""
# Only the newest events are searched: reading millions of events for one track is too slow.
_UNASKED = """
    SELECT DISTINCT track_id FROM (
        SELECT track_id FROM (SELECT track_id FROM impressions ORDER BY id DESC LIMIT :newest)
        UNION ALL SELECT track_id FROM (SELECT track_id FROM events ORDER BY id DESC LIMIT :newest)
    ) AS heard WHERE track_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM errands WHERE errands.service = :service AND errands.track_id = heard.track_id)
    AND (:needs = '' OR EXISTS (
        SELECT 1 FROM track_ids AS ids WHERE ids.track_id = heard.track_id AND ids.scheme = :needs)) LIMIT :n
"""
_NEWEST = 5_000


class Outside:
    """Verbs on data from external services, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def answer(self, service: str, question: str, *, now: int) -> Any:  # noqa: ANN401 - JSON
        """Return the cached answer of a service, None if there is none or it has expired."""
        row = self.db.execute(
            "SELECT body FROM answers WHERE service = ? AND question = ? AND expires_at > ?",
            (service, question, now),
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def keep_answer(self, service: str, question: str, body: object, *, now: int, seconds: int) -> None:
        """Store an answer for some seconds; delete expired answers."""
        self.db.execute("DELETE FROM answers WHERE expires_at <= ?", (now,))
        self.db.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body,"
            " expires_at = excluded.expires_at",
            (service, question, json.dumps(body, ensure_ascii=False), now + seconds),
        )

    def keep_cover(self, track_id: int, url: str, service: str, *, expires_at: int) -> None:
        """Store the address of a track's cover; the newest wins."""
        self.db.execute(_KEEP_COVER, (track_id, url, service, expires_at))

    def covers(self, track_ids: Iterable[int], *, now: int) -> dict[int, str]:
        """Return the addresses of unexpired covers, by track; tracks without one are left out."""
        return dict(self.db.execute(_COVERS, (now, json.dumps(list(track_ids)))).fetchall())

    def expire(self, *, now: int) -> None:
        """Delete everything that has expired."""
        for table in ("answers", "covers"):
            self.db.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now,))

    def add_errands(self, service: str, track_ids: Iterable[int], *, at: int) -> None:
        """Queue tracks to ask a service about; tracks that were queued before are left out."""
        self.db.conn.executemany(_ADD, [(service, track_id, at) for track_id in track_ids])

    def unasked(self, service: str, n: int, *, needs: str = "") -> list[int]:
        """Return tracks that users played or were shown lately and that a service was never asked about.

        With `needs`, only tracks that have an id in that scheme.
        """
        values = {"service": service, "newest": _NEWEST, "n": n, "needs": needs}
        rows = self.db.execute(_UNASKED, values)
        return [int(track_id) for (track_id,) in rows]

    def claim_errand(self, service: str, *, now: int, until: int) -> int | None:
        """Return the next track to ask about, reserved for the caller until `until`; None if none is due."""
        row = self.db.execute(_CLAIM, {"service": service, "now": now, "until": until}).fetchone()
        return None if row is None else int(row[0])

    def set_errand(self, service: str, track_id: int, *, at: int) -> None:
        """Set when to ask about a track again."""
        self.db.execute(
            "UPDATE errands SET next_at = ? WHERE service = ? AND track_id = ?", (at, service, track_id)
        )
