"""The first tables of users, their accounts and communities, and of links between accounts."""

PEOPLE = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL);
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (platform, external_id)
);
CREATE INDEX accounts_user ON accounts (user_id);
CREATE TABLE communities (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (platform, external_id)
);
CREATE TABLE memberships (
    community_id INTEGER NOT NULL REFERENCES communities ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (community_id, user_id)
) WITHOUT ROWID;
CREATE INDEX memberships_user ON memberships (user_id);
CREATE TABLE friends (
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    friend_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (user_id, friend_id)
) WITHOUT ROWID;
CREATE INDEX friends_friend ON friends (friend_id);
CREATE TABLE settings (
    scope TEXT NOT NULL,
    scope_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, scope_id, name)
) WITHOUT ROWID
"""

LINKS = """
CREATE TABLE link_codes (
    code TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    made_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    guest_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    linked_at INTEGER NOT NULL,
    last_event_id INTEGER NOT NULL,
    parted_at INTEGER
);
CREATE INDEX links_host ON links (host_id);
CREATE INDEX links_guest ON links (guest_id);
CREATE TABLE link_moves (
    link_id INTEGER NOT NULL REFERENCES links ON DELETE CASCADE,
    what TEXT NOT NULL,
    key TEXT NOT NULL
);
CREATE INDEX link_moves_link ON link_moves (link_id);
CREATE TABLE cards (
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    message TEXT NOT NULL,
    slate_id INTEGER NOT NULL REFERENCES slates ON DELETE CASCADE,
    PRIMARY KEY (platform, place, message)
) WITHOUT ROWID;
CREATE INDEX cards_slate ON cards (slate_id);
CREATE TABLE slate_verdicts (
    slate_id INTEGER NOT NULL REFERENCES slates ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (slate_id, user_id)
) WITHOUT ROWID;
CREATE INDEX slate_verdicts_user ON slate_verdicts (user_id)
"""
