"""Listening sessions of several users, stored so that they survive a restart.

A vote is an ordinary event of the log, linked to its session song; once it is undone in the log, it no longer
counts here.
"""

import json
from typing import Any, Literal

from sqlite_utils import Database

from storage.records import Community, Kind, Session, SessionMember, SessionSong, SessionWish, Subject

_SESSION = """
    SELECT id, user_id, community_id, place, name, style, arc, started_at, active_at, paused_at, ended_at,
           card, voice, radio
    FROM sessions
"""
_SONGS = """
    SELECT id, artist_id, track_id, user_id, cause_artist_id, cause_track_id, started_at, skipped_at
    FROM session_songs WHERE session_id = ? ORDER BY id
"""
_SHARES = """
    SELECT song_id, session_shares.user_id, expected, is_for FROM session_shares
    JOIN session_songs ON id = song_id WHERE session_id = ?
"""
# In the order of the log, so that each user's latest vote wins.
_VOTES = """
    SELECT song_id, e.user_id, e.kind FROM session_songs
    JOIN session_votes ON song_id = session_songs.id JOIN said_events AS e ON e.id = event_id
    WHERE session_id = ? ORDER BY e.id
"""
_OPEN_TO = """
    SELECT sessions.id, sessions.name, sessions.place, sessions.active_at, communities.platform,
           communities.external_id, communities.kind, communities.name
    FROM sessions JOIN communities ON communities.id = sessions.community_id
    JOIN memberships ON memberships.community_id = sessions.community_id
    WHERE memberships.user_id = ? AND ended_at IS NULL AND active_at > ? ORDER BY active_at DESC LIMIT 50
"""
_PULSE = """
    SELECT style, arc, user_id, active_at, paused_at, ended_at,
        (SELECT max(id) || '/' || count(started_at) || '/' || count(skipped_at) FROM session_songs
         WHERE session_id = sessions.id),
        (SELECT count(*) || '/' || total(left_at) FROM session_members WHERE session_id = sessions.id),
        (SELECT count(*) FROM session_wishes WHERE session_id = sessions.id),
        (SELECT max(e.id) || '/' || count(*) FROM session_songs
         JOIN session_votes ON song_id = session_songs.id JOIN standing_events AS e ON e.id = event_id
         WHERE session_id = sessions.id)
    FROM sessions WHERE id = ?
"""
_CHANGEABLE = frozenset(
    ["user_id", "style", "arc", "active_at", "paused_at", "ended_at", "card", "voice", "radio"]
)


class Sessions:
    """Verbs on sessions, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def start(
        self, host: int, community_id: int, place: str, name: str, style: str, *, key: str, now: int
    ) -> int:
        """Open a session where none is running; return its id.  The same `key` twice opens one."""
        self.db.execute(
            "INSERT INTO sessions (key, user_id, community_id, place, name, style, started_at, active_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, host, community_id, place, name, style, now, now),
        )
        return int(self.db.execute("SELECT id FROM sessions WHERE key = ?", (key,)).fetchone()[0])

    def is_key(self, session_id: int, key: str) -> bool:
        """Tell whether a session was opened under this key."""
        row = self.db.execute("SELECT 1 FROM sessions WHERE id = ? AND key = ?", (session_id, key))
        return row.fetchone() is not None

    def running(self, community_id: int, place: str) -> Session | None:
        """Return the running session of this channel or topic (`place`), None if there is none."""
        row = self.db.execute(
            f"{_SESSION} WHERE community_id = ? AND place = ? AND ended_at IS NULL", (community_id, place)
        ).fetchone()
        return None if row is None else Session(*row)

    def last(self, community_id: int, place: str) -> Session | None:
        """Return the newest session of this channel or topic (`place`), running or ended, or None."""
        row = self.db.execute(
            f"{_SESSION} WHERE community_id = ? AND place = ? ORDER BY id DESC LIMIT 1", (community_id, place)
        ).fetchone()
        return None if row is None else Session(*row)

    def following(self, community_id: int, voice: str) -> list[int]:
        """Return the running sessions that follow a voice channel."""
        rows = self.db.execute(
            "SELECT id FROM sessions WHERE community_id = ? AND voice = ? AND ended_at IS NULL ORDER BY id",
            (community_id, voice),
        )
        return [session_id for (session_id,) in rows]

    def open_to(self, user_id: int, since: int) -> list[tuple[int, str, str, int, Community]]:
        """Return (id, name, place, last action, community) of running sessions where a user is a member."""
        rows = self.db.execute(_OPEN_TO, (user_id, since)).fetchall()
        return [(*row[:4], Community(*row[4:])) for row in rows]

    def pulse(self, session_id: int) -> str:
        """Return a word that differs whenever what a card shows of a session has changed; "" without one."""
        row = self.db.execute(_PULSE, (session_id,)).fetchone()
        return "" if row is None else "|".join(map(str, row))

    def get(self, session_id: int) -> Session | None:
        """Return a session, running or ended; None if the id is unknown."""
        row = self.db.execute(f"{_SESSION} WHERE id = ?", (session_id,)).fetchone()
        return None if row is None else Session(*row)

    def change(self, session_id: int, **values: str | int | None) -> None:
        """Set `user_id` (the host), `style`, `arc`, `active_at`, `paused_at` or `ended_at`."""
        if unknown := values.keys() - _CHANGEABLE:
            raise ValueError(f"Nobody can change {', '.join(sorted(unknown))} of a session.")
        names = ", ".join(f"{name} = :{name}" for name in values)
        self.db.execute(f"UPDATE sessions SET {names} WHERE id = :id", {**values, "id": session_id})

    # --- members ----------------------------------------------------------------------------------------

    def join(self, session_id: int, user_id: int, *, now: int, asked: bool = True) -> bool:
        """Add a user, also after they left; return False if they are in already.

        A user who left on purpose comes back only on purpose (`asked`).
        """
        return bool(
            self.db.execute(
                "INSERT INTO session_members (session_id, user_id, joined_at) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET left_at = NULL, opted_out = 0, joined_at = excluded.joined_at"
                " WHERE left_at IS NOT NULL AND (? OR NOT opted_out)",
                (session_id, user_id, now, asked),
            ).rowcount
        )

    def leave(self, session_id: int, user_id: int, *, now: int, asked: bool = True) -> bool:
        """Remove a user; `asked` tells whether they left on purpose.  Return False if they were not in."""
        return bool(
            self.db.execute(
                "UPDATE session_members SET left_at = ?, opted_out = ?"
                " WHERE session_id = ? AND user_id = ? AND left_at IS NULL",
                (now, asked, session_id, user_id),
            ).rowcount
        )

    def members(self, session_id: int) -> list[SessionMember]:
        """Return the current and past members, by the time they last joined."""
        rows = self.db.execute(
            "SELECT user_id, joined_at, left_at FROM session_members WHERE session_id = ?"
            " ORDER BY joined_at, user_id",
            (session_id,),
        )
        return [SessionMember(*row) for row in rows]

    # --- songs ------------------------------------------------------------------------------------------

    def add_song(
        self, session_id: int, subject: Subject, *, key: str, requested_by: int | None, cause: Subject | None
    ) -> int | None:
        """Add a track to the end of the queue; return its id, None if this `key` was added before."""
        added = self.db.execute(
            "INSERT INTO session_songs (key, session_id, artist_id, track_id, user_id, cause_artist_id,"
            " cause_track_id) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, session_id, *subject, requested_by, *(cause or (None, None))),
        )
        return int(added.lastrowid or 0) if added.rowcount == 1 else None

    def has_song(self, key: str) -> bool:
        """Tell whether a track was added under this key."""
        return self.db.execute("SELECT 1 FROM session_songs WHERE key = ?", (key,)).fetchone() is not None

    def share(self, song_id: int, expected: dict[int, float], is_for: frozenset[int]) -> None:
        """Store each present user's predicted like of a track, and the users it was chosen for."""
        self.db.conn.executemany(
            "INSERT INTO session_shares (song_id, user_id, expected, is_for) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET expected = excluded.expected, is_for = excluded.is_for",
            [(song_id, user, value, int(user in is_for)) for user, value in expected.items()],
        )

    def begin(self, song_id: int, *, now: int) -> None:
        """Record the start of a track, in seconds since 1970."""
        self.db.execute(
            "UPDATE session_songs SET started_at = ? WHERE id = ? AND started_at IS NULL", (now, song_id)
        )

    def skip(self, song_id: int, *, now: int) -> None:
        """Record that a track was skipped."""
        self.db.execute(
            "UPDATE session_songs SET skipped_at = ? WHERE id = ? AND skipped_at IS NULL", (now, song_id)
        )

    def drop(self, song_id: int) -> None:
        """Remove a waiting track from the queue."""
        self.db.execute("DELETE FROM session_songs WHERE id = ? AND started_at IS NULL", (song_id,))

    def session_of(self, song_id: int) -> int | None:
        """Return the session of a session song, None if the id is unknown."""
        row = self.db.execute("SELECT session_id FROM session_songs WHERE id = ?", (song_id,)).fetchone()
        return None if row is None else int(row[0])

    def subject_of(self, song_id: int) -> Subject | None:
        """Return the subject of a session song, None if the id is unknown."""
        row = self.db.execute(
            "SELECT artist_id, track_id FROM session_songs WHERE id = ?", (song_id,)
        ).fetchone()
        return None if row is None else Subject(*row)

    def knew(self, users: list[int], subject: Subject, before: int) -> bool:
        """Tell whether any of these users had an event on this subject before a time."""
        row = self.db.execute(
            "SELECT 1 FROM events WHERE user_id IN (SELECT value FROM json_each(?)) AND artist_id = ?"
            " AND track_id IS ? AND recorded_at < ? LIMIT 1",
            (json.dumps(users), *subject, before),
        )
        return row.fetchone() is not None

    def songs(self, session_id: int) -> list[SessionSong]:
        """Return all tracks of a session in order, with their predictions and votes."""
        expected: dict[int, dict[int, float]] = {}
        is_for: dict[int, set[int]] = {}
        for song, user, value, chosen in self.db.execute(_SHARES, (session_id,)):
            expected.setdefault(song, {})[user] = value
            is_for.setdefault(song, set()).update([user] if chosen else [])
        votes: dict[int, dict[int, Kind]] = {}
        for song, user, kind in self.db.execute(_VOTES, (session_id,)):
            votes.setdefault(song, {})[user] = Kind(kind)
        return [
            _song(row, expected.get(row[0], {}), frozenset(is_for.get(row[0], ())), votes.get(row[0], {}))
            for row in self.db.execute(_SONGS, (session_id,))
        ]

    def vote(self, song_id: int, event_id: int) -> None:
        """Count an event of the log as a vote on a track."""
        self.db.execute(
            "INSERT INTO session_votes (event_id, song_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (event_id, song_id),
        )

    # --- requests and vetoes ----------------------------------------------------------------------------

    def wish(
        self, session_id: int, user_id: int, subject: Subject, kind: Literal["request", "veto"], *, now: int
    ) -> bool:
        """Store a request or a veto; return False if the user has made the same one."""
        return bool(
            self.db.execute(
                "INSERT INTO session_wishes (session_id, user_id, artist_id, track_id, kind, at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (session_id, user_id, *subject, kind, now),
            ).rowcount
        )

    def wishes(self, session_id: int) -> list[SessionWish]:
        """Return requests and vetoes in the order they were made."""
        rows = self.db.execute(
            "SELECT id, user_id, artist_id, track_id, kind FROM session_wishes WHERE session_id = ?"
            " ORDER BY id",
            (session_id,),
        )
        return [SessionWish(row[0], row[1], Subject(row[2], row[3]), row[4]) for row in rows]

    # --- catalogue facts for the choice -----------------------------------------------------------------

    def energy(self, track_ids: list[int]) -> dict[int, float]:
        """Return the energy (0 to 1) of the tracks that have it, by id."""
        rows = self.db.execute(
            "SELECT track_id, energy FROM audio_features WHERE energy IS NOT NULL"
            " AND track_id IN (SELECT value FROM json_each(?))",
            (json.dumps(track_ids),),
        )
        return dict(rows.fetchall())


def _song(
    row: tuple[Any, ...], expected: dict[int, float], is_for: frozenset[int], votes: dict[int, Kind]
) -> SessionSong:
    song_id, artist, track, requester, cause_artist, cause_track, started_at, skipped_at = row
    cause = None if cause_artist is None else Subject(cause_artist, cause_track)
    return SessionSong(
        song_id, Subject(artist, track), requester, cause, started_at, skipped_at, expected, is_for, votes
    )
