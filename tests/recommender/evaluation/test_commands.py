"""`segue evaluate`, from the command line to the figures."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from bot.cli.evaluate.commands import evaluate
from recommender.errors import MusicError
from recommender.evaluation.interactions import NO_TIME

MODELS = "popularity,als-defaults"


@pytest.fixture(scope="module")
def log(camps, tmp_path_factory):
    """The camps as a file of interactions."""
    path = tmp_path_factory.mktemp("camps") / "log.csv"
    rows = zip(*camps.log, strict=True)
    path.write_text(
        "\n".join(f"{camps.users[u]},{camps.items[i]},{w},{1_000_000_000 + t}" for u, i, w, t in rows)
    )
    assert NO_TIME not in camps.log.times
    return path


def ran(*arguments: object):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments], catch_exceptions=False)


def test_ranking_gives_a_table_a_report_and_a_plot(log, tmp_path):
    done = ran(
        "ranking",
        "interactions",
        log,
        "--models",
        MODELS,
        "--seeds",
        2,
        "--json",
        tmp_path / "out.json",
        "--plot",
        tmp_path / "out.png",
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "60 users, 24 items, 480 pairs"
    assert [line.split()[0] for line in lines[1:4]] == ["model", "als-defaults", "popularity"]
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["seeds"] == [0, 1]
    assert report["people"] == [12, 12]
    assert isinstance(report["default"], str)
    assert list(report["models"]) == ["popularity", "als-defaults"]
    figures = report["models"]["als-defaults"]
    wanted = {
        "ndcg@100",
        "recall@20",
        "recall@50",
        "fit_s",
        "ms_per_user",
        "mrr@100",
        "coverage@10",
        "peak_mb",
    }
    assert wanted <= figures.keys()
    assert figures["ndcg@100"] > report["models"]["popularity"]["ndcg@100"]
    assert 0 < figures["se"]["ndcg@100"] < 0.2
    ahead = figures["better_than"]["ndcg@100"]["popularity"]
    assert ahead["mean"] == pytest.approx(
        figures["ndcg@100"] - report["models"]["popularity"]["ndcg@100"], abs=1e-5
    )
    assert figures["diversity@10"] is None  # nobody tagged anything
    assert figures["tuned"] == [{}, {}]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_json_without_a_file_goes_to_standard_output_alone(log):
    done = ran("ranking", "interactions", log, "--models", "popularity", "--seeds", 1, "--json")
    assert list(json.loads(done.stdout)["models"]) == ["popularity"]


def test_ranking_by_time(log):
    done = ran(
        "ranking", "interactions", log, "--models", "popularity", "--seeds", 1, "--split", "time", "--json"
    )
    assert json.loads(done.stdout)["protocol"] == "time"


def test_the_same_seeds_give_the_same_figures(log):
    arguments = ("ranking", "interactions", log, "--models", MODELS, "--seeds", 1, "--json")
    one, again = (json.loads(ran(*arguments).stdout)["models"] for _ in range(2))
    for name, figures in one.items():
        assert figures["ndcg@100"] == again[name]["ndcg@100"]
        assert figures["se"] == again[name]["se"]


def test_few_items_by_length(log, tmp_path):
    done = ran(
        "few-items",
        "interactions",
        log,
        "--models",
        MODELS,
        "--seeds",
        1,
        "--json",
        tmp_path / "out.json",
        "--plot",
        tmp_path / "out.png",
    )
    assert done.stdout.splitlines()[1].split()[-7:] == ["0", "1", "2", "3", "5", "10", "20"]
    reached = json.loads((tmp_path / "out.json").read_text())["models"]["popularity"]["ndcg@100"]
    assert reached["0"] == reached["5"] > 0
    assert reached["20"] is None
    assert (tmp_path / "out.png").exists()


def test_models_that_need_tags_are_left_out_where_there_are_none(log):
    done = ran("ranking", "interactions", log, "--models", "popularity,tag-cosine", "--seeds", 1)
    assert "tag-cosine was left out: It needs tags" in done.stderr
    assert "tag-cosine" not in done.stdout
    with pytest.raises(MusicError, match="No model is suited"):
        ran("ranking", "interactions", log, "--models", "tag-ridge", "--seeds", 1)


def test_cold_items_need_tags(log):
    with pytest.raises(MusicError, match="need tags"):
        ran("cold-items", "interactions", log, "--models", "popularity", "--seeds", 1)


def test_cold_items_of_a_folder_with_genres(tmp_path):
    ratings = [f"{u},{i},5,1000000000" for u in range(12) for i in range(12) if (u + i) % 2 or i % 5 == 0]
    films = [f"{i},film {i},{'Action' if i % 2 else 'Drama'}" for i in range(12)]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *ratings]))
    (tmp_path / "movies.csv").write_text("\n".join(["movieId,title,genres", *films]))
    done = ran(
        "cold-items",
        "movielens",
        tmp_path,
        "--models",
        "popularity,tag-cosine",
        "--seeds",
        1,
        "--json",
        tmp_path / "out.json",
        "--plot",
        tmp_path / "out.png",
    )
    assert done.exit_code == 0
    models = json.loads((tmp_path / "out.json").read_text())["models"]
    assert {"recall@20", "se", "others"} <= models["tag-cosine"].keys()
    assert "recall@20" in models["tag-cosine"]["others"]
    assert (tmp_path / "out.png").exists()


def test_cold_items_are_compared_by_sound_too(log, camps, tmp_path):
    vectors = np.array([[name.startswith("song 1"), 1, n / 24] for n, name in enumerate(camps.items)], float)
    np.savez(tmp_path / "heard.npz", names=np.array(camps.items).astype(str), vectors=vectors)
    options = ("--models", "popularity,sound-regression", "--seeds", 1, "--audio")
    done = ran("cold-items", "interactions", log, *options, tmp_path / "heard.npz")
    assert "R@20, tags hidden" in done.stdout
    assert any(line.startswith("sound-regression") for line in done.stdout.splitlines())
    assert "24 items were heard" in done.stdout


@pytest.mark.parametrize("broken", ["text", "names", "numbers", "strangers"])
def test_a_file_of_vectors_that_is_none_is_refused_in_a_sentence(log, tmp_path, broken):
    path = tmp_path / "heard.npz"
    names = np.array(["song 0/1", "song 1/1"])
    match broken:
        case "text":
            path.write_text("no vectors")
        case "names":
            np.savez(path, names=names[:1], vectors=np.ones((2, 3)))
        case "numbers":
            np.savez(path, names=names, vectors=np.full((2, 3), np.nan))
        case "strangers":
            np.savez(path, names=np.array(["a", "b"]), vectors=np.ones((2, 3)))
    with pytest.raises(MusicError, match="names none of" if broken == "strangers" else "needs two arrays"):
        ran("cold-items", "interactions", log, "--models", "sound-regression", "--audio", path)


def test_what_cannot_be_written_is_refused_before_the_work(log, tmp_path):
    with pytest.raises(MusicError, match="no folder"):
        ran("ranking", "interactions", log, "--json", tmp_path / "nowhere" / "out.json")
    with pytest.raises(MusicError, match="no model nix"):
        ran("ranking", "interactions", log, "--models", "nix")


@pytest.mark.parametrize("kind", ["ranking", "few-items", "cold-items"])
def test_help_has_an_example_and_the_formats(kind):
    said = ran(kind, "--help").stdout
    assert f"segue evaluate {kind} lastfm-2k" in said
    assert "interactions" in said


def test_groups_gives_every_strategy_and_the_live_sessions(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{p},{20 * (p // 20) + i}" for p in range(60) for i in rng.choice(20, 12, replace=False)]
    (tmp_path / "log.csv").write_text("\n".join(rows))
    done = ran(
        "groups",
        "interactions",
        tmp_path / "log.csv",
        "--size",
        "2,3",
        "--kind",
        "random,similar",
        "--groups",
        3,
        "--seeds",
        1,
        "--sessions",
        0,
        "--json",
        tmp_path / "out.json",
    )
    assert "Nash welfare, thumbs" in done.stdout
    report = json.loads((tmp_path / "out.json").read_text())
    cells = list(report["strategies"]["average"]["cells"])
    assert cells == ["random 2", "random 3", "similar 2", "similar 3"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [(("--size", "1,2"), "from 2 to 50"), (("--size", "two"), "no sizes"), (("--kind", "foes"), "kind foes")],
)
def test_groups_that_there_are_not_are_refused(log, option, sentence):
    with pytest.raises(MusicError, match=sentence):
        ran("groups", "interactions", log, *option)
