"""What a likeness is said to rest on, worked out again from the database."""

import gzip
from contextlib import closing
from sqlite3 import connect

import numpy as np

from recommender.explain import SMALLEST_CROWD
from recommender.service import MusicService
from recommender.types import Query
from storage.imports import open_reader
from storage.ingest.importer import run_import
from storage.records import Account, Subject
from storage.writer import Writer

PEOPLE, ASKED, SHOWN = 350, 75, 5
DECADES = "SELECT DISTINCT (year / 10 * 10) || 's' FROM tracks WHERE artist_id = ? AND year IS NOT NULL"
TAGS = """
    SELECT name FROM tags WHERE id IN (
        SELECT tag_id FROM taggings WHERE artist_id = :a
        UNION SELECT tag_id FROM artist_tags WHERE artist_id = :a
        UNION SELECT tag_id FROM track_tags JOIN tracks ON tracks.id = track_id WHERE artist_id = :a)
"""
BOTH = """
    SELECT count(*) FROM (SELECT user_id FROM events WHERE kind = 'play' AND artist_id = ?
    INTERSECT SELECT user_id FROM events WHERE kind = 'play' AND artist_id = ?)
"""


def some_of(source, folder):
    """Write the rows of every fifth person or so of the data set; names and tags stay whole."""
    folder.mkdir()
    for path in source.glob("*.dat.gz"):
        head, *rows = gzip.decompress(path.read_bytes()).split(b"\n")
        if path.name.startswith("user-"):
            rows = [row for row in rows if row and int(row.split(b"\t")[0]) < PEOPLE]
        (folder / path.name.removesuffix(".gz")).write_bytes(b"\n".join([head, *rows]) + b"\n")


async def test_each_named_thing_of_hundreds_of_pairs_of_lastfm_is_shared(shared_data, tmp_path):
    some_of(shared_data / "lastfm-2k", tmp_path / "lastfm")
    database = tmp_path / "m.db"
    with Writer(database) as writer:
        run_import(writer, open_reader("lastfm-2k", tmp_path / "lastfm"))
    pairs = words = crowds = 0
    with closing(connect(database)) as facts:
        known = facts.execute(
            "SELECT artist_id FROM events GROUP BY 1 HAVING count(DISTINCT user_id) >= 3 ORDER BY 1"
        ).fetchall()
        chosen = np.random.default_rng(8).permutation(len(known))[:ASKED]
        async with await MusicService.open(database, seed=1) as music:
            ann = await music.arrive(Account("terminal", "ann", "Ann"))
            for place in chosen.tolist():
                seed = Subject(known[place][0])
                for pick in (await music.recommend(Query(ann.user_id, SHOWN, seeds=(seed,)))).picks:
                    reason, artist = pick.explanation, pick.song.subject.artist_id
                    if reason.kind != "because":
                        continue
                    assert reason.cause.artist_id == seed.artist_id
                    carried = [
                        {name for (name,) in facts.execute(TAGS, {"a": a})}
                        | {name for (name,) in facts.execute(DECADES, (a,))}
                        for a in (artist, seed.artist_id)
                    ]
                    assert set(reason.tags) <= carried[0] & carried[1]
                    both = facts.execute(BOTH, (artist, seed.artist_id)).fetchone()[0]
                    assert reason.count == (both if both >= SMALLEST_CROWD else None)
                    pairs, words, crowds = pairs + 1, words + bool(reason.tags), crowds + bool(reason.count)
    assert pairs >= 300
    assert words > 200
    assert crowds > 50
