"""The first tables of artists, tracks and tags, and the index that searches them."""

MUSIC = """
CREATE TABLE artists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    country TEXT,
    listeners INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX artists_squashed ON artists (replace(key, ' ', ''));
CREATE TABLE artist_ids (
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    PRIMARY KEY (scheme, value)
) WITHOUT ROWID;
CREATE INDEX artist_ids_artist ON artist_ids (artist_id);
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    title TEXT NOT NULL,
    key TEXT NOT NULL,
    album TEXT,
    year INTEGER,
    duration_ms INTEGER,
    explicit INTEGER,
    popularity REAL,
    listeners INTEGER NOT NULL DEFAULT 0,
    UNIQUE (artist_id, key)
);
CREATE INDEX tracks_key ON tracks (key, listeners DESC, popularity DESC);
CREATE TABLE track_ids (
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    PRIMARY KEY (scheme, value)
) WITHOUT ROWID;
CREATE INDEX track_ids_track ON track_ids (track_id);
CREATE TABLE audio_features (
    track_id INTEGER PRIMARY KEY REFERENCES tracks ON DELETE CASCADE,
    danceability REAL, energy REAL, key REAL, loudness REAL, mode REAL, speechiness REAL, acousticness REAL,
    instrumentalness REAL, liveness REAL, valence REAL, tempo REAL
);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL DEFAULT ''
);
CREATE TABLE artist_tags (
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    source TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (artist_id, tag_id, source)
) WITHOUT ROWID;
CREATE INDEX artist_tags_tag ON artist_tags (tag_id);
CREATE TABLE track_tags (
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    source TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (track_id, tag_id, source)
) WITHOUT ROWID;
CREATE INDEX track_tags_tag ON track_tags (tag_id);
CREATE TABLE taggings (
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    at INTEGER,
    PRIMARY KEY (user_id, artist_id, tag_id)
) WITHOUT ROWID;
CREATE INDEX taggings_artist ON taggings (artist_id, tag_id);
CREATE INDEX taggings_tag ON taggings (tag_id)
"""

# Indexed text is folded already (storage/naming/text.py): every character except a space belongs to a word.
# The index only has row ids (`content`, `detail`): the names are in their tables.
_FTS = (
    "words, content='', detail='none', prefix='1 2 3',"
    " tokenize='ascii tokenchars ''!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'''"
)
SEARCH = f"""
CREATE VIRTUAL TABLE artists_fts USING fts5({_FTS});
CREATE VIRTUAL TABLE tracks_fts USING fts5({_FTS});
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)
"""
