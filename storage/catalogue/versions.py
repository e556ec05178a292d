"""Decisions on which tracks are versions of one work: from shared ids, or by an operator."""

from collections.abc import Iterator

from sqlite_utils import Database

from storage.records import TitleRow, VersionDecision

VERSIONS = """
CREATE TABLE version_decisions (
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    rule TEXT NOT NULL,
    same INTEGER NOT NULL,
    PRIMARY KEY (track_id, other_id),
    CHECK (track_id < other_id)
) WITHOUT ROWID;
CREATE INDEX version_decisions_other ON version_decisions (other_id)
"""
_DECIDE = """
    INSERT INTO version_decisions VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET rule = excluded.rule, same = excluded.same
    WHERE excluded.rule = 'operator' OR rule <> 'operator'
"""


class Versions:
    """Verbs on versions of works, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def decide(self, one: int, other: int, rule: str, *, same: bool) -> None:
        """Store whether two tracks are one work; an operator's decision overrides ids."""
        self.db.conn.execute(_DECIDE, (min(one, other), max(one, other), rule, int(same)))

    def decisions(self) -> list[VersionDecision]:
        """Return all decisions."""
        rows = self.db.execute("SELECT track_id, other_id, rule, same FROM version_decisions ORDER BY 1, 2")
        return [VersionDecision(one, other, rule, bool(same)) for one, other, rule, same in rows]

    def titles(self) -> Iterator[TitleRow]:
        """Stream every visible track, by ascending id."""
        return map(
            TitleRow._make,
            self.db.execute(
                "SELECT id, artist_id, title, key, duration_ms FROM tracks WHERE hidden = 0 ORDER BY id"
            ),
        )
