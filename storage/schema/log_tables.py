"""The first tables of the event log, of slates and impressions."""

LOG = """
CREATE TABLE slates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    community_id INTEGER REFERENCES communities ON DELETE SET NULL,
    query TEXT NOT NULL,
    seed INTEGER NOT NULL,
    policy TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    shown_at INTEGER
);
CREATE INDEX slates_user ON slates (user_id, id);
CREATE INDEX slates_community ON slates (community_id) WHERE community_id IS NOT NULL;
CREATE TABLE impressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slate_id INTEGER NOT NULL REFERENCES slates ON DELETE CASCADE,
    position INTEGER NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE,
    propensity REAL NOT NULL,
    features TEXT NOT NULL,
    explanation TEXT NOT NULL,
    UNIQUE (slate_id, position)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    community_id INTEGER REFERENCES communities ON DELETE SET NULL,
    artist_id INTEGER REFERENCES artists ON DELETE CASCADE,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at INTEGER,
    recorded_at INTEGER NOT NULL,
    plays INTEGER,
    ms_played INTEGER,
    source TEXT NOT NULL,
    impression_id INTEGER REFERENCES impressions ON DELETE SET NULL,
    undoes INTEGER REFERENCES events ON DELETE CASCADE,
    CHECK ((kind = 'undo') = (undoes IS NOT NULL)),
    CHECK ((kind = 'undo') = (artist_id IS NULL))
);
CREATE INDEX events_user ON events (user_id, id);
CREATE INDEX events_community ON events (community_id) WHERE community_id IS NOT NULL;
CREATE INDEX events_verdicts ON events (user_id, artist_id, track_id) WHERE kind IN ('like', 'dislike');
CREATE INDEX events_impression ON events (impression_id) WHERE impression_id IS NOT NULL;
CREATE UNIQUE INDEX events_undoes ON events (undoes) WHERE undoes IS NOT NULL;
CREATE VIEW standing_events AS
    SELECT * FROM events AS e
    WHERE kind <> 'undo' AND NOT EXISTS (SELECT 1 FROM events AS u WHERE u.undoes = e.id)
"""
