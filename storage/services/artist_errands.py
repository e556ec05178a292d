"""Artists to ask a service about in the background, as the daily budget allows; newest tastes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

Task = Literal["similar", "songs"]
"""Kinds of question: artists similar to one that users like or play, and songs of a similar artist."""

ARTIST_ERRANDS = """
CREATE TABLE artist_errands (
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    task TEXT NOT NULL,
    rank INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (task, artist_id)
) WITHOUT ROWID;
CREATE INDEX artist_errands_next ON artist_errands (task, next_at, rank);
CREATE INDEX artist_errands_artist ON artist_errands (artist_id);
CREATE TABLE spent_requests (
    service TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    requests INTEGER NOT NULL
) WITHOUT ROWID
"""

# Only the newest events are searched, and only those of users who chat here: a data set is no user's taste.
_NEWEST = 5_000
_TASTE = """
    SELECT e.artist_id, max(e.id) FROM
        (SELECT * FROM standing_events ORDER BY id DESC LIMIT :newest) AS e
    JOIN artists ON artists.id = e.artist_id AND artists.hidden = 0
    WHERE e.kind IN ('like', 'play', 'save') AND EXISTS (
        SELECT 1 FROM accounts JOIN chats USING (platform) WHERE accounts.user_id = e.user_id)
    AND NOT EXISTS (SELECT 1 FROM artist_errands AS asked WHERE asked.task = 'similar'
        AND asked.artist_id = e.artist_id AND asked.next_at > :now)
    GROUP BY 1 ORDER BY 2 DESC LIMIT 1
"""
_SONGS = """
    SELECT artist_id, rank FROM artist_errands WHERE task = 'songs' AND next_at <= :now
    ORDER BY rank DESC, artist_id LIMIT 1
"""
_CLAIM = """
    INSERT INTO artist_errands VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET rank = excluded.rank, next_at = excluded.next_at
"""
# An artist that waits already comes earlier if somebody newer leads to it.
_ADD = """
    INSERT INTO artist_errands VALUES (?, 'songs', ?, ?)
    ON CONFLICT DO UPDATE SET rank = max(rank, excluded.rank)
"""
_FEW_SONGS = """
    SELECT value FROM json_each(?) WHERE
        (SELECT count(*) FROM tracks WHERE artist_id = value AND listed AND hidden = 0) < ?
"""
_SPEND = """
    INSERT INTO spent_requests VALUES (:service, :day, :requests) ON CONFLICT DO UPDATE SET
    requests = iif(day = :day, requests, 0) + :requests, day = :day
"""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class ArtistErrand:
    """One question about an artist; of two, the one of the higher rank is newer."""

    artist_id: int
    task: Task
    rank: int


class ArtistErrands:
    """Verbs on questions about artists, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def claim(self, *, now: int, until: int) -> ArtistErrand | None:
        """Return the next question, reserved for the caller until `until`; None if there is none.

        The artist that users liked or played last comes first, unless songs of an artist similar to a newer
        one are still to be asked for.
        """
        values = {"newest": _NEWEST, "now": now}
        taste = self.db.execute(_TASTE, values).fetchone()
        songs = self.db.execute(_SONGS, {"now": now}).fetchone()
        if taste is None and songs is None:
            return None
        if songs is None or (taste is not None and taste[1] >= songs[1]):
            errand = ArtistErrand(taste[0], "similar", taste[1])
        else:
            errand = ArtistErrand(songs[0], "songs", songs[1])
        self.db.execute(_CLAIM, (errand.artist_id, errand.task, errand.rank, until))
        return errand

    def want_songs(self, artists: Sequence[int], *, rank: int, fewer_than: int, now: int) -> None:
        """Queue those of `artists`, most similar first, with fewer than `fewer_than` listed songs.

        Each is one rank below the one before: the first of several tastes come before the last of one.
        """
        few = {row for (row,) in self.db.execute(_FEW_SONGS, (f"{list(artists)}", fewer_than))}
        rows = [(artist, rank - place, now) for place, artist in enumerate(artists) if artist in few]
        self.db.conn.executemany(_ADD, rows)

    def put_off(self, errand: ArtistErrand, *, until: int) -> None:
        """Set when to ask again."""
        self.db.execute(_CLAIM, (errand.artist_id, errand.task, errand.rank, until))

    def spent(self, service: str, *, now: int) -> int:
        """Return how many requests a service got today (UTC)."""
        sql = "SELECT requests FROM spent_requests WHERE service = ? AND day = ?"
        row = self.db.execute(sql, (service, now // _DAY)).fetchone()
        return 0 if row is None else int(row[0])

    def spend(self, service: str, requests: int, *, now: int) -> None:
        """Count requests to a service."""
        self.db.execute(_SPEND, {"service": service, "day": now // _DAY, "requests": requests})
