"""Names of users that mean the same on every machine: the account that a user began with."""

from typing import NamedTuple

from sqlite_utils import Database

_NAME = "SELECT platform, external_id FROM user_names WHERE user_id = ?"
_USER = "SELECT user_id FROM user_names WHERE platform = ? AND external_id = ?"
_LINK = "SELECT id, host_id FROM links WHERE guest_id = ? AND parted_at IS NULL"


class UserName(NamedTuple):
    """The account that a user began with."""

    platform: str
    external_id: str


class LiveLink(NamedTuple):
    """A link that stands: the guest's rows belong to the host."""

    id: int
    host_id: int


class UserNames:
    """Verbs on the stable names of users, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def name(self, user_id: int) -> UserName | None:
        """Return the name of a user, None for a user who never had an account."""
        row = self.db.conn.execute(_NAME, (user_id,)).fetchone()
        return None if row is None else UserName(*row)

    def find(self, name: UserName) -> int | None:
        """Return the user who began with this account, None if nobody did."""
        row = self.db.conn.execute(_USER, name).fetchone()
        return None if row is None else int(row[0])

    def ensure(self, name: UserName, *, now: int) -> int:
        """Return the user who began with this account; create one that has no account yet."""
        found = self.find(name)
        if found is not None:
            return found
        user_id = int(self.db.execute("INSERT INTO users (created_at) VALUES (?)", (now,)).lastrowid or 0)
        self.db.execute("INSERT INTO user_names VALUES (?, ?, ?)", (user_id, *name))
        return user_id

    def link(self, user_id: int) -> LiveLink | None:
        """Return the link that makes this user a guest of another, None if none stands."""
        row = self.db.conn.execute(_LINK, (user_id,)).fetchone()
        return None if row is None else LiveLink(*row)

    def links(self, user_id: int) -> list[LiveLink]:
        """Return the links by which this user is a guest, of its host, and so on, nearest first."""
        found: list[LiveLink] = []
        while (link := self.link(user_id)) is not None:
            found.append(link)
            user_id = link.host_id
        return found

    def host(self, user_id: int) -> int:
        """Return the user that this one's rows belong to: itself, or the last host of its links."""
        links = self.links(user_id)
        return links[-1].host_id if links else user_id
