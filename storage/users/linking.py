"""Linking accounts of one user with a one-time code, and unlinking them.

`join` moves all rows of one user (the *guest*) to another (the *host*) and records what moved, so that `part`
is exact.  The guest stays as an empty user: ids are never used again.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.listening.exclusions import Exclusions
from storage.listening.listens import SAME_SECONDS
from storage.sharing.user_names import UserNames

VALID_SECONDS = 600

# Tables whose rows have an id: their rows move as a range, however many there are.
_WITH_ID = (
    "accounts",
    "slates",
    "events",
    "sessions",
    "session_songs",
    "session_wishes",
    "radios",
    "exclusions",
)
# table -> (the columns that identify a row besides its user, the condition on :user)
_MOVED = {
    "taggings": (("artist_id", "tag_id"), "user_id = :user"),
    "memberships": (("community_id",), "user_id = :user"),
    "connections": (("source",), "user_id = :user"),
    "subscriptions": (("kind",), "user_id = :user"),
    "told_releases": (("mbid",), "user_id = :user"),
    "mailings": (("kind", "period"), "user_id = :user"),
    "session_members": (("session_id",), "user_id = :user"),
    "session_shares": (("song_id",), "user_id = :user"),
    "settings": (("scope", "name"), "scope = 'user' AND scope_id = :user"),
}
_OWNER = {"settings": "scope_id"}
# The same listen imported by both: the guest's copy is undone while they are linked.
_TWICE = f"""
    INSERT INTO events (key, user_id, kind, recorded_at, source, undoes)
    SELECT 'link:' || theirs.key, :host, 'undo', :now, theirs.source, theirs.id
    FROM said_events AS theirs WHERE theirs.user_id = :guest AND theirs.kind = 'play'
    AND theirs.at IS NOT NULL AND EXISTS (
        SELECT 1 FROM said_events AS ours WHERE ours.user_id = :host AND ours.kind = 'play'
        AND ours.at >= theirs.at - {SAME_SECONDS} AND ours.at <= theirs.at + {SAME_SECONDS}
        AND ours.artist_id = theirs.artist_id AND ours.track_id IS theirs.track_id)
"""
# Both may have got a message on one day, of which there is one for each user.
_SAME_DAYS = """
    UPDATE mailings SET day = NULL WHERE user_id = :guest
    AND day IN (SELECT day FROM mailings WHERE user_id = :host)
"""
_NEW_FRIENDS = """
    SELECT friend_id FROM friends WHERE user_id = :guest AND friend_id <> :host
    AND friend_id NOT IN (SELECT friend_id FROM friends WHERE user_id = :host)
"""
_UNFRIEND = "DELETE FROM friends WHERE user_id = ? AND friend_id = ?"
_UNTWICE = """
    DELETE FROM events WHERE kind = 'undo' AND key >= 'link:' AND key < 'link;' AND undoes IN
    (SELECT CAST(key AS INTEGER) FROM link_moves WHERE link_id = :link AND what = 'events')
"""
_MOVES = f"SELECT what, key FROM link_moves WHERE link_id = ? AND what NOT IN {_WITH_ID}"
_SINCE = """
    user_id = :host AND id > :last_event_id
    AND source IN (SELECT platform FROM accounts WHERE user_id = :guest)
    AND source NOT IN (SELECT platform FROM accounts WHERE user_id = :host)
"""
_SAID_SINCE = f"UPDATE events SET user_id = :guest WHERE {_SINCE}"
# Other machines cannot tell which events leave: they are told the new user of each.
_TELL = f"""
    INSERT INTO outbox (what, row_id, user_id) SELECT 'again', id, :guest FROM events
    WHERE {_SINCE} AND EXISTS (SELECT 1 FROM publishing)
"""
_TAKE_OUT = """
    DELETE FROM link_moves WHERE link_id = :above
    AND (what, key) IN (SELECT what, key FROM link_moves WHERE link_id = :link)
"""
_NEWEST = """
    SELECT id, guest_id, last_event_id FROM links
    WHERE host_id = ? AND parted_at IS NULL ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A stored one-time code."""

    code: str
    user_id: int
    made_at: int

    def is_expired(self, now: int) -> bool:
        """Tell whether the code's ten minutes are over; `now` is in seconds since 1970."""
        return now - self.made_at >= VALID_SECONDS


class Linking:
    """Verbs on linked accounts, over one connection; hand them to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def offer(self, user_id: int, code: str, *, now: int) -> None:
        """Store a new code of this user; it replaces the user's older codes."""
        self.db.execute("DELETE FROM link_codes WHERE user_id = ?", (user_id,))
        self.db.execute(
            "INSERT INTO link_codes (code, user_id, made_at) VALUES (?, ?, ?)", (code, user_id, now)
        )

    def find(self, code: str) -> Code | None:
        """Return a code, expired or not; None if it is unknown or used."""
        row = self.db.execute(
            "SELECT code, user_id, made_at FROM link_codes WHERE code = ?", (code,)
        ).fetchone()
        return None if row is None else Code(row[0], int(row[1]), int(row[2]))

    def names(self, user_id: int) -> list[tuple[str, str]]:
        """Return the accounts of a user as (platform, name), oldest first."""
        return self.db.execute(
            "SELECT platform, name FROM accounts WHERE user_id = ? ORDER BY id", (user_id,)
        ).fetchall()

    def join(self, host: int, guest: int, code: str, *, now: int, here: bool = True) -> int:
        """Merge two users and delete the code; return the id of the link.

        A link that was made on another machine (not `here`) leaves settings and duplicates to its facts.
        """
        with self.db.atomic():
            self.db.execute("DELETE FROM link_codes WHERE code = ?", (code,))
            last = self.db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
            link = self.db.execute(
                "INSERT INTO links (host_id, guest_id, linked_at, last_event_id) VALUES (?, ?, ?, ?)",
                (host, guest, now, last),
            ).lastrowid
            values = {"link": link, "host": host, "guest": guest, "now": now}
            if here:
                self.db.execute(_TWICE, values)
                self.db.execute(_SAME_DAYS, values)
            self._move(int(link or 0), guest, host, settings=here)
            self._check(host, now)
            while (above := UserNames(self.db).link(host)) is not None:  # of a link made elsewhere
                self._move(above.id, host, above.host_id, settings=False)
                host = above.host_id
                self._check(host, now)
        return int(link or 0)

    def _move(self, link: int, guest: int, host: int, *, settings: bool) -> None:
        moved = [row for row in self._rows_of(guest) if settings or row[0] != "settings"]
        self._hand_over_all(link, guest, host)
        for table, key in moved:
            if self._hand_over(table, key, guest, host):
                self.db.execute("INSERT INTO link_moves VALUES (?, ?, ?)", (link, table, json.dumps(key)))
        self._befriend(link, host, guest)

    def part(self, user_id: int, *, now: int) -> list[tuple[str, str]] | None:
        """Undo the newest link of a user; return the accounts that left, None if there was no link.

        Later events on a platform where only the leaving side has an account leave with it.
        """
        found = self.db.execute(_NEWEST, (user_id,)).fetchone()
        if found is None:
            return None
        link, guest, last = found
        self.undo(link, user_id, guest, now=now, since=last)
        return self.names(guest)

    def undo(self, link: int, user_id: int, guest: int, *, now: int, since: int | None) -> None:
        """Undo one link of a user and a `guest`.

        `since`: the newest event id as of the link; None if another machine undoes it, which tells of later
        events and of settings itself.
        """
        with self.db.atomic():
            self.db.execute(_UNTWICE, {"link": link})
            for above in UserNames(self.db).links(user_id):
                self.db.execute(_TAKE_OUT, {"above": above.id, "link": link})
                user_id = above.host_id
            self._return_all(link, user_id, guest)
            moves = self.db.execute(_MOVES, (link,)).fetchall()
            for table, key in moves:
                if table == "friends":
                    self._each_way(_UNFRIEND, user_id, json.loads(key)[0])
                elif table != "settings" or since is not None:
                    self._hand_over(table, json.loads(key), user_id, guest)
            if since is not None:
                values = {"guest": guest, "host": user_id, "last_event_id": since}
                self.db.execute(_TELL, values)
                self.db.execute(_SAID_SINCE, values)
            self.db.execute("DELETE FROM link_moves WHERE link_id = ?", (link,))
            self.db.execute("UPDATE links SET parted_at = ? WHERE id = ?", (now, link))
            for user in (user_id, guest):
                self._check(user, now)

    def _check(self, user_id: int, now: int) -> None:
        """Apply the rules for what teaches nothing, which have moved too."""
        Exclusions(self.db).check(user_id, now=now)

    def _rows_of(self, user_id: int) -> list[tuple[str, list[Any]]]:
        found: list[tuple[str, list[Any]]] = []
        for table, (columns, where) in _MOVED.items():
            sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {where}"
            found += [(table, list(row)) for row in self.db.execute(sql, {"user": user_id})]
        return found

    def _hand_over_all(self, link: int, giver: int, taker: int) -> None:
        for table in _WITH_ID:
            self.db.execute(
                f"INSERT INTO link_moves SELECT ?, '{table}', id FROM {table} WHERE user_id = ?",
                (link, giver),
            )
            self.db.execute(f"UPDATE {table} SET user_id = ? WHERE user_id = ?", (taker, giver))

    def _return_all(self, link: int, giver: int, taker: int) -> None:
        for table in _WITH_ID:
            self.db.execute(
                f"UPDATE {table} SET user_id = ? WHERE user_id = ? AND id IN"
                f" (SELECT CAST(key AS INTEGER) FROM link_moves WHERE link_id = ? AND what = '{table}')",
                (taker, giver, link),
            )

    def _hand_over(self, table: str, key: list[Any], giver: int, taker: int) -> bool:
        """Give one row to another user; if the other has the same row, both keep theirs."""
        owner = _OWNER.get(table, "user_id")
        named = " AND ".join(f"{column} = ?" for column in _MOVED[table][0])
        sql = f"UPDATE OR IGNORE {table} SET {owner} = ? WHERE {owner} = ? AND {named}"
        return self.db.execute(sql, (taker, giver, *key)).rowcount == 1

    def _befriend(self, link: int, host: int, guest: int) -> None:
        """Add the guest's friends to the host's, and record the new ones."""
        rows = self.db.execute(_NEW_FRIENDS, {"host": host, "guest": guest}).fetchall()
        for (friend,) in rows:
            self._each_way("INSERT INTO friends (user_id, friend_id) VALUES (?, ?)", host, friend)
            self.db.execute("INSERT INTO link_moves VALUES (?, 'friends', ?)", (link, json.dumps([friend])))

    def _each_way(self, sql: str, one: int, other: int) -> None:
        for pair in ((one, other), (other, one)):
            self.db.execute(sql, pair)
