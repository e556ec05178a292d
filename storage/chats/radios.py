"""Radios: one user's endless lists of one song each, stored so that they survive a restart.

Every song is a slate of its own, so that impressions, propensities and reactions are logged as those of any
list.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.records import Slate, Subject

_RADIO = "SELECT id, user_id, community_id, query, started_at, ended_at FROM radios"


@dataclass(frozen=True, slots=True)
class Radio:
    """One user's radio."""

    id: int
    user_id: int
    community_id: int | None
    query: dict[str, Any]  # what was asked for
    started_at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class RadioSong:
    """One song of a radio."""

    slate_id: int
    subject: Subject


class Radios:
    """Verbs on radios, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def start(
        self, user_id: int, community_id: int | None, query: dict[str, Any], *, key: str, now: int
    ) -> int:
        """Open a radio and end the user's others; return its id.  The same `key` twice opens one."""
        known = self.db.execute("SELECT id FROM radios WHERE key = ?", (key,)).fetchone()
        if known is not None:
            return int(known[0])
        self.db.execute(
            "UPDATE radios SET ended_at = ? WHERE user_id = ? AND ended_at IS NULL", (now, user_id)
        )
        made = self.db.execute(
            "INSERT INTO radios (key, user_id, community_id, query, started_at) VALUES (?, ?, ?, ?, ?)",
            (key, user_id, community_id, json.dumps(query, ensure_ascii=False), now),
        )
        return int(made.lastrowid or 0)

    def get(self, radio_id: int) -> Radio | None:
        """Return a radio, None if the id is unknown."""
        row = self.db.execute(f"{_RADIO} WHERE id = ?", (radio_id,)).fetchone()
        return None if row is None else _radio(row)

    def of_slate(self, slate_id: int) -> Radio | None:
        """Return the radio that a slate belongs to, None if it belongs to none."""
        row = self.db.execute(
            f"{_RADIO} WHERE id = (SELECT radio_id FROM radio_slates WHERE slate_id = ?)", (slate_id,)
        ).fetchone()
        return None if row is None else _radio(row)

    def running(self, user_id: int) -> Radio | None:
        """Return the user's running radio, None if there is none."""
        row = self.db.execute(
            f"{_RADIO} WHERE user_id = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1", (user_id,)
        ).fetchone()
        return None if row is None else _radio(row)

    def add(self, radio_id: int, slate: Slate) -> None:
        """Add a stored slate of one song to a radio."""
        self.db.execute("INSERT INTO radio_slates (slate_id, radio_id) VALUES (?, ?)", (slate.id, radio_id))

    def songs(self, radio_id: int) -> list[RadioSong]:
        """Return the songs of a radio, in order."""
        rows = self.db.execute(
            "SELECT radio_slates.slate_id, artist_id, track_id FROM radio_slates"
            " JOIN impressions ON impressions.slate_id = radio_slates.slate_id"
            " WHERE radio_id = ? ORDER BY radio_slates.slate_id",
            (radio_id,),
        )
        return [RadioSong(slate_id, Subject(artist_id, track_id)) for slate_id, artist_id, track_id in rows]

    def end(self, radio_id: int, *, now: int) -> None:
        """End a radio; the first end stays."""
        self.db.execute("UPDATE radios SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (now, radio_id))


def _radio(row: tuple[Any, ...]) -> Radio:
    ident, user_id, community_id, query, started_at, ended_at = row
    return Radio(ident, user_id, community_id, json.loads(query), started_at, ended_at)
