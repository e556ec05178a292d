"""Tables and triggers for what is kept out of a user's taste.

A rule in `exclusions` names an artist, a tag, a span of time or a source.  `kept_out` has the events that
some rule of their user covers.  They stay in the log and are no `standing_events` any more, and so no part of
profiles, of training data or of statistics; `said_events` still has them.

An event that is appended is compared with its user's rules at once, by the triggers here.  When a rule
changes, `storage.listening.exclusions` compares all events of its user.
"""

from storage.schema.profile_tables import _COLUMNS as _FIELDS
from storage.schema.profile_tables import _STANDS, _change

LEAST_TAG_WEIGHT = 0.2
"""Weight from which on an artist or track has a tag, as far as rules are concerned."""

_TABLES = (
    """CREATE TABLE exclusions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
        what TEXT NOT NULL,
        artist_id INTEGER REFERENCES artists ON DELETE CASCADE,
        tag_id INTEGER REFERENCES tags ON DELETE CASCADE,
        source TEXT,
        since INTEGER,
        until INTEGER,
        made_at INTEGER NOT NULL
    )""",
    "CREATE INDEX exclusions_user ON exclusions (user_id)",
    "CREATE INDEX exclusions_artist ON exclusions (artist_id) WHERE artist_id IS NOT NULL",
    "CREATE INDEX exclusions_tag ON exclusions (tag_id) WHERE tag_id IS NOT NULL",
    "CREATE TABLE kept_out (event_id INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE)",
    # Users whose events have to be compared with their rules again, for what no trigger can tell.
    "CREATE TABLE unchecked_users (user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE)",
    # Users whose rules have changed what older events teach, with the newest event at that time.
    """CREATE TABLE retaught_users (
        user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        last_event_id INTEGER NOT NULL,
        at INTEGER NOT NULL
    )""",
    """CREATE TABLE exclusion_offers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
        sort TEXT NOT NULL,
        label TEXT NOT NULL,
        plays INTEGER NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        offered_at INTEGER NOT NULL,
        answer INTEGER
    )""",
    "CREATE INDEX exclusion_offers_user ON exclusion_offers (user_id)",
)
_UNDONE = "SELECT 1 FROM events AS u WHERE u.undoes = e.id"
_VIEWS = (
    "DROP VIEW standing_events",
    f"CREATE VIEW said_events AS SELECT * FROM events AS e WHERE kind <> 'undo' AND NOT EXISTS ({_UNDONE})",
    f"""CREATE VIEW standing_events AS SELECT * FROM events AS e
        WHERE kind <> 'undo' AND NOT EXISTS ({_UNDONE})
        AND NOT EXISTS (SELECT 1 FROM kept_out WHERE event_id = e.id)""",
)


def covered(event: str) -> str:
    """Return the condition that a rule of its user covers an event; `event` is the alias of its row.

    A play without a time belongs to no span.  A block is never covered: it says what not to show.
    """
    when = f"coalesce({event}.at, CASE WHEN {event}.kind <> 'play' THEN {event}.recorded_at END)"
    tagged = " OR ".join(
        f"EXISTS (SELECT 1 FROM {one}_tags WHERE tag_id = x.tag_id AND {one}_id = {event}.{one}_id"
        f" AND weight >= {LEAST_TAG_WEIGHT})"
        for one in ("artist", "track")
    )
    return f"""{event}.kind NOT IN ('undo', 'block', 'unblock') AND EXISTS (
        SELECT 1 FROM exclusions AS x WHERE x.user_id = {event}.user_id AND (
        x.artist_id = {event}.artist_id OR x.source = {event}.source
        OR ({when} >= x.since AND {when} < x.until) OR (x.tag_id IS NOT NULL AND ({tagged}))))"""


def _is_out(event_id: str) -> str:
    return f"EXISTS (SELECT 1 FROM kept_out WHERE event_id = {event_id})"


def _changed(sign: int, event_id: str) -> str:
    return f"""INSERT INTO profile_changes SELECT {sign}, {_FIELDS} FROM events
        WHERE id = {event_id} AND NOT {_is_out(event_id)}"""


def _rows(event: str) -> str:
    return ", ".join(f"{event}.{field}" for field in _FIELDS.split(", "))


HAS_RULES = "EXISTS (SELECT 1 FROM exclusions WHERE user_id = NEW.user_id)"
APPEND = f"""INSERT INTO kept_out SELECT NEW.id WHERE {covered("NEW")};
        INSERT INTO profile_changes SELECT 1, {_rows("NEW")} WHERE NOT {_is_out("NEW.id")}"""
"""Statements that compare a new event with the rules of its user, and count it."""

_ON_EVENTS = (
    ("append", "AFTER INSERT ON events WHEN NEW.kind <> 'undo'", APPEND),
    ("undo", "AFTER INSERT ON events WHEN NEW.kind = 'undo'", _changed(-1, "NEW.undoes")),
    (
        "erase_play",
        f"BEFORE DELETE ON events WHEN OLD.kind = 'play' AND {_STANDS} AND NOT {_is_out('OLD.id')}",
        _change(-1, "OLD"),
    ),
    ("erase_undo", "AFTER DELETE ON events WHEN OLD.kind = 'undo'", _changed(1, "OLD.undoes")),
    (
        "move",
        f"""AFTER UPDATE OF {_FIELDS} ON events WHEN OLD.kind <> 'undo'
        AND (OLD.kind <> 'play' OR ({_STANDS} AND NOT {_is_out("OLD.id")}))""",
        f"{_change(-1, 'OLD')};\n{_change(1, 'NEW')}",
    ),
)
_CHECK = """INSERT INTO unchecked_users SELECT DISTINCT user_id FROM exclusions WHERE {}
    ON CONFLICT DO NOTHING"""
# A rule about a tag covers what gets the tag later; a rule of a user covers what is moved to them.
_CHECKED_LATER = (
    *(
        f"""CREATE TRIGGER check_{verb.split()[0].lower()}_{table} AFTER {verb} ON {table}
        WHEN EXISTS (SELECT 1 FROM exclusions WHERE tag_id = NEW.tag_id)
        BEGIN {_CHECK.format("tag_id = NEW.tag_id")}; END"""
        for table in ("artist_tags", "track_tags")
        for verb in ("INSERT", "UPDATE OF weight")
    ),
    f"""CREATE TRIGGER check_moved_events AFTER UPDATE OF user_id, artist_id, track_id ON events
    WHEN {_is_out("NEW.id")} OR {HAS_RULES}
    BEGIN INSERT INTO unchecked_users VALUES (NEW.user_id) ON CONFLICT DO NOTHING; END""",
    f"""CREATE TRIGGER check_moved_rules AFTER UPDATE OF artist_id ON exclusions
    BEGIN {_CHECK.format("user_id = NEW.user_id")}; END""",
    """CREATE TRIGGER check_removed_rules AFTER DELETE ON exclusions
    WHEN EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id)
    BEGIN INSERT INTO unchecked_users VALUES (OLD.user_id) ON CONFLICT DO NOTHING; END""",
)
EXCLUSIONS = (
    *_TABLES,
    *_VIEWS,
    *(f"DROP TRIGGER profile_on_{name}" for name, *_ in _ON_EVENTS),
    *(f"CREATE TRIGGER profile_on_{name} {when} BEGIN {body}; END" for name, when, body in _ON_EVENTS),
    *_CHECKED_LATER,
)
"""Statements of the migration."""
