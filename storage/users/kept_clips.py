"""Clips whose users want them kept: the vector of what was heard, with the list made from it.

The sound itself is never stored. Triggers keep the promise that a vector stays only while its user says
so, whatever changes the setting: the user, a link of accounts, or another machine.
"""

from sqlite_utils import Database

SETTING, KEEP, FORGET = "clips", "keep", "forget"
"""The setting of a user, and what it can be; without one, clips are forgotten."""

_SAYS = "SELECT value FROM settings WHERE scope = 'user' AND name = 'clips' AND scope_id ="
_UNWANTED = f"""
    DELETE FROM kept_clips WHERE slate_id IN (
        SELECT id FROM slates WHERE user_id IN ({{users}}) AND ({_SAYS} slates.user_id) IS NOT 'keep')
"""
_CHANGES = (
    ("set", "INSERT", "NEW", "NEW.scope_id"),
    ("reset", "UPDATE", "NEW", "OLD.scope_id, NEW.scope_id"),
    ("unset", "DELETE", "OLD", "OLD.scope_id"),
)
KEPT_CLIPS = (
    """CREATE TABLE kept_clips (
        slate_id INTEGER PRIMARY KEY REFERENCES slates ON DELETE CASCADE,
        vector BLOB NOT NULL
    )""",
    *(
        f"""CREATE TRIGGER clips_{name} AFTER {change} ON settings
            WHEN {row}.scope = 'user' AND {row}.name = 'clips' BEGIN {_UNWANTED.format(users=users)}; END"""
        for name, change, row, users in _CHANGES
    ),
    # Of linked accounts one may keep clips and the other forget them: then none are kept.
    f"""CREATE TRIGGER clips_moved AFTER UPDATE OF user_id ON slates
        WHEN ({_SAYS} NEW.user_id) <> 'keep' BEGIN DELETE FROM kept_clips WHERE slate_id = NEW.id; END""",
)
"""Statements of the migration."""

_ADD = f"""
    INSERT INTO kept_clips SELECT id, :vector FROM slates WHERE id = :slate AND ({_SAYS} user_id) = 'keep'
"""
_OF_USER = "FROM kept_clips JOIN slates ON id = slate_id WHERE user_id = ?"


class KeptClips:
    """Verbs on kept clips, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, slate_id: int, vector: bytes) -> bool:
        """Keep the vector that a list was made from, 400 little-endian float16; False without a yes."""
        return self.db.execute(_ADD, {"slate": slate_id, "vector": vector}).rowcount == 1

    def vector(self, user_id: int, slate_id: int) -> bytes | None:
        """Return the vector of one of this user's own lists, None if none was kept."""
        row = self.db.execute(f"SELECT vector {_OF_USER} AND slate_id = ?", (user_id, slate_id)).fetchone()
        return None if row is None else bytes(row[0])

    def count(self, user_id: int) -> int:
        """Return the number of this user's lists with a vector."""
        return int(self.db.execute(f"SELECT count(*) {_OF_USER}", (user_id,)).fetchone()[0])
