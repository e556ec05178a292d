"""`segue evaluate next`: on a log whose albums are played in order, and on one where nothing follows."""

import json

import numpy as np
import pytest

from bot.cli import main as cli
from recommender.errors import EvaluationError
from recommender.evaluation.dated_log import DatedLog
from recommender.evaluation.next_songs import MODELS, Ranked, foretell, report

DAY, SONGS = 86_400, 5


@pytest.fixture
def albums(tmp_path):
    """Three people who hear eight albums of five songs through, one a day."""
    rng = np.random.default_rng(2)
    lines = ["user,artist,track,timestamp"]
    for day in range(40):
        for user in range(3):
            album = rng.integers(8)
            start = 1_600_000_000 + DAY * day + 4000 * user
            lines += [f"u{user},band {album},song {n} of {album},{start + 200 * n}" for n in range(SONGS)]
    path = tmp_path / "plays.csv"
    path.write_text("\n".join(lines))
    return path


def test_where_albums_are_heard_through_the_served_order_finds_the_next_song(albums):
    log = DatedLog.read("plays", albums)
    assert len(log.sequences) == 120
    first = log.session(0)
    assert [row.title for row in first] == [f"song {n} of {first[0].artist[5:]}" for n in range(SONGS)]
    places = foretell(log, sessions=12, steps=4, seed=0, watch=lambda *_: None)
    figures = report(places)
    song, artist = figures["song"], figures["artist"]
    assert (song["steps"], song["sessions"]) == (48, 12)
    assert song["models"].keys() == MODELS.keys()
    assert song["models"]["served"]["ndcg@20"] > 0.95
    assert song["models"]["ensemble"]["ndcg@20"] < 0.7
    assert artist["models"]["served"]["hit@20"] == 1
    assert song["served above"]["ensemble"]["ndcg@20"] == pytest.approx(
        song["models"]["served"]["ndcg@20"] - song["models"]["ensemble"]["ndcg@20"], abs=2e-4
    )


def test_the_command_writes_the_same_figures_as_json(albums, capsys):
    arguments = ["evaluate", "next", "plays", str(albums), "--sessions", "2", "--steps", "2", "--json"]
    assert cli.run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["song"]["steps"] == 4


def test_what_has_no_times_is_said_to_have_none(tmp_path):
    path = tmp_path / "plays.csv"
    path.write_text("user,artist,track,plays\nann,Queen,Innuendo,3\n")
    with pytest.raises(EvaluationError, match="too few sessions"):
        DatedLog.read("plays", path)
    with pytest.raises(EvaluationError, match="no evaluation of vinyl"):
        DatedLog.read("vinyl", path)


def test_a_place_counts_what_is_better_and_shares_what_is_equal():
    ranked = Ranked(np.array([1, 3, 4, 6], dtype=np.int32), np.array([0.5, 0.9, 0.5, 0.1]))
    everything = np.ones(7, dtype=bool)
    assert ranked.place(3, everything) == 0
    assert ranked.place(4, everything) == 1.5
    assert ranked.place(5, everything) == np.inf
    everything[3] = False
    assert ranked.place(6, everything) == 2
    assert ranked.place(3, everything) == np.inf
