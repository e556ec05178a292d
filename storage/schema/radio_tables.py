"""The tables of radios, as their migration creates them; never edited after a release."""

RADIOS = """
CREATE TABLE radios (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    community_id INTEGER REFERENCES communities ON DELETE SET NULL,
    query TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX radios_user ON radios (user_id, id);
CREATE INDEX radios_community ON radios (community_id) WHERE community_id IS NOT NULL;
CREATE TABLE radio_slates (
    slate_id INTEGER PRIMARY KEY REFERENCES slates ON DELETE CASCADE,
    radio_id INTEGER NOT NULL REFERENCES radios ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX radio_slates_radio ON radio_slates (radio_id, slate_id);
ALTER TABLE sessions ADD COLUMN radio INTEGER NOT NULL DEFAULT 0
"""
