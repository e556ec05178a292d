"""Tables of what comes by itself: who wants what, where and when; and what was sent for which week.

Of one kind there is one mailing per owner and period, and of all kinds one message per owner and local day:
two unique indexes say so, whatever process writes.
"""

_OWNER = """
    user_id INTEGER REFERENCES users ON DELETE CASCADE,
    community_id INTEGER REFERENCES communities ON DELETE CASCADE,
"""
_ONE_OWNER = "CHECK ((user_id IS NULL) <> (community_id IS NULL))"
SUBSCRIPTIONS = (
    f"""CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, {_OWNER}
        kind TEXT NOT NULL,
        platform TEXT NOT NULL,
        chat TEXT NOT NULL,
        language TEXT NOT NULL,
        weekday INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        at_once INTEGER NOT NULL DEFAULT 0,
        wanted TEXT NOT NULL DEFAULT '',
        begun_at INTEGER NOT NULL,
        closed_at INTEGER,
        {_ONE_OWNER}
    )""",
    f"""CREATE TABLE mailings (
        id INTEGER PRIMARY KEY AUTOINCREMENT, {_OWNER}
        kind TEXT NOT NULL,
        period TEXT NOT NULL,
        day INTEGER,
        held_until INTEGER NOT NULL,
        began_at INTEGER,
        ended_at INTEGER,
        outcome TEXT NOT NULL DEFAULT '',
        slate_id INTEGER REFERENCES slates ON DELETE SET NULL,
        {_ONE_OWNER}
    )""",
    "CREATE INDEX mailings_slate ON mailings (slate_id) WHERE slate_id IS NOT NULL",
    *(
        f"CREATE UNIQUE INDEX {table}_{owner}_{name} ON {table} ({owner}_id, {columns})"
        f" WHERE {owner}_id IS NOT NULL{also}"
        for owner in ("user", "community")
        for table, name, columns, also in (
            ("subscriptions", "kind", "kind", ""),
            ("mailings", "period", "kind, period", ""),
            ("mailings", "day", "day", " AND day IS NOT NULL"),
        )
    ),
)
"""Statements of the migration."""
