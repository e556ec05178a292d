"""The tables of the web companion, as their migration creates them; never edited after a release."""

WEB = """
CREATE TABLE web_links (
    token TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    language TEXT NOT NULL,
    made_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX web_links_account ON web_links (account_id);
CREATE TABLE web_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    language TEXT NOT NULL,
    browser TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
);
CREATE INDEX web_sessions_account ON web_sessions (account_id)
"""
"""One-time links and signed-in browsers; `token` is the SHA-256 of what the person holds."""
