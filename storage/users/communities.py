"""Communities: their settings, members and votes, and how to erase one."""

import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from storage.chats.cards import current
from storage.records import Community, Subject

_SETTINGS = "SELECT name, value FROM settings WHERE scope = ? AND scope_id = ? ORDER BY name"
_LIKED = """
    SELECT artists.name, count(DISTINCT e.user_id) AS people
    FROM standing_events AS e JOIN artists ON artists.id = e.artist_id
    WHERE e.community_id = :place AND e.kind = 'like' GROUP BY e.artist_id HAVING people >= :least
    ORDER BY people DESC, artists.name LIMIT :n
"""
_FAVOURITES = """
    SELECT artist_id, count(DISTINCT user_id) AS people FROM standing_events
    WHERE community_id = :place AND kind = 'like' GROUP BY 1 HAVING people >= :least
    ORDER BY people DESC, max(id) DESC LIMIT :n
"""
_FAVOURITE_TRACKS = """
    SELECT artist_id, track_id, count(DISTINCT user_id) AS people FROM standing_events
    WHERE community_id = :place AND kind = 'like' AND track_id IS NOT NULL GROUP BY 1, 2
    HAVING people >= :least ORDER BY people DESC, max(id) DESC LIMIT :n
"""
_KINDS = """
    SELECT kind, count(*) FROM standing_events WHERE community_id = ? GROUP BY kind ORDER BY kind
"""
# Votes on one slate: only reactions to its own impressions; a like elsewhere is not a vote here.
_VOTES = """
    SELECT position, kind, count(DISTINCT e.user_id) FROM impressions
    JOIN said_events AS e ON e.impression_id = impressions.id
    WHERE slate_id = ? AND e.id = (
        SELECT max(later.id) FROM said_events AS later WHERE later.user_id = e.user_id
        AND later.artist_id = e.artist_id AND later.track_id IS e.track_id
        AND later.kind IN ('like', 'dislike', 'skip')
    ) GROUP BY position, kind
"""


class Communities:
    """Verbs on communities, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def find(self, platform: str, external_id: str) -> int | None:
        """Return the id of a community, None if it is unknown."""
        row = self.db.execute(
            "SELECT id FROM communities WHERE platform = ? AND external_id = ?",
            (platform, current(self.db, platform, external_id)),
        ).fetchone()
        return None if row is None else int(row[0])

    def kind(self, community_id: int) -> str | None:
        """Return the kind of a community ("server", "group", "room"), None if it is unknown."""
        row = self.db.execute("SELECT kind FROM communities WHERE id = ?", (community_id,)).fetchone()
        return None if row is None else str(row[0])

    def place(self, community_id: int) -> Community | None:
        """Return a community, None if it is unknown."""
        sql = "SELECT platform, external_id, kind, name FROM communities WHERE id = ?"
        row = self.db.execute(sql, (community_id,)).fetchone()
        return None if row is None else Community(*row)

    def places(self, platform: str) -> list[Community]:
        """Return all communities of a platform."""
        rows = self.db.execute(
            "SELECT platform, external_id, kind, name FROM communities WHERE platform = ? ORDER BY id",
            (platform,),
        )
        return [Community(*row) for row in rows]

    def people(self, platform: str, external_ids: list[str]) -> dict[str, tuple[int, str]]:
        """Return (user_id, name) of the known accounts, by external id."""
        rows = self.db.execute(
            "SELECT external_id, user_id, name FROM accounts"
            " WHERE platform = ? AND external_id IN (SELECT value FROM json_each(?))",
            (platform, json.dumps(external_ids)),
        )
        return {external_id: (user_id, name) for external_id, user_id, name in rows}

    def names(self, platform: str, users: Sequence[int]) -> list[str]:
        """Return the names of users on a platform, in the order of `users`; unknown users are left out."""
        names = self.names_of(platform, users)
        return [names[user_id] for user_id in users if user_id in names]

    def names_of(self, platform: str, users: Sequence[int]) -> dict[int, str]:
        """Return the names of users on a platform, by user; users without an account there are left out."""
        rows = self.db.execute(
            "SELECT user_id, name FROM accounts"
            " WHERE platform = ? AND user_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
            (platform, json.dumps(users)),
        )
        return dict(rows.fetchall())  # the oldest of two accounts wins

    def names_near(self, community_id: int, users: Sequence[int]) -> dict[int, str]:
        """Return the names of users on the platform of a community, by user."""
        row = self.db.execute("SELECT platform FROM communities WHERE id = ?", (community_id,)).fetchone()
        return {} if row is None else self.names_of(str(row[0]), users)

    def settings(self, scope: str, scope_id: int) -> dict[str, str]:
        """Return all settings of a user, a community or the app (`scope`), by name."""
        return dict(self.db.execute(_SETTINGS, (scope, scope_id)).fetchall())

    def unset(self, scope: str, scope_id: int, name: str) -> bool:
        """Delete a setting; return False if it was not set."""
        cursor = self.db.execute(
            "DELETE FROM settings WHERE scope = ? AND scope_id = ? AND name = ?", (scope, scope_id, name)
        )
        return bool(cursor.rowcount)

    def with_setting(self, scope: str, name: str) -> list[tuple[int, str]]:
        """Return (scope_id, value) of every user or community (`scope`) that has a setting."""
        return self.db.execute(
            "SELECT scope_id, value FROM settings WHERE scope = ? AND name = ? ORDER BY scope_id",
            (scope, name),
        ).fetchall()

    def wishing(self, platform: str, name: str) -> list[tuple[str, int]]:
        """Return (external_id, user_id) of the accounts whose users have a setting at "1"."""
        return self.db.execute(
            "SELECT external_id, user_id FROM settings JOIN accounts ON user_id = scope_id"
            " WHERE scope = 'user' AND settings.name = ? AND value = '1' AND platform = ?",
            (name, platform),
        ).fetchall()

    def members(self, community_id: int) -> int:
        """Return the number of members who have spoken in this community."""
        row = self.db.execute("SELECT count(*) FROM memberships WHERE community_id = ?", (community_id,))
        return int(row.fetchone()[0])

    def member_ids(self, community_id: int) -> list[int]:
        """Return the users of this community, ascending."""
        rows = self.db.execute(
            "SELECT user_id FROM memberships WHERE community_id = ? ORDER BY user_id", (community_id,)
        )
        return [user_id for (user_id,) in rows]

    def said(self, community_id: int) -> dict[str, int]:
        """Return the number of standing events in this community, by kind."""
        return dict(self.db.execute(_KINDS, (community_id,)).fetchall())

    def liked(self, community_id: int, n: int, least: int) -> list[tuple[str, int]]:
        """Return at most `n` artists as (name, users who like it), most first; `least` users at least."""
        return self.db.execute(_LIKED, {"place": community_id, "least": least, "n": n}).fetchall()

    def favourites(self, community_id: int, n: int, least: int) -> list[Subject]:
        """Return at most `n` artists that at least `least` users like here, those of most users first."""
        rows = self.db.execute(_FAVOURITES, {"place": community_id, "least": least, "n": n})
        return [Subject(artist_id) for artist_id, _ in rows]

    def favourite_tracks(self, community_id: int, n: int, least: int) -> list[tuple[Subject, int]]:
        """Return the same of tracks, with the number of users."""
        rows = self.db.execute(_FAVOURITE_TRACKS, {"place": community_id, "least": least, "n": n})
        return [(Subject(artist_id, track_id), people) for artist_id, track_id, people in rows]

    def slates(self, community_id: int) -> int:
        """Return the number of slates shown in this community."""
        row = self.db.execute(
            "SELECT count(*) FROM slates WHERE community_id = ? AND shown_at IS NOT NULL", (community_id,)
        )
        return int(row.fetchone()[0])

    def votes(self, slate_id: int) -> list[tuple[int, str, int]]:
        """Return the votes on the tracks of a slate as (position, kind, users)."""
        return self.db.execute(_VOTES, (slate_id,)).fetchall()

    def remove_member(self, community_id: int, user_id: int) -> dict[str, int]:
        """Remove a user from a community; return erased rows per table.

        Their likes stay with them and no longer count here.
        """
        gone: dict[str, int] = {}
        for table, verb in (
            ("events", "UPDATE events SET community_id = NULL"),
            ("slates", "UPDATE slates SET community_id = NULL"),
            ("memberships", "DELETE FROM memberships"),
        ):
            cursor = self.db.execute(
                f"{verb} WHERE community_id = ? AND user_id = ?", (community_id, user_id)
            )
            gone[table] = max(cursor.rowcount, 0)
        return gone

    def erase(self, community_id: int) -> dict[str, int]:
        """Erase a community with its settings and memberships; events from it stay with their users."""
        settings = self.db.execute(
            "DELETE FROM settings WHERE scope = 'community' AND scope_id = ?", (community_id,)
        ).rowcount
        self.db.execute(
            "DELETE FROM settings WHERE scope = 'app' AND (name, value) IN ("
            " SELECT moved.name, external_id FROM communities JOIN settings AS moved"
            " ON moved.value = external_id AND moved.name LIKE 'moved:' || platform || ':%'"
            " WHERE communities.id = ?)",
            (community_id,),
        )
        members = self.members(community_id)
        self.db.execute("DELETE FROM communities WHERE id = ?", (community_id,))
        return {"settings": settings, "memberships": members}

    def explicit_tracks(self) -> list[int]:
        """Return the ids of all tracks marked as explicit."""
        return [track_id for (track_id,) in self.db.execute("SELECT id FROM tracks WHERE explicit = 1")]

    def explicit_among(self, track_ids: Sequence[int]) -> set[int]:
        """Return the ids among `track_ids` that are marked as explicit."""
        rows = self.db.execute(
            "SELECT id FROM tracks WHERE explicit = 1 AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(track_ids),),
        )
        return {track_id for (track_id,) in rows}

    def links(self, subjects: list[Subject]) -> dict[Subject, dict[str, str]]:
        """Return the external ids of tracks and artists, by scheme; subjects without any are left out."""
        found: dict[Subject, dict[str, str]] = {}
        for subject in subjects:
            table, key = ("track", subject.track_id) if subject.track_id else ("artist", subject.artist_id)
            rows: list[tuple[Any, ...]] = self.db.execute(
                f"SELECT scheme, value FROM {table}_ids WHERE {table}_id = ?", (key,)
            ).fetchall()
            if rows:
                found[subject] = dict(rows)
        return found
