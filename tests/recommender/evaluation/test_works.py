"""What a table repeats, and what is made one work of it."""

import json

import pytest

from bot.cli import main as cli
from recommender.evaluation.works import repeats

HEADER = "track_id,track_name,track_artist,duration_ms,tempo"
ROWS = [
    ("a", "Song", "Band", 200_000),
    ("a", "Song", "Band", 200_000),  # the same id again, in another playlist
    ("b", "song", "BAND", 201_000),  # another id of the same name
    ("c", "Song - 2011 Remaster", "Band", 202_000),
    ("d", "Song (Live)", "Band", 290_000),  # another length: not safe
    ("e", "Song (Club Remix)", "Band", 200_000),  # a work of its own
    ("f", "Song", "Other", 200_000),
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "tracks.csv"
    lines = [f"{ident * 22},{title},{artist},{ms},120" for ident, title, artist, ms in ROWS]
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def test_what_is_repeated_and_what_is_merged(table):
    found = repeats(table)
    assert (found.rows, found.ids, found.names) == (7, 1, 1)
    assert [(merge.rule, merge.same_length) for merge in found.merges] == [("name", True), ("duration", True)]
    assert found.works == 4


def test_the_command_prints_counts_and_a_sample(table, capsys):
    assert cli.run(["evaluate", "works", "spotify-tracks", str(table), "--sample", "5"]) == 0
    printed = capsys.readouterr().out
    assert "7 rows: 1 repeat an id, 1 a name and artist; they are 4 works." in printed
    assert "Band - Song [200 s]  =  BAND - song [201 s]  (name)" in printed
    assert cli.run(["evaluate", "works", "spotify-tracks", str(table), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["merges"]["duration"] == {"n": 1, "lengths_known": 1, "same_length": 1}


def test_spotifys_playlists_repeat_themselves_as_their_readme_says(shared_data):
    found = repeats(shared_data / "spotify-songs-32k")
    # Five of 32,833 rows have no names; of those 4,477 and 6,603 repeats, they are one and four.
    assert (found.rows, found.ids, found.names) == (32_828, 4_476, 6_599)
    by_name = [merge for merge in found.merges if merge.rule == "name"]
    assert sum(bool(merge.same_length) for merge in by_name) / len(by_name) > 0.9
