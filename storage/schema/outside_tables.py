"""The tables for data from external services, as the steps of `storage.migrations` create them."""

CONNECTIONS = """
CREATE TABLE connections (
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    connected_at INTEGER NOT NULL,
    newest_at INTEGER NOT NULL DEFAULT 0,
    oldest_at INTEGER,
    listens INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    looked_closely_at INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    secret BLOB,
    PRIMARY KEY (user_id, source)
) WITHOUT ROWID;
CREATE INDEX connections_next ON connections (next_at)
"""

OUTSIDE = """
CREATE TABLE answers (
    service TEXT NOT NULL,
    question TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (service, question)
) WITHOUT ROWID;
CREATE INDEX answers_expire ON answers (expires_at);
CREATE TABLE covers (
    track_id INTEGER PRIMARY KEY REFERENCES tracks ON DELETE CASCADE,
    url TEXT NOT NULL,
    service TEXT NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE TABLE errands (
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    service TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (service, track_id)
) WITHOUT ROWID;
CREATE INDEX errands_next ON errands (service, next_at);
CREATE INDEX errands_track ON errands (track_id);
CREATE TABLE sign_ins (
    state TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    secret BLOB NOT NULL,
    made_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ins_user ON sign_ins (user_id)
"""
