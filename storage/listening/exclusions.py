"""Exclusions from a user's taste: rules, the events they cover, and the offers to make one.

`storage.schema.exclusion_tables` has the tables and what keeps them.
"""

from typing import Literal, NamedTuple

from sqlite_utils import Database

from storage.listening.profiles import Profiles
from storage.schema.exclusion_tables import covered

What = Literal["artist", "tag", "dates", "private", "source"]

_OF = """
    SELECT x.id, what, coalesce(artists.name, tags.name, source, ''), since, until, (
        SELECT count(*) FROM kept_out JOIN events ON events.id = event_id WHERE events.user_id = x.user_id
        AND (x.artist_id IS NULL OR events.artist_id = x.artist_id)
        AND (x.source IS NULL OR events.source = x.source)
        AND (x.since IS NULL OR coalesce(events.at, events.recorded_at) BETWEEN x.since AND x.until - 1)
        AND (x.tag_id IS NULL OR EXISTS (SELECT 1 FROM artist_tags AS t
            WHERE t.tag_id = x.tag_id AND t.artist_id = events.artist_id)
        OR EXISTS (SELECT 1 FROM track_tags AS t
            WHERE t.tag_id = x.tag_id AND t.track_id = events.track_id)))
    FROM exclusions AS x LEFT JOIN artists ON artists.id = x.artist_id LEFT JOIN tags ON tags.id = x.tag_id
    WHERE x.user_id = ? ORDER BY x.id
"""
_SAME = """
    SELECT id FROM exclusions WHERE user_id = :user AND what = :what AND artist_id IS :artist
    AND tag_id IS :tag AND source IS :source AND since IS :since AND until IS :until
"""
_ADD = """
    INSERT INTO exclusions (user_id, what, artist_id, tag_id, source, since, until, made_at)
    VALUES (:user, :what, :artist, :tag, :source, :since, :until, :now)
"""
_MAY_CHANGE = """
    SELECT EXISTS (SELECT 1 FROM exclusions WHERE user_id = :user), EXISTS (
        SELECT 1 FROM kept_out JOIN events ON events.id = event_id WHERE events.user_id = :user)
"""
_COVERED = f"SELECT e.id FROM events AS e WHERE e.user_id = :user AND {covered('e')}"
_DROP = f"""
    DELETE FROM kept_out WHERE event_id IN (SELECT id FROM events WHERE user_id = :user)
    AND event_id NOT IN ({_COVERED})
"""
_KEEP = f"INSERT INTO kept_out {_COVERED} ON CONFLICT DO NOTHING"
_RETAUGHT = """
    INSERT INTO retaught_users SELECT :user, coalesce(max(id), 0), :now FROM events WHERE true
    ON CONFLICT DO UPDATE SET last_event_id = excluded.last_event_id, at = excluded.at
"""
# One page of a user's newest plays, with the words that describe them.
_NIGHTS = """
    SELECT e.artist_id, e.track_id, e.at, coalesce(e.plays, 1), artists.name, coalesce(tracks.title, ''), (
        SELECT group_concat(tags.name, ' ') FROM artist_tags JOIN tags ON tags.id = tag_id
        WHERE artist_tags.artist_id = e.artist_id)
    FROM standing_events AS e JOIN artists ON artists.id = e.artist_id
    LEFT JOIN tracks ON tracks.id = e.track_id
    WHERE e.user_id = ? AND e.kind = 'play' AND e.at >= ? ORDER BY e.at
"""


class Exclusion(NamedTuple):
    """One rule of a user; a span is [since, until) in seconds since 1970."""

    id: int
    what: What
    name: str  # of the artist, tag or source; "" for a span
    since: int | None
    until: int | None
    events: int  # that it covers


class NightPlay(NamedTuple):
    """A play, with the words that describe it."""

    artist_id: int
    track_id: int | None
    at: int
    plays: int
    artist: str
    title: str
    tags: str | None


class Offer(NamedTuple):
    """An offer to keep one span out of a taste."""

    id: int
    sort: str  # "repeat" or "sleep"
    label: str  # the song on repeat, else what was played most
    plays: int
    since: int
    until: int


class Exclusions:
    """Verbs on what is kept out of a taste, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def of(self, user_id: int) -> list[Exclusion]:
        """Return a user's rules, oldest first."""
        return [Exclusion(*row) for row in self.db.execute(_OF, (user_id,))]

    def add(
        self,
        user_id: int,
        what: What,
        *,
        now: int,
        artist: int | None = None,
        tag: str | None = None,
        source: str | None = None,
        span: tuple[int, int] | None = None,
    ) -> int | None:
        """Add a rule and apply it; return the number of events it takes out, None if it is there already."""
        found = self.db.execute("SELECT id FROM tags WHERE name = ?", (tag,)).fetchone()
        values = {"user": user_id, "what": what, "artist": artist, "source": source, "now": now}
        values["tag"] = found and found[0]
        values["since"], values["until"] = span or (None, None)
        if self.db.execute(_SAME, values).fetchone() is not None:
            return None
        self.db.execute(_ADD, values)
        return self.check(user_id, now=now)

    def remove(self, user_id: int, rule_id: int, *, now: int) -> int | None:
        """Remove a rule; return the number of events that teach again, None if there is no such rule."""
        sql = "DELETE FROM exclusions WHERE user_id = ? AND id = ?"
        if not self.db.execute(sql, (user_id, rule_id)).rowcount:
            return None
        return -self.check(user_id, now=now)

    def private_until(self, user_id: int, *, now: int) -> int | None:
        """Return the end of the private span that is on, None if none is."""
        sql = "SELECT max(until) FROM exclusions WHERE user_id = ? AND what = 'private' AND until > ?"
        until = self.db.execute(sql, (user_id, now)).fetchone()[0]
        return None if until is None else int(until)

    def begin_private(self, user_id: int, until: int, *, now: int) -> None:
        """Keep out what the user says and plays from now on; one that is on ends at `until` instead."""
        if not self._move_end(user_id, until, now=now):
            self.add(user_id, "private", span=(now, until), now=now)

    def end_private(self, user_id: int, *, now: int) -> bool:
        """End the private span; what fell into it stays out.  Return False if none is on."""
        # Events have whole seconds: what came in this one was still private.
        return self._move_end(user_id, now + 1, now=now)

    def _move_end(self, user_id: int, until: int, *, now: int) -> bool:
        sql = "UPDATE exclusions SET until = ? WHERE user_id = ? AND what = 'private' AND until > ?"
        moved = self.db.execute(sql, (until, user_id, now)).rowcount > 0
        if moved:
            self.check(user_id, now=now)
        return moved

    def check(self, user_id: int, *, now: int) -> int:
        """Compare all events of a user with the rules; return how many more are kept out than before."""
        values = {"user": user_id}
        self.db.execute("DELETE FROM unchecked_users WHERE user_id = ?", (user_id,))
        if not any(self.db.execute(_MAY_CHANGE, values).fetchone()):
            return 0
        gone = self.db.execute(_DROP, values).rowcount
        new = self.db.execute(_KEEP, values).rowcount
        if gone or new:
            Profiles(self.db, None).reread(user_id)
            self.db.execute(_RETAUGHT, {"user": user_id, "now": now})
        return max(new, 0) - max(gone, 0)

    def settle(self, *, now: int) -> None:
        """Compare the events of all users who need it: tags came in, or accounts or names were merged."""
        for (user_id,) in self.db.execute("SELECT user_id FROM unchecked_users").fetchall():
            self.check(user_id, now=now)

    def retaught_since(self, at: float) -> bool:
        """Tell whether a rule has changed what older events teach since `at` (seconds since 1970)."""
        # Whole seconds: a change within the second of `at` may have come after it.
        sql = "SELECT 1 FROM retaught_users WHERE at > ? - 1 UNION ALL SELECT 1 FROM unchecked_users LIMIT 1"
        return self.db.execute(sql, (at,)).fetchone() is not None

    # --- offers -----------------------------------------------------------------------------------------

    def plays_since(self, user_id: int, since: int) -> list[NightPlay]:
        """Return the user's standing plays since a time, oldest first, with words that describe them."""
        return [NightPlay(*row) for row in self.db.execute(_NIGHTS, (user_id, since))]

    def may_offer(self, user_id: int, *, since: int) -> bool:
        """Tell whether an offer may be made: none was refused or left open, nor is about this time."""
        sql = "SELECT 1 FROM exclusion_offers WHERE user_id = ? AND (answer IS NOT 1 OR until > ?)"
        return self.db.execute(sql, (user_id, since)).fetchone() is None

    def offer(self, user_id: int, offer: Offer, *, now: int) -> Offer:
        """Store an offer; return it with its id."""
        row = self.db.execute(
            "INSERT INTO exclusion_offers (user_id, sort, label, plays, since, until, offered_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (user_id, *offer[1:], now),
        ).lastrowid
        return offer._replace(id=int(row or 0))

    def answer(self, user_id: int, offer_id: int, *, yes: bool, now: int) -> int | None:
        """Store the answer to an offer, and add its rule; return the events kept out, None if unknown."""
        row = self.db.execute(
            "UPDATE exclusion_offers SET answer = ? WHERE id = ? AND user_id = ? RETURNING since, until",
            (int(yes), offer_id, user_id),
        ).fetchone()
        if row is None:
            return None
        return (self.add(user_id, "dates", span=(row[0], row[1]), now=now) or 0) if yes else 0
