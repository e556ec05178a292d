"""Tables and triggers of facts that go to other machines: the outbox, the stable names of users, offsets.

A trigger writes a row into `outbox` in the transaction that changes a fact, while `publishing` has a row.
A row only points at its fact; what it says is read when it is sent (`storage/sharing/outbox.py`).
"""

_TABLES = """
CREATE TABLE publishing (origin TEXT NOT NULL);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL,
    row_id INTEGER,
    key TEXT,
    user_id INTEGER REFERENCES users ON DELETE CASCADE
);
CREATE INDEX outbox_key ON outbox (key) WHERE key IS NOT NULL;
CREATE INDEX outbox_user ON outbox (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE user_names (
    user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    UNIQUE (platform, external_id)
);
CREATE TABLE forgotten (
    digest TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    mine INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE offsets (
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    next INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (topic, part)
) WITHOUT ROWID;
CREATE TABLE results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request TEXT NOT NULL UNIQUE,
    user_id INTEGER REFERENCES users ON DELETE CASCADE,
    part INTEGER NOT NULL,
    position INTEGER NOT NULL,
    topic TEXT NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX results_waiting ON results (part, id) WHERE NOT sent;
CREATE INDEX results_user ON results (user_id) WHERE user_id IS NOT NULL
"""

# The name of a user is the account it began with: an account that a link brought belongs to its guest.
_NAMES = """
INSERT INTO user_names SELECT user_id, platform, external_id FROM (
    SELECT a.*, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM (
        SELECT accounts.id, platform, external_id, coalesce((
            SELECT guest_id FROM link_moves JOIN links ON links.id = link_id
            WHERE what = 'accounts' AND key = accounts.id AND parted_at IS NULL ORDER BY links.id LIMIT 1
        ), user_id) AS user_id FROM accounts) AS a
) WHERE place = 1
"""

_ON = "EXISTS (SELECT 1 FROM publishing)"
_POINT = "INSERT INTO outbox (what, row_id, key, user_id) VALUES"
# Settings of the machine that holds the chat have a number in their names, except for this one.
SHARED_SETTING = "({row}.name NOT LIKE '%:%' OR {row}.name LIKE 'visible:%')"
_SETTING = f"{_ON} AND {{row}}.scope = 'user' AND {SHARED_SETTING}"
_ADD_SETTING = f"{_POINT} ('setting', NULL, {{row}}.name, {{row}}.scope_id)"
_CHANGES = (
    ("said", f"AFTER INSERT ON events WHEN {_ON}", f"{_POINT} ('event', NEW.id, NULL, NEW.user_id)"),
    (
        "changed",
        f"""AFTER UPDATE OF source, community_id ON events WHEN {_ON}
            AND (NEW.source, NEW.community_id) IS NOT (OLD.source, OLD.community_id)""",
        f"{_POINT} ('again', NEW.id, NULL, NEW.user_id)",
    ),
    ("erased", f"AFTER DELETE ON events WHEN {_ON}", f"{_POINT} ('gone', NULL, OLD.key, NULL)"),
    (
        "also",
        f"AFTER INSERT ON event_sources WHEN {_ON}",
        f"{_POINT} ('again', NEW.event_id, NULL, (SELECT user_id FROM events WHERE id = NEW.event_id))",
    ),
    ("came", f"AFTER INSERT ON accounts WHEN {_ON}", f"{_POINT} ('account', NEW.id, NULL, NEW.user_id)"),
    (
        "called",
        f"AFTER UPDATE OF name ON accounts WHEN {_ON} AND NEW.name <> OLD.name",
        f"{_POINT} ('account', NEW.id, NULL, NEW.user_id)",
    ),
    ("set", f"AFTER INSERT ON settings WHEN {_SETTING.format(row='NEW')}", _ADD_SETTING.format(row="NEW")),
    ("unset", f"AFTER DELETE ON settings WHEN {_SETTING.format(row='OLD')}", _ADD_SETTING.format(row="OLD")),
    (
        "reset",
        f"""AFTER UPDATE ON settings WHEN {_SETTING.format(row="NEW")}
            AND (NEW.value, NEW.scope_id) IS NOT (OLD.value, OLD.scope_id)""",
        f"{_ADD_SETTING.format(row='NEW')};\n{_ADD_SETTING.format(row='OLD')}",
    ),
    ("linked", f"AFTER INSERT ON links WHEN {_ON}", f"{_POINT} ('link', NEW.id, NULL, NEW.guest_id)"),
    (
        "parted",
        f"AFTER UPDATE OF parted_at ON links WHEN {_ON}",
        f"{_POINT} ('link', NEW.id, NULL, NEW.guest_id)",
    ),
)
_NAME = """CREATE TRIGGER name_of_user AFTER INSERT ON accounts BEGIN
    INSERT INTO user_names VALUES (NEW.user_id, NEW.platform, NEW.external_id) ON CONFLICT DO NOTHING; END"""

SCHEMA = (
    *_TABLES.strip().split(";\n"),
    _NAMES,
    _NAME,
    *(f"CREATE TRIGGER publish_{name} {when} BEGIN {body}; END" for name, when, body in _CHANGES),
)
"""Statements of the migration."""
