"""Cultural vectors."""

import numpy as np

from recommender.cultural import term_weights
from recommender.matrix import Vocabulary
from recommender.service import MusicService
from recommender.types import Query
from storage.importer import run_import
from storage.imports import open_reader
from storage.records import Account
from storage.writer import Writer

ARTISTS = Vocabulary(np.arange(1, 6, dtype=np.int64))
YEAR = 365.25 * 86_400


def weights(*rows):
    """Return the weight of a word for artists 1 and 2; rows are (artist, document, count, age in years)."""
    told = [(artist, doc, "droning", count, int((100 - age) * YEAR), 1) for artist, doc, count, age in rows]
    told += [(other, 90 + other, "other", 1, int(100 * YEAR), 1) for other in (3, 4, 5)]
    return term_weights(told, ARTISTS, now=100 * YEAR).toarray()[:2, 0]


def test_a_newer_text_counts_more():
    new, old = weights((1, 1, 3, 0.0), (2, 2, 3, 8.0))
    assert new > old > 0


def test_several_sources_count_more_than_one_that_says_it_as_often():
    several, one = weights((1, 1, 1, 0.0), (1, 2, 1, 0.0), (1, 3, 1, 0.0), (2, 4, 3, 0.0))
    assert several > one > 0


def test_what_is_said_of_one_artist_alone_likens_her_to_nobody():
    assert weights((1, 1, 3, 0.0))[0] == 0


async def test_artists_of_whom_only_texts_tell_are_found_by_what_is_written(tmp_path):
    groups = {
        "slow hushed drones and glacial guitars over patient drums": ["Alpha Ray", "Beta Moon", "Gamma Tide"],
        "frantic breakneck riffs, snarling vocals and blast beats": ["Delta Fang", "Zeta Claw", "Theta Roar"],
    }
    folder = tmp_path / "texts"
    folder.mkdir()
    for words, names in groups.items():
        for name in names:
            text = f"---\nartist: {name}\n---\n{name} again: {words}. Few play {words} so well."
            (folder / f"{name}.md").write_text(text)
    with Writer(tmp_path / "m.db") as writer:
        report = run_import(writer, open_reader("texts", folder))
    assert (report.new["artists"], report.new["texts"]) == (6, 6)
    async with await MusicService.open(tmp_path / "m.db", seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        seed = (await music.resolve("Alpha Ray")).song.subject
        picks = (await music.recommend(Query(ann.user_id, 2, seeds=(seed,), by="words"))).picks
    assert {pick.song.artist for pick in picks} == {"Beta Moon", "Gamma Tide"}
