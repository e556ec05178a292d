"""Cultural vectors."""

import json

import numpy as np

from recommender.content.text_vectors import term_weights
from recommender.feedback.matrix import IdIndex
from recommender.service import MusicService
from recommender.types import Query
from storage.catalogue.texts import Texts
from storage.imports import open_reader
from storage.ingest.importer import run_import
from storage.records import Account
from storage.writer import Writer

ARTISTS = IdIndex(np.arange(1, 6, dtype=np.int64))
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
        seed = (await music.names.resolve("Alpha Ray")).song.subject
        picks = (await music.recommend(Query(ann.user_id, 2, seeds=(seed,), by="words"))).picks
    assert {pick.song.artist for pick in picks} == {"Beta Moon", "Gamma Tide"}


SCENES = {
    "drone": "glacial hushed drones patient shimmering slowcore hymn candlelit murmuring reverberant",
    "thrash": "frantic breakneck snarling riffs blastbeat ferocious pummelling growled serrated moshpit",
    "disco": "glittering strings fourfloor mirrorball sashaying handclaps diva falsetto velvet dancefloor",
    "dub": "echoing basslines smoky skanking melodica riddim spacious soundsystem rootsy delayed",
    "folk": "fingerpicked rustic ballads fiddle weathered hearth harmonium pastoral troubadour meadow",
    "techno": "relentless kickdrum acidic warehouse hypnotic modular sequenced strobing metallic minimal",
}
BOILERPLATE = "We use cookies on this site.", "Subscribe to our newsletter", "All rights reserved 2024"


def review(rng, scene, name):
    """Write a review: some words of the scene, some of any, in sentences, with the name twice."""
    noise = [f"word{n}" for n in rng.integers(0, 400, 25)]
    words = [*rng.choice(SCENES[scene].split(), 7, replace=False), *noise]
    told = " ".join(rng.permutation(words).tolist())
    return f"{name} return with {told}. Nobody but {name} would try."


def written(rng, folder):
    """Write 360 reviews of 60 artists as front matter, page and lines of JSON; return the scene of each."""
    scenes = {f"{scene.title()} Act {'ABCDEFGHIJ'[n]}": scene for scene in SCENES for n in range(10)}
    lines = []
    for name, scene in scenes.items():
        for n in range(6):
            text = review(rng, scene, name)
            if n % 3 == 0:
                front = f"---\nartist: {name}\ndate: 20{10 + n}-05-01\n---\n"
                (folder / f"{name} {n}.md").write_text(f"{front}## Review\n\n{text}\n\n{BOILERPLATE[0]}\n")
            elif n % 3 == 1:
                page = f"<html><nav>Home</nav><h1>{name}</h1><p>{text}</p><p>{BOILERPLATE[1]}</p></html>"
                (folder / f"{name} {n}.html").write_text(page)
            else:
                lines.append(
                    json.dumps({"artist": name, "review": f"{text}\n{BOILERPLATE[2]}", "date": "2023"})
                )
    (folder / "feed.jsonl").write_text("\n".join(lines))
    return scenes


async def test_of_hundreds_of_reviews_those_of_one_scene_are_found(tmp_path):
    rng = np.random.default_rng(11)
    folder = tmp_path / "texts"
    folder.mkdir()
    scenes = written(rng, folder)
    with Writer(tmp_path / "m.db") as writer:
        # Pages name nobody beside the text: who is in the catalogue is found in it.
        writer.write(lambda store: [store.music.ensure_artist(name) for name in scenes]).result()
        report = run_import(writer, open_reader("texts", folder))
        assert report.new["texts"] == 360
        said = writer.write(lambda store: {row[2] for row in Texts(store.db).terms()}).result()
    assert not said & {"cookies", "subscribe", "newsletter", "rights", "reserved", "home"}
    alike = []
    async with await MusicService.open(tmp_path / "m.db", seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        for name in list(scenes)[::4]:
            seed = (await music.names.resolve(name)).song.subject
            picks = (await music.recommend(Query(ann.user_id, 5, seeds=(seed,), by="words"))).picks
            alike += [scenes[pick.song.artist] == scenes[name] for pick in picks]
    assert len(alike) == 75
    assert np.mean(alike) > 0.95
