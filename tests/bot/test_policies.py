"""Whoever sits at the terminal runs what is on it, and who chooses the songs is decided by the log."""

import json
import sqlite3

import pytest

from bot.cli import main as cli
from storage.store import Store

CHOSEN = "SELECT policy FROM slates ORDER BY id DESC LIMIT 1"


def last_policy(database) -> str:
    with sqlite3.connect(database) as db:
        return db.execute(CHOSEN).fetchone()[0]


def test_below_a_thousand_answers_there_is_no_verdict_and_no_promotion(talk, database, answered):
    with Store.open(database) as store:
        answered(store, 999)
    shown, refused, back = talk("/admin policy", "/admin policy promote certain", "/admin policy back")
    assert shown == (
        "bandit chooses the songs; 999 of its choices have been answered.\n"
        "No verdict on another before 1,000 of its choices are answered."
    )
    assert refused == "certain may not take over: 999 decisions with a reaction; a verdict needs 1000."
    assert back == "No policy has been promoted: there is nothing to go back to."


def test_a_better_policy_takes_over_by_the_log_and_the_one_before_comes_back(talk, database, answered):
    with Store.open(database) as store:
        answered(store, 1200)
    shown, worse, better, now, _ = talk(
        "/admin policy",
        "/admin policy promote greedy",
        "/admin policy promote certain",
        "/admin policy",
        "/recommend",
    )
    lines = shown.splitlines()
    assert lines[0] == "bandit chooses the songs; 1,200 of its choices have been answered."
    assert lines[1].startswith("Liked: 40.0 % (")
    assert [line.partition(":")[0] for line in lines[2:]] == ["greedy", "uniform", "certain"]
    assert lines[2].startswith("greedy: 20.0 % (")
    assert "may not take over: its lower bound" in lines[2]
    assert lines[4].startswith("certain: 60.0 % (")
    assert "worth 600 answers; may take over: its lower bound" in lines[4]
    assert worse.startswith("greedy may not take over: its lower bound 0.")
    assert better.startswith("certain chooses from now on: its lower bound 0.")
    assert now.startswith("certain chooses the songs; 0 of its choices have been answered.\nNo verdict")
    assert last_policy(database) == "certain"
    back, again, _ = talk("/admin policy back", "/admin policy promote bandit", "/recommend")
    assert back == "bandit chooses again."
    assert again == "bandit chooses already."
    assert last_policy(database) == "bandit"


def test_what_an_operator_can_say_is_said(talk):
    offered, odd, nobody, knows, health = talk(
        "/admin",
        "/admin policy sideways",
        "/admin policy promote nobody",
        "/admin knowledge",
        "/admin health",
    )
    assert "/admin policy promote NAME" in offered
    assert odd == "Say policy to see how they stand, policy promote NAME, or policy back."
    assert nobody == "There is no policy nobody; choose one of greedy, uniform, bandit, certain."
    assert knows.startswith("I know 3,975 songs by ")
    assert health.startswith("Queue: 0 writes waiting\nMemory: ")


@pytest.mark.parametrize(
    ("choices", "promote", "because"),
    [
        (300, False, "300 decisions with a reaction; a verdict needs 1000"),
        (1200, True, "its lower bound 0."),
    ],
)
def test_the_log_is_asked_about_another_policy_by_a_command(
    database, answered, capsys, choices, promote, because
):
    with Store.open(database) as store:
        answered(store, choices)
    command = ["--database", str(database), "evaluate", "policy", "--candidate", "certain", "--json"]
    assert cli.run(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["running"], found["decisions"], found["effective"]) == ("bandit", choices, choices / 2)
    assert found["promote"] is promote
    assert found["because"].startswith(because)
    assert found["SNIPS"]["value"] == pytest.approx(0.6)
    assert found["SNIPS"]["low"] < 0.6 < found["SNIPS"]["high"]
    assert found["IPS"]["value"] == found["clipped IPS"]["value"] == pytest.approx(0.6)
    # Everything is expected to earn 0.4: by the model alone it would, and the log corrects that.
    assert found["DR"]["value"] == pytest.approx(0.6)
