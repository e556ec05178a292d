"""Well-known artists of many genres, to start a conversation."""

from sqlite_utils import Database

STRANGERS = 3  # people who like an artist, for others to be told that somebody does
_ENOUGH = 20  # people who like one artist, for likes to say more than general knowledge
_MOST_OF_A_GENRE = 3
_KNOWN = 2000  # the best-known artists are looked at

# Before enough people have listened, fame decides, then the number of songs in the catalogue.
_BEST_KNOWN = """
    SELECT artists.id, artists.name, iif(listeners >= :few, listeners, 0) AS people,
           (SELECT max(class) FROM artist_fame WHERE artist_id = artists.id) AS fame,
           (SELECT count(*) FROM tracks WHERE artist_id = artists.id) AS songs
    FROM artists WHERE hidden = 0 AND (listed OR listeners >= :few)
    ORDER BY people DESC, fame DESC, songs DESC, artists.id LIMIT :known
"""
_TAGS = """
    SELECT tracks.artist_id, track_tags.tag_id FROM track_tags JOIN tracks ON tracks.id = track_tags.track_id
    JOIN tags ON tags.id = track_tags.tag_id WHERE tags.kind = 'genre'
    AND tracks.artist_id IN (SELECT value FROM json_each(:artists))
    UNION SELECT artist_id, tag_id FROM artist_tags JOIN tags ON tags.id = tag_id
    WHERE artist_id IN (SELECT value FROM json_each(:artists))
"""


def enough_listen(db: Database) -> bool:
    """Tell whether so many people like one artist that they tell whom others know."""
    return (db.execute("SELECT max(listeners) FROM artists").fetchone()[0] or 0) >= _ENOUGH


def well_known(db: Database, n: int) -> list[tuple[int, str]]:
    """Return at most `n` artists as (id, name), best known first.

    No two share a genre while the catalogue has other genres.
    """
    best = db.execute(_BEST_KNOWN, {"few": STRANGERS, "known": _KNOWN}).fetchall()
    names = {artist_id: name for artist_id, name, *_ in best}
    tags: dict[int, set[int]] = {}
    for artist_id, tag_id in db.execute(_TAGS, {"artists": f"[{','.join(map(str, names))}]"}):
        tags.setdefault(artist_id, set()).add(tag_id)
    chosen: list[int] = []
    taken: set[int] = set()
    for artist_id in names:  # best known first
        genres = tags.get(artist_id, set())
        if genres and not taken & genres:
            chosen.append(artist_id)
            taken |= genres
    chosen += [artist_id for artist_id in names if artist_id not in set(chosen)]
    return [(artist_id, names[artist_id]) for artist_id in chosen[:n]]
