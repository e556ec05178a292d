"""Names that mean the same in every copy of the facts, where database ids do not.

An artist is known by its name, a track by artist and title, as the catalogue tells them apart.  Users and
communities are known by keyed hashes of their identities on the platforms: who has no key learns nothing.
"""

import hashlib
import hmac
from collections.abc import Iterator

from sqlite_utils import Database

Names = dict[int, list[str]]
"""Keyed hashes by database id."""


class SharedNames:
    """Verbs on what several databases call the same."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def artists(self) -> Iterator[tuple[int, str, bool]]:
        """Stream (id, name, whether a catalogue has it) of all visible artists, ascending."""
        rows = self.db.execute("SELECT id, name, listed FROM artists WHERE hidden = 0 ORDER BY id")
        return ((ident, name, bool(listed)) for ident, name, listed in rows)

    def tracks(self) -> Iterator[tuple[int, int, str, bool]]:
        """Stream (id, artist id, title, whether a catalogue has it) of all visible tracks, ascending."""
        rows = self.db.execute("SELECT id, artist_id, title, listed FROM tracks WHERE hidden = 0 ORDER BY id")
        return ((ident, artist, title, bool(listed)) for ident, artist, title, listed in rows)

    def users(self, key: bytes) -> Names:
        """Return the hashes of all users' accounts."""
        return self._hashed(key, "SELECT user_id, platform, external_id FROM accounts ORDER BY id")

    def communities(self, key: bytes) -> Names:
        """Return the hashes of all communities."""
        return self._hashed(key, "SELECT id, platform, external_id FROM communities ORDER BY id")

    def _hashed(self, key: bytes, query: str) -> Names:
        found: Names = {}
        for ident, platform, external_id in self.db.execute(query):
            name = hmac.digest(key, f"{platform}:{external_id}".encode(), hashlib.sha256)[:16].hex()
            found.setdefault(ident, []).append(name)
        return found
