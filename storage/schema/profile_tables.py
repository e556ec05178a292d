"""The tables of kept profiles, and the triggers that keep them equal to the event log.

Every statement that changes `events` changes them too, in the same transaction: appended, undone, moved to
another user or track, erased.  The triggers insert into `profile_changes`, a view that stores nothing:
an event that counts from now on (sign 1), or no longer does (sign -1).

A decayed sum is as of its reference time: an amount of `a` at time `t` adds `a * 2 ** ((t - reference) / h)`
with a half-life `h`, so that the sum at any later time is a multiplication away.
"""

from storage.records import Kind

HALF_LIFE_DAYS = {Kind.PLAY: 365.0, Kind.LIKE: 3 * 365.0, Kind.SAVE: 3 * 365.0, Kind.SKIP: 30.0}
"""Days after which an event of a kind counts half; the triggers contain them: a change needs a migration."""

DAY = 86_400
HALF_LIFE = {kind: days * DAY for kind, days in HALF_LIFE_DAYS.items()}
"""The same in seconds."""

_TABLES = (
    """CREATE TABLE profiles (
        user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
        artist_id INTEGER NOT NULL,
        track_id INTEGER NOT NULL,
        listens INTEGER NOT NULL DEFAULT 0,
        plays INTEGER NOT NULL DEFAULT 0,
        untimed INTEGER NOT NULL DEFAULT 0,
        played REAL NOT NULL DEFAULT 0,
        played_at INTEGER,
        saved REAL NOT NULL DEFAULT 0,
        saved_at INTEGER,
        skipped REAL NOT NULL DEFAULT 0,
        skipped_at INTEGER,
        verdict TEXT,
        verdict_at INTEGER,
        blocked INTEGER,
        PRIMARY KEY (user_id, artist_id, track_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE listening_days (
        user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
        day INTEGER NOT NULL,
        plays INTEGER NOT NULL,
        PRIMARY KEY (user_id, day)
    ) WITHOUT ROWID""",
    """CREATE TABLE listening_hours (
        user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
        hour INTEGER NOT NULL,
        plays INTEGER NOT NULL,
        PRIMARY KEY (user_id, hour)
    ) WITHOUT ROWID""",
    """CREATE TABLE profile_revisions (
        user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        revision INTEGER NOT NULL
    )""",
    """CREATE VIEW profile_changes AS
        SELECT 1 AS sign, user_id, artist_id, track_id, kind, at, plays FROM events WHERE 0""",
)
TABLES = ("profiles", "listening_days", "listening_hours", "profile_revisions")
"""The tables with a `user_id` that the log alone determines."""

# What is judged is read again from the log, through this index; plays, of which there may be many, are added
# and subtracted.
JUDGED = "kind NOT IN ('play', 'undo')"
_INDEXES = (
    "DROP INDEX events_verdicts",
    "DROP INDEX events_saves",
    f"CREATE INDEX events_judged ON events (user_id, artist_id, track_id) WHERE {JUDGED}",
)

_THIS = "user_id = NEW.user_id AND artist_id = NEW.artist_id AND track_id = coalesce(NEW.track_id, 0)"
_SAID = f"""FROM standing_events WHERE user_id = NEW.user_id AND artist_id = NEW.artist_id
    AND track_id IS NEW.track_id AND {JUDGED}"""
TIME = "coalesce(at, recorded_at)"
"""The time of an event, for the kinds of which every one has a time."""
LATEST = "recorded_at DESC, key DESC"
"""The order of judgements, newest first: the same on every machine that has them, unlike the order of ids."""
ROW = """INSERT INTO profiles (user_id, artist_id, track_id) SELECT NEW.user_id, NEW.artist_id,
    coalesce(NEW.track_id, 0) WHERE NEW.sign > 0 ON CONFLICT DO NOTHING"""
_DROP_EMPTY = f"""DELETE FROM profiles WHERE {_THIS} AND listens = 0 AND saved_at IS NULL
    AND skipped_at IS NULL AND verdict IS NULL AND blocked IS NULL"""
COUNT_REVISION = """INSERT INTO profile_revisions VALUES (NEW.user_id, 1)
    ON CONFLICT DO UPDATE SET revision = revision + 1"""
_LATER = "max(coalesce(played_at, NEW.at), NEW.at)"
_PLAYED = f"""UPDATE profiles SET
    listens = listens + NEW.sign,
    plays = plays + NEW.sign * coalesce(NEW.plays, 1),
    untimed = untimed + CASE WHEN NEW.at IS NULL THEN NEW.sign * coalesce(NEW.plays, 1) ELSE 0 END
    WHERE {_THIS}"""
# Without a timed play left there is exactly nothing left, whatever was rounded before.
_PLAYED_SUM = f"""UPDATE profiles SET
    played = CASE WHEN plays = untimed THEN 0.0 ELSE max(0.0,
        played * coalesce(pow(2.0, (played_at - {_LATER}) / {HALF_LIFE[Kind.PLAY]}), 0.0)
        + NEW.sign * coalesce(NEW.plays, 1) * pow(2.0, (NEW.at - {_LATER}) / {HALF_LIFE[Kind.PLAY]})) END,
    played_at = CASE WHEN plays = untimed THEN NULL ELSE {_LATER} END
    WHERE {_THIS} AND NEW.at IS NOT NULL"""


def by(table: str, column: str, value: str) -> tuple[str, ...]:
    """Return the statements that count a timed play by day, or by hour of the day."""
    return (
        f"""INSERT INTO {table} SELECT NEW.user_id, {value}, NEW.sign * coalesce(NEW.plays, 1)
            WHERE NEW.at IS NOT NULL ON CONFLICT DO UPDATE SET plays = plays + excluded.plays""",
        f"""DELETE FROM {table}
            WHERE NEW.sign < 0 AND user_id = NEW.user_id AND {column} = {value} AND plays = 0""",
    )


def _decayed(kind: Kind, column: str) -> tuple[str, ...]:
    """Return the statements that read saved tracks or skips of one subject again."""
    return (
        f"UPDATE profiles SET {column}_at = (SELECT max({TIME}) {_SAID} AND kind = '{kind}') WHERE {_THIS}",
        f"""UPDATE profiles SET {column} = (
            SELECT coalesce(sum(pow(2.0, ({TIME} - {column}_at) / {HALF_LIFE[kind]})), 0.0)
            {_SAID} AND kind = '{kind}') WHERE {_THIS}""",
    )


_VERDICT = f"""UPDATE profiles SET (verdict, verdict_at) = (SELECT kind, {TIME} {_SAID}
    AND kind IN ('like', 'dislike') ORDER BY {LATEST} LIMIT 1) WHERE {_THIS}"""
_BLOCKED = f"""UPDATE profiles SET blocked = (SELECT kind = 'block' {_SAID} AND kind IN ('block', 'unblock')
    ORDER BY {LATEST} LIMIT 1) WHERE {_THIS}"""
EFFECTS = {
    ("play",): (
        _PLAYED,
        _PLAYED_SUM,
        *by("listening_days", "day", f"NEW.at / {DAY}"),
        *by("listening_hours", "hour", "NEW.at / 3600 % 24"),
    ),
    ("like", "dislike"): (_VERDICT,),
    ("save",): _decayed(Kind.SAVE, "saved"),
    ("skip",): _decayed(Kind.SKIP, "skipped"),
    ("block", "unblock"): (_BLOCKED,),
}
"""What each kind of event does to the row of its subject."""


def _effect(kinds: tuple[str, ...], statements: tuple[str, ...]) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    body = ";\n".join((ROW, *statements, _DROP_EMPTY, COUNT_REVISION))
    return f"""CREATE TRIGGER profile_{kinds[0]} INSTEAD OF INSERT ON profile_changes
        WHEN NEW.kind IN ({named}) BEGIN {body}; END"""


_COLUMNS = "user_id, artist_id, track_id, kind, at, plays"


def _change(sign: int, row: str) -> str:
    fields = ", ".join(f"{row}.{column}" for column in _COLUMNS.split(", "))
    return f"INSERT INTO profile_changes VALUES ({sign}, {fields})"


def _change_of(sign: int, event_id: str) -> str:
    return f"INSERT INTO profile_changes SELECT {sign}, {_COLUMNS} FROM events WHERE id = {event_id}"


_STANDS = "NOT EXISTS (SELECT 1 FROM events WHERE undoes = OLD.id)"
_FORGET = ";\n".join(f"DELETE FROM {table} WHERE user_id = OLD.id" for table in TABLES)
_ON_EVENTS = (
    ("append", "AFTER INSERT ON events WHEN NEW.kind <> 'undo'", _change(1, "NEW")),
    ("undo", "AFTER INSERT ON events WHEN NEW.kind = 'undo'", _change_of(-1, "NEW.undoes")),
    # Before the row goes, while its undo is still there; what is judged is read again, and so after.
    ("erase_play", f"BEFORE DELETE ON events WHEN OLD.kind = 'play' AND {_STANDS}", _change(-1, "OLD")),
    ("erase", "AFTER DELETE ON events WHEN OLD.kind NOT IN ('play', 'undo')", _change(-1, "OLD")),
    ("erase_undo", "AFTER DELETE ON events WHEN OLD.kind = 'undo'", _change_of(1, "OLD.undoes")),
    (
        "move",
        f"""AFTER UPDATE OF {_COLUMNS} ON events
        WHEN OLD.kind <> 'undo' AND (OLD.kind <> 'play' OR {_STANDS})""",
        f"{_change(-1, 'OLD')};\n{_change(1, 'NEW')}",
    ),
    # Foreign keys erase events one by one, which may add rows again after theirs have gone.
    ("forget", "AFTER DELETE ON users", _FORGET),
)

JUDGEMENTS = (
    "DROP TRIGGER profile_like",
    "DROP TRIGGER profile_block",
    *(_effect(kinds, statements) for kinds, statements in EFFECTS.items() if kinds[0] in ("like", "block")),
    # Two judgements of one second used to be told apart by their ids: those subjects are read again.
    f"""UPDATE events SET kind = kind WHERE id IN (SELECT max(id) FROM events WHERE {JUDGED}
        GROUP BY user_id, artist_id, track_id, recorded_at HAVING count(*) > 1)""",
)
"""Statements that put judgements into the order of `LATEST` in an older database."""

SCHEMA = (
    *_INDEXES,
    *_TABLES,
    *(_effect(kinds, statements) for kinds, statements in EFFECTS.items()),
    *(f"CREATE TRIGGER profile_on_{name} {when} BEGIN {body}; END" for name, when, body in _ON_EVENTS),
)
"""Statements of the migration."""
