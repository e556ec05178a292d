"""Connected listening services: the account there and how far its history has been read.

History is read backwards from the moment of connecting (`oldest_at` is the progress, None once all is read);
later plays are read forwards from `newest_at`.
"""

import json
from dataclasses import dataclass

from sqlite_utils import Database

from storage.listening.listens import Listens
from storage.users.erasures import Erasures
from storage.users.music_removal import Brought
from storage.users.people import People

_COLUMNS = """user_id, source, name, platform, external_id, connected_at, newest_at, oldest_at, listens,
    total, looked_closely_at, failures, problem"""
_ADD = f"""
    INSERT INTO connections (user_id, source, name, platform, external_id, connected_at, newest_at, oldest_at,
                             total, next_at)
    VALUES (:user, :source, :name, :platform, :external, :now, :newest, :oldest, :total, :next)
    ON CONFLICT (user_id, source) DO UPDATE SET name = excluded.name, platform = excluded.platform,
        external_id = excluded.external_id, connected_at = excluded.connected_at,
        newest_at = excluded.newest_at, oldest_at = excluded.oldest_at, listens = 0, total = excluded.total,
        looked_closely_at = 0, next_at = excluded.next_at, failures = 0, problem = '', secret = NULL
    RETURNING {_COLUMNS}
"""
_CLAIM = f"""
    UPDATE connections SET next_at = :until WHERE next_at <= :now
    AND source IN (SELECT value FROM json_each(:sources)) RETURNING {_COLUMNS}
"""
_ADVANCE = """
    UPDATE connections SET newest_at = max(newest_at, :newest), oldest_at = :oldest,
        listens = listens + :listens, next_at = :next, failures = 0, problem = ''
    WHERE user_id = :user AND source = :source AND name = :name
"""

# If both of two linked users had this connection, one row stayed with the empty guest.
_REMOVE = """
    DELETE FROM connections WHERE source = :source AND (user_id = :user OR EXISTS (
        SELECT 1 FROM accounts WHERE accounts.user_id = :user
        AND accounts.platform = connections.platform AND accounts.external_id = connections.external_id))
"""
_IS_EMPTY = """
    SELECT NOT EXISTS (SELECT 1 FROM events WHERE user_id = :user)
    AND NOT EXISTS (SELECT 1 FROM memberships WHERE user_id = :user)
"""


@dataclass(frozen=True, slots=True)
class Connection:
    """A user's connection to a service, without its tokens; times are seconds since 1970."""

    user_id: int
    source: str  # "lastfm", "listenbrainz", "spotify"
    name: str  # the user's name there
    platform: str  # platform of the account that connected
    external_id: str
    connected_at: int
    newest_at: int  # all listens up to here are stored ...
    oldest_at: int | None  # ... except those before this, while the history is being read
    listens: int  # number stored so far
    total: int  # total that the service reported when the user connected
    looked_closely_at: int  # last read of slow-changing data: loved tracks, tags
    failures: int  # number in a row
    problem: str  # a sentence and its values as JSON, "" if there is none


class Connections:
    """Verbs on connections, over one connection to the database; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, connection: Connection, *, next_at: int) -> Connection:
        """Store a connection; it replaces an older one to the same service."""
        values = {
            "user": connection.user_id,
            "source": connection.source,
            "name": connection.name,
            "platform": connection.platform,
            "external": connection.external_id,
            "now": connection.connected_at,
            "newest": connection.newest_at,
            "oldest": connection.oldest_at,
            "total": connection.total,
            "next": next_at,
        }
        return Connection(*self.db.execute(_ADD, values).fetchone())

    def find(self, user_id: int, source: str) -> Connection | None:
        """Return a user's connection to a service, None if there is none."""
        row = self.db.execute(
            f"SELECT {_COLUMNS} FROM connections WHERE user_id = ? AND source = ?", (user_id, source)
        ).fetchone()
        return None if row is None else Connection(*row)

    def of(self, user_id: int) -> list[Connection]:
        """Return all connections of a user."""
        rows = self.db.execute(
            f"SELECT {_COLUMNS} FROM connections WHERE user_id = ? ORDER BY source", (user_id,)
        )
        return [Connection(*row) for row in rows]

    def claim(self, sources: str, *, now: int, until: int) -> list[Connection]:
        """Return the due connections to `sources` (a JSON list), reserved for the caller until `until`."""
        rows = self.db.execute(_CLAIM, {"sources": sources, "now": now, "until": until}).fetchall()
        return [Connection(*row) for row in rows]

    def advance(
        self, found: Connection, *, newest: int, oldest: int | None, listens: int, next_at: int
    ) -> bool:
        """Store how far a service has been read; return False if it was disconnected meanwhile."""
        values = {
            "user": found.user_id,
            "source": found.source,
            "name": found.name,
            "newest": newest,
            "oldest": oldest,
            "listens": listens,
            "next": next_at,
        }
        return self.db.execute(_ADVANCE, values).rowcount == 1

    def stumble(self, found: Connection, problem: str, *, next_at: int) -> None:
        """Store why a service could not be read, and when to try again."""
        self.db.execute(
            "UPDATE connections SET failures = failures + 1, problem = ?, next_at = ?"
            " WHERE user_id = ? AND source = ?",
            (problem, next_at, found.user_id, found.source),
        )

    def look_again(self, found: Connection, *, at: int) -> None:
        """Set when a connection is due next."""
        self.db.execute(
            "UPDATE connections SET next_at = ? WHERE user_id = ? AND source = ?",
            (at, found.user_id, found.source),
        )

    def looked_closely(self, found: Connection, *, now: int) -> None:
        """Store the time of the last read of slow-changing data."""
        self.db.execute(
            "UPDATE connections SET looked_closely_at = ? WHERE user_id = ? AND source = ?",
            (now, found.user_id, found.source),
        )

    def opinions(self, found: Connection) -> dict[str, int]:
        """Return the standing likes and dislikes that came through a connection, key -> event id."""
        rows = self.db.execute(
            "SELECT key, id FROM said_events WHERE user_id = ? AND source = ?"
            " AND kind IN ('like', 'dislike')",
            (found.user_id, found.source),
        )
        return dict(rows.fetchall())

    def secret(self, user_id: int, source: str) -> bytes | None:
        """Return the encrypted tokens of a connection, None if it has none."""
        row = self.db.execute(
            "SELECT secret FROM connections WHERE user_id = ? AND source = ?", (user_id, source)
        ).fetchone()
        return None if row is None else row[0]

    def set_secret(self, user_id: int, source: str, secret: bytes) -> bool:
        """Store the encrypted tokens of a connection; return False if the connection no longer exists."""
        changed = self.db.execute(
            "UPDATE connections SET secret = ? WHERE user_id = ? AND source = ?", (secret, user_id, source)
        )
        return changed.rowcount == 1

    def sign_out(self, user_id: int, source: str, problem: str) -> None:
        """Delete the revoked tokens of a connection, and store why."""
        self.db.execute(
            "UPDATE connections SET secret = NULL, problem = ? WHERE user_id = ? AND source = ?",
            (problem, user_id, source),
        )

    def remove(self, user_id: int, source: str) -> dict[str, int]:
        """Erase a connection and everything that came through it; return the number of rows per table.

        A listen that another source tells of as well stays, as that source's.  Songs and artists that only
        this user brought, and of which the user says nothing else, go.
        """
        brought = Brought.by(self.db, json.dumps([user_id]))
        gone = self.db.execute(_REMOVE, {"user": user_id, "source": source})
        erased = {"connections": gone.rowcount, "events": Listens(self.db).erase(user_id, source)}
        if source == "lastfm":  # the only live source of user tags
            erased["taggings"] = self.db.execute(
                "DELETE FROM taggings WHERE user_id = ?", (user_id,)
            ).rowcount
        if any(brought.remove().values()):
            Erasures(self.db).note()
        return erased

    def remove_late(self, gone: Connection) -> None:
        """Erase data that arrived after another process erased a connection.

        If the user was erased too, the importer has created that account's user again: it is erased as well.
        """
        people = People(self.db)
        user_id = people.find(gone.platform, gone.external_id)
        if user_id is None:
            return
        self.remove(user_id, gone.source)
        if user_id != gone.user_id and self.db.execute(_IS_EMPTY, {"user": user_id}).fetchone()[0]:
            people.forget(user_id)
