"""New releases of artists: what is known, whom to ask about, and who was told."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

from storage.naming.text import fold

RELEASES = (
    """CREATE TABLE releases (
        mbid TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        form TEXT NOT NULL,
        also TEXT NOT NULL,
        day TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX releases_day ON releases (day)",
    """CREATE TABLE release_artists (
        mbid TEXT NOT NULL REFERENCES releases ON DELETE CASCADE,
        artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
        PRIMARY KEY (artist_id, mbid)
    ) WITHOUT ROWID""",
    "CREATE INDEX release_artists_mbid ON release_artists (mbid)",
    """CREATE TABLE release_checks (
        artist_id INTEGER PRIMARY KEY REFERENCES artists ON DELETE CASCADE,
        next_at INTEGER NOT NULL
    )""",
    """CREATE TABLE told_releases (
        user_id INTEGER REFERENCES users ON DELETE CASCADE,
        community_id INTEGER REFERENCES communities ON DELETE CASCADE,
        mbid TEXT NOT NULL REFERENCES releases ON DELETE CASCADE,
        CHECK ((user_id IS NULL) <> (community_id IS NULL))
    )""",
    *(
        f"CREATE UNIQUE INDEX told_releases_{owner} ON told_releases ({owner}_id, mbid)"
        f" WHERE {owner}_id IS NOT NULL"
        for owner in ("user", "community")
    ),
    "CREATE INDEX told_releases_mbid ON told_releases (mbid)",
)
"""Statements of the migration."""

KEPT_DAYS = 120
"""Days after its date for which a release is kept."""

PLAYS = 5
"""Plays of an artist from which on a user wants to hear of them, without having liked anything."""

_KEEP = """
    INSERT INTO releases VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    title = excluded.title, form = excluded.form, also = excluded.also, day = excluded.day
"""
_BY_ID = """
    SELECT DISTINCT artist_id FROM artist_ids
    WHERE scheme = 'mbid' AND value IN (SELECT value FROM json_each(:mbids))
"""
_BY_NAME = """
    SELECT id FROM artists WHERE :key <> '' AND key = :key AND hidden = 0
    AND NOT EXISTS (SELECT 1 FROM artist_ids WHERE artist_id = artists.id AND scheme = 'mbid')
"""
# A user's artists: liked themselves or for a song, or played; never blocked or disliked ones.
_ARTISTS_OF_USER = f"""
    SELECT artist_id FROM profiles WHERE user_id = :user GROUP BY artist_id
    HAVING (sum(verdict = 'like') > 0 OR sum(plays) >= {PLAYS})
    AND sum(blocked = 1) IS NOT 1 AND sum(track_id = 0 AND verdict = 'dislike') IS NOT 1
"""
_ARTISTS_OF_PLACE = """
    SELECT artist_id FROM standing_events WHERE community_id = :place AND kind = 'like'
    GROUP BY artist_id HAVING count(DISTINCT user_id) >= :several
"""
_NEWS = """
    SELECT r.mbid, r.title, r.form, r.also, r.day, artists.name, artists.id FROM releases AS r
    JOIN release_artists AS a ON a.mbid = r.mbid JOIN artists ON artists.id = a.artist_id
    WHERE r.day > :since AND r.day <= :until AND a.artist_id IN ({artists})
    AND (:again OR NOT EXISTS (SELECT 1 FROM told_releases AS t WHERE t.mbid = r.mbid
        AND t.user_id IS :user AND t.community_id IS :place))
    GROUP BY r.mbid ORDER BY r.day DESC, artists.name, r.title
"""
# Artists of everybody who wants to hear of releases, each of whom is asked about now and then.
_CLAIM = """
    SELECT ids.artist_id, ids.value FROM artist_ids AS ids
    LEFT JOIN release_checks AS c ON c.artist_id = ids.artist_id
    WHERE ids.scheme = 'mbid' AND coalesce(c.next_at, 0) <= :now
    AND ids.artist_id IN (SELECT value FROM json_each(:artists))
    ORDER BY coalesce(c.next_at, 0), ids.artist_id LIMIT 1
"""


class Release(NamedTuple):
    """A release group of MusicBrainz: an album with all its editions, a single, an EP."""

    mbid: str
    title: str
    form: str  # "album", "single", "ep", "other"
    also: tuple[str, ...]  # "live", "compilation", "remix" ...
    day: str  # of its first release: "2026-11-27"
    artist: str = ""
    artist_id: int = 0


class Releases:
    """Verbs on releases, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, release: Release, artist_mbids: Sequence[str], name: str = "") -> bool:
        """Store a release of artists of the catalogue; return False if it knows none of them.

        They are known by id.  The artist called `name` is taken by name as long as their id is not known.
        """
        values = {"mbids": json.dumps(artist_mbids), "key": fold(name)}
        artists = self.db.execute(_BY_ID, values).fetchall() or self.db.execute(_BY_NAME, values).fetchall()
        if not artists:
            return False
        self.db.execute(_KEEP, (*release[:3], ",".join(release.also), release.day))
        self.db.conn.executemany(
            "INSERT INTO release_artists VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(release.mbid, artist) for (artist,) in artists],
        )
        return True

    def drop_old(self, before: str) -> None:
        """Delete the releases from before a date."""
        self.db.execute("DELETE FROM releases WHERE day < ?", (before,))

    def artists_of(self, user_id: int | None, community_id: int | None, several: int) -> list[int]:
        """Return the artists whose releases a user, or at least `several` users of a place, care about."""
        sql = _ARTISTS_OF_PLACE if user_id is None else _ARTISTS_OF_USER
        values = {"user": user_id, "place": community_id, "several": several}
        return [artist for (artist,) in self.db.execute(sql, values)]

    def news(
        self,
        user_id: int | None,
        community_id: int | None,
        *,
        since: str,
        until: str,
        several: int,
        again: bool = False,
    ) -> list[Release]:
        """Return the releases after `since` until `until`, newest first; with `again`, told ones as well."""
        sql = _NEWS.format(artists=_ARTISTS_OF_PLACE if user_id is None else _ARTISTS_OF_USER)
        values = {"user": user_id, "place": community_id, "several": several, "again": again}
        rows = self.db.execute(sql, {**values, "since": since, "until": until})
        return [
            Release(mbid, title, form, tuple(filter(None, also.split(","))), day, artist, artist_id)
            for mbid, title, form, also, day, artist, artist_id in rows
        ]

    def told(self, user_id: int | None, community_id: int | None, mbids: Sequence[str]) -> None:
        """Note that an owner was told of releases."""
        self.db.conn.executemany(
            "INSERT INTO told_releases SELECT ?, ?, mbid FROM releases WHERE mbid = ? ON CONFLICT DO NOTHING",
            [(user_id, community_id, mbid) for mbid in mbids],
        )

    def subscribers(self) -> list[tuple[int | None, int | None]]:
        """Return (user, community) of everybody who wants to hear of releases."""
        sql = "SELECT user_id, community_id FROM subscriptions WHERE kind = 'releases' AND closed_at IS NULL"
        return self.db.execute(sql).fetchall()

    def claim(self, artists: Sequence[int], *, now: int, until: int) -> tuple[int, str] | None:
        """Return (artist, MusicBrainz id) to ask about, reserved until `until`; None if none is due."""
        found = self.db.execute(_CLAIM, {"now": now, "artists": f"{list(artists)}"}).fetchone()
        if found is None:
            return None
        self.put_off(found[0], until=until)
        return int(found[0]), str(found[1])

    def put_off(self, artist_id: int, *, until: int) -> None:
        """Set when to ask about an artist again."""
        self.db.execute(
            "INSERT INTO release_checks VALUES (?, ?) ON CONFLICT DO UPDATE SET next_at = excluded.next_at",
            (artist_id, until),
        )
