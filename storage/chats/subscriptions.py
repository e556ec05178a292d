"""Subscriptions of users and communities, and each mailing from its claim to its end.

A mailing is claimed in one transaction before anything is made or sent, `began` directly before the platform
is asked, and ended with its outcome.  So a crash leaves one of three traces:

    claimed, not begun     nothing was sent: claimed again, once the claim is `LEASE` seconds old
    begun, not ended       it may have been sent: never again, unless the platform recognises the repetition
    ended                  done
"""

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlite_utils import Database

from storage.chats.cards import current

MailingKind = Literal["weekly", "releases"]
Outcome = Literal["sent", "nothing", "closed", "unknown"]

LEASE = 300
"""Seconds for which a claim belongs to the process that made it."""

LONGEST_PAUSE = 3600
"""Seconds that a claim is held at most; one that is held for longer was made by a clock that ran ahead."""

_COLUMNS = """id, user_id, community_id, kind, platform, chat, language, weekday, hour, at_once, wanted,
    begun_at, closed_at"""
_SET = """
    INSERT INTO subscriptions (user_id, community_id, kind, platform, chat, language, weekday, hour, at_once,
        wanted, begun_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Owner(NamedTuple):
    """A person or a place, by id; one of the two."""

    user_id: int | None = None
    community_id: int | None = None

    @property
    def scope(self) -> tuple[str, int]:
        """The scope and id of its settings."""
        return ("user", self.user_id) if self.user_id is not None else ("community", self.community_id or 0)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of message that an owner wants."""

    owner: Owner
    kind: MailingKind
    platform: str
    chat: str  # the person's account, the group or the channel where it goes
    language: str
    weekday: int  # 0: Monday
    hour: int
    begun_at: int
    at_once: bool = False
    wanted: tuple[str, ...] = ()
    closed_at: int | None = None  # when the chat refused; nothing is sent until it is turned on again
    id: int = 0


class Mailing(NamedTuple):
    """A claimed mailing."""

    id: int
    owner: Owner
    kind: MailingKind
    period: str
    is_repeated: bool = False  # an earlier try may have reached the chat
    slate_id: int | None = None  # the slate of that try


class Subscriptions:
    """Verbs on what comes by itself, over one connection; those that write belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def find(self, owner: Owner, kind: MailingKind) -> Subscription | None:
        """Return an owner's subscription of a kind, None if it is off."""
        found = [one for one in self.of(owner) if one.kind == kind]
        return found[0] if found else None

    def of(self, owner: Owner) -> list[Subscription]:
        """Return all subscriptions of an owner, closed ones included."""
        return self._all("user_id IS ? AND community_id IS ? ORDER BY id", tuple(owner))

    def on(self, platform: str) -> list[Subscription]:
        """Return the open subscriptions of a platform."""
        return self._all("platform = ? AND closed_at IS NULL ORDER BY id", (platform,))

    def _all(self, where: str, values: tuple[object, ...]) -> list[Subscription]:
        rows = self.db.execute(f"SELECT {_COLUMNS} FROM subscriptions WHERE {where}", values).fetchall()
        return [self._read(row) for row in rows]

    def _read(self, row: tuple[Any, ...]) -> Subscription:
        ident, user, place, kind, platform, chat, language, weekday, hour, at_once, wanted, begun, closed = (
            row
        )
        return Subscription(
            Owner(user, place),
            kind,
            platform,
            current(self.db, platform, chat),
            language,
            weekday,
            hour,
            begun,
            bool(at_once),
            tuple(filter(None, wanted.split(","))),
            closed,
            ident,
        )

    def turn_on(self, one: Subscription) -> None:
        """Store a subscription; it replaces the owner's one of this kind and keeps when that began."""
        known = self.find(one.owner, one.kind)
        begun = one.begun_at if known is None or known.closed_at is not None else known.begun_at
        self.turn_off(one.owner, one.kind)
        values = (one.kind, one.platform, one.chat, one.language, one.weekday, one.hour, int(one.at_once))
        self.db.execute(_SET, (*one.owner, *values, ",".join(one.wanted), begun))

    def turn_off(self, owner: Owner, kind: MailingKind | None = None) -> int:
        """Delete an owner's subscription of a kind, or all; return how many there were."""
        sql = (
            "DELETE FROM subscriptions WHERE user_id IS ? AND community_id IS ? AND kind = coalesce(?, kind)"
        )
        return self.db.execute(sql, (*owner, kind)).rowcount

    def close(self, owner: Owner, *, now: int) -> None:
        """Note that the owner's chat takes no messages: nothing is sent there until it is turned on again."""
        sql = "UPDATE subscriptions SET closed_at = ? WHERE user_id IS ? AND community_id IS ?"
        self.db.execute(f"{sql} AND closed_at IS NULL", (now, *owner))

    def take_closed(self, owner: Owner) -> list[Subscription]:
        """Return and delete the owner's subscriptions that ended because the chat was closed."""
        gone = [one for one in self.of(owner) if one.closed_at is not None]
        for one in gone:
            self.db.execute("DELETE FROM subscriptions WHERE id = ?", (one.id,))
        return gone

    # --- mailings ---------------------------------------------------------------------------------------

    def claim(
        self, one: Subscription, period: str, *, day: int, now: int, repeats_within: int = 0
    ) -> Mailing | None:
        """Claim a subscription's mailing for a period, to be sent on a local day; None if it is not ours.

        It is not if it has ended, belongs to another process, may have been sent already, or if its owner
        gets another message that day.  `repeats_within`: for so many seconds the platform recognises a
        message that is sent again.
        """
        if not any(known.id == one.id and known.closed_at is None for known in self.of(one.owner)):
            return None
        row = self.db.execute(
            "SELECT id, held_until, began_at, ended_at, slate_id FROM mailings"
            " WHERE user_id IS ? AND community_id IS ? AND kind = ? AND period = ?",
            (*one.owner, one.kind, period),
        ).fetchone()
        try:
            if row is None:
                return self._first(one, period, day=day, now=now)
            return self._again(one, period, row, day=day, now=now, repeats_within=repeats_within)
        except sqlite3.IntegrityError:  # the message of that day is another one
            return None

    def _first(self, one: Subscription, period: str, *, day: int, now: int) -> Mailing:
        with self.db.atomic():
            mailing = self.db.execute(
                "INSERT INTO mailings (user_id, community_id, kind, period, day, held_until)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*one.owner, one.kind, period, day, now + LEASE),
            ).lastrowid
        return Mailing(int(mailing or 0), one.owner, one.kind, period)

    def _again(
        self,
        one: Subscription,
        period: str,
        row: tuple[int, int, int | None, int | None, int | None],
        *,
        day: int,
        now: int,
        repeats_within: int,
    ) -> Mailing | None:
        mailing, held_until, began_at, ended_at, slate_id = row
        is_held = now < held_until <= now + LONGEST_PAUSE
        if ended_at is not None:
            return None
        if began_at is not None and not began_at <= now <= began_at + repeats_within:
            if not is_held:
                self.end(mailing, "unknown", now=now)
            return None
        if began_at is None and is_held:
            return None
        with self.db.atomic():
            sql = "UPDATE mailings SET held_until = ?, day = ? WHERE id = ?"
            self.db.execute(sql, (now + LEASE, day, mailing))
        return Mailing(mailing, one.owner, one.kind, period, began_at is not None, slate_id)

    def began(self, mailing: int, *, now: int, slate_id: int | None = None) -> None:
        """Note that the platform is about to be asked, to show a slate."""
        self.db.execute(
            "UPDATE mailings SET began_at = coalesce(began_at, ?), slate_id = ? WHERE id = ?",
            (now, slate_id, mailing),
        )

    def end(self, mailing: int, outcome: Outcome, *, now: int) -> None:
        """Note how a mailing ended; unless something was sent, or may have been, the day is free again."""
        day = "day" if outcome in ("sent", "unknown") else "NULL"
        self.db.execute(
            f"UPDATE mailings SET ended_at = ?, outcome = ?, day = {day} WHERE id = ?",
            (now, outcome, mailing),
        )

    def release(self, mailing: int, *, now: int, pause: int) -> None:
        """Give a claim back, since surely nothing was sent; it may be claimed again after `pause` seconds."""
        self.db.execute(
            "UPDATE mailings SET held_until = ?, began_at = NULL, day = NULL WHERE id = ?",
            (now + min(pause, LONGEST_PAUSE), mailing),
        )

    def is_over(self, one: Subscription, period: str) -> bool:
        """Tell whether a subscription's mailing for a period has ended."""
        row = self.db.execute(
            "SELECT ended_at FROM mailings WHERE user_id IS ? AND community_id IS ? AND kind = ?"
            " AND period = ?",
            (*one.owner, one.kind, period),
        ).fetchone()
        return row is not None and row[0] is not None

    def last_slate(self, owner: Owner, kind: MailingKind) -> int | None:
        """Return the slate of the owner's latest mailing of a kind, None without one."""
        row = self.db.execute(
            "SELECT slate_id FROM mailings WHERE user_id IS ? AND community_id IS ? AND kind = ?"
            " AND outcome = 'sent' AND slate_id IS NOT NULL ORDER BY id DESC LIMIT 1",
            (*owner, kind),
        ).fetchone()
        return None if row is None else int(row[0])
