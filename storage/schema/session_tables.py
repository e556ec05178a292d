"""The tables of sessions, as their migration creates them; never edited after a release."""

SESSIONS = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    user_id INTEGER REFERENCES users ON DELETE SET NULL,
    community_id INTEGER NOT NULL REFERENCES communities ON DELETE CASCADE,
    place TEXT NOT NULL,
    name TEXT NOT NULL,
    style TEXT NOT NULL,
    arc INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    paused_at INTEGER,
    ended_at INTEGER,
    card TEXT
);
CREATE UNIQUE INDEX sessions_running ON sessions (community_id, place) WHERE ended_at IS NULL;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE session_members (
    session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    joined_at INTEGER NOT NULL,
    left_at INTEGER,
    PRIMARY KEY (session_id, user_id)
) WITHOUT ROWID;
CREATE INDEX session_members_user ON session_members (user_id);
CREATE TABLE session_songs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE,
    user_id INTEGER REFERENCES users ON DELETE SET NULL,
    cause_artist_id INTEGER REFERENCES artists ON DELETE SET NULL,
    cause_track_id INTEGER REFERENCES tracks ON DELETE SET NULL,
    started_at INTEGER,
    skipped_at INTEGER
);
CREATE INDEX session_songs_session ON session_songs (session_id, id);
CREATE INDEX session_songs_user ON session_songs (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE session_shares (
    song_id INTEGER NOT NULL REFERENCES session_songs ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    expected REAL NOT NULL,
    is_for INTEGER NOT NULL,
    PRIMARY KEY (song_id, user_id)
) WITHOUT ROWID;
CREATE INDEX session_shares_user ON session_shares (user_id);
CREATE TABLE session_votes (
    event_id INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE,
    song_id INTEGER NOT NULL REFERENCES session_songs ON DELETE CASCADE
);
CREATE INDEX session_votes_song ON session_votes (song_id);
CREATE TABLE session_wishes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE UNIQUE INDEX session_wishes_song
    ON session_wishes (session_id, kind, artist_id, coalesce(track_id, 0));
CREATE INDEX session_wishes_user ON session_wishes (user_id)
"""
