"""Servers of twenty people: what newcomers meet there, and what two simple orders would have shown."""

import numpy as np
import pytest
from click.testing import CliRunner

from bot.cli.evaluate.commands import evaluate
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation import small_servers
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.listeners import Behaviour

ARTISTS = [[f"{camp} {n}" for n in range(30)] for camp in ("Folk", "Metal")]
ROUNDS, NEWCOMERS = 6, 8


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """A catalogue of two camps, whose artists name the next five of their own."""
    folder = tmp_path_factory.mktemp("starter")
    genres = "folk", "heavy metal"
    songs = [
        f"{artist},Song,2000,GB,{genre},calm"
        for camp, genre in zip(ARTISTS, genres, strict=True)
        for artist in camp
    ]
    (folder / "starter.csv").write_text("\n".join(["artist,title,year,country,genres,moods", *songs]))
    names = [
        f"{artist},3,,{';'.join(camp[(n + k) % 30] for k in range(1, 6))}"
        for camp in ARTISTS
        for n, artist in enumerate(camp)
    ]
    (folder / "related.csv").write_text("\n".join(["artist,fame,also,related", *names]))
    return folder / "starter.csv"


@pytest.fixture(scope="module")
def data():
    """Forty people who like most of one camp, one artist unknown elsewhere each, and nothing of the other."""
    builder, rng = InteractionsBuilder(), np.random.default_rng(0)
    for user in range(40):
        for artist in ARTISTS[user % 2]:
            if rng.random() < 0.9:
                builder.add(f"u{user}", artist)
        builder.add(f"u{user}", f"Unheard of {user}")
    return builder.build()


def server(data, starter, seed=0):
    behaviour = Behaviour(rounds=ROUNDS, people=NEWCOMERS, small_server=True)
    return small_servers.meet(data, starter, POLICIES["bandit"], behaviour, seed=seed, watch=lambda _: None)


def test_newcomers_of_a_small_server_are_found_by_what_they_say(data, starter):
    met, popularity, related = server(data, starter)
    assert met.liked.shape == popularity.shape == related.shape == (NEWCOMERS, ROUNDS)
    assert 0.2 < popularity.mean() < 0.8  # half of the people are of each camp
    assert met.liked[:, -2:].mean() > 0.8  # dislikes alone lead away from the wrong camp
    found = related[related[:, :-1].any(axis=1)]  # by those who liked something before the last
    assert found[:, -1].mean() > 0.8
    found = small_servers.compared([server(data, starter, seed) for seed in (0, 1)])
    better = max(found["popularity of the server"]["rate"], found["related artists alone"]["rate"])
    assert found["ahead"]["rate"] == pytest.approx(found["Segue"]["rate"] - better, abs=1e-3)
    assert found["related artists alone"]["se"] > 0


def test_a_server_without_enough_people_is_said_in_a_sentence(starter):
    builder = InteractionsBuilder()
    builder.add("somebody", ARTISTS[0][0])
    with pytest.raises(EvaluationError, match="A server needs 20 people"):
        server(builder.build(), starter)


def test_a_small_server_and_friends_who_are_new_exclude_each_other(tmp_path):
    path = tmp_path / "plays.csv"
    path.write_text("user,artist\na,b")
    arguments = ["listeners", "plays", str(path), "--small-server", "--cold-place"]
    assert "--small-server" in str(CliRunner().invoke(evaluate, arguments).exception)
