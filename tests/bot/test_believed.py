"""What a person sees of the learner, among people enough to believe something by."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.cli import main as cli


@pytest.fixture
def database(town, tmp_path, monkeypatch) -> Path:
    """A town of 160 people in place of the bundled catalogue."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUE_LOG", str(tmp_path / "segue.log"))
    monkeypatch.setenv("SEGUE_SEED", "7")
    return Path(shutil.copy(town, tmp_path / "segue.db"))


def rows(database, sql: str) -> list[tuple]:
    with sqlite3.connect(database) as db:
        return db.execute(sql).fetchall()


def test_a_profile_says_what_is_believed_and_how_sure_that_is(talk):
    first, _, second = talk("/like artist 1", "/profile", "/profile")
    assert first.startswith("👍 Noted")
    _, early, *_, late = talk(
        "/like artist 5", "/profile", *(f"/like artist {n}" for n in range(9, 38, 4)), "/profile"
    )

    def believed(profile: str) -> tuple[int, int]:
        lines = profile.splitlines()
        at = lines.index("What I believe")
        likes, sure = lines[at + 1 : at + 3]
        assert likes.startswith("Of the ten artists that suit you best, I expect you to like ")
        assert sure.endswith(" % of your taste; every 👍 and 👎 adds to it.")
        return int(likes.rstrip(".").split()[-1]), int(sure.split()[2])

    (some, sure), (more, surer) = believed(early), believed(late)
    assert 0 <= believed(second)[1] <= sure < surer <= 100
    assert some <= 10
    assert more <= 10


def test_without_a_population_a_profile_says_so(talk, database):
    database.unlink()
    _, shown = talk("/like queen", "/profile")
    assert "What I believe\nSo far I go by what you told me alone." in shown


def test_why_tells_which_picks_were_experiments_and_tune_ends_them(talk, database):
    asked = [line for _ in range(12) for line in ("/recommend", *(f"/why {n}" for n in range(1, 6)))]
    answers = talk("/like artist 1", *asked)[1:]
    told = [
        "This one was an experiment: I expected you to like others more, and I want to learn." in answer
        for k, answer in enumerate(answers)
        if k % 6
    ]
    behind = "SELECT json_extract(features, '$.behind') > 0 FROM impressions ORDER BY slate_id, position"
    assert told == [bool(tried) for (tried,) in rows(database, behind)]
    assert 1 <= sum(told) <= 15

    stands, safe, bold, never = talk("/tune", "/tune 0", "/tune 9", "/tune 11")
    assert stands.startswith("Adventurous: 3, as for everybody who has not said.")
    assert safe.endswith("from the next list on. Lists bring what fits best, even if it all sounds alike.")
    assert bold.startswith("Adventurous: 9 of 10 from the next list on.")
    assert never.startswith("Say a number from 0 to 10")
    talk("/tune 0", *["/recommend"] * 6)
    odds = "SELECT DISTINCT propensity FROM impressions WHERE slate_id > 12"
    assert rows(database, odds) == [(1.0,)]


def test_a_reaction_changes_the_next_list_and_the_reason_names_it(talk):
    listed, liked, again, why = talk("/like artist 2", "/like artist 6", "/recommend", "/why 1")
    assert listed.startswith("👍")
    assert liked.startswith("👍")
    artists = [int(line.split()[2]) for line in again.splitlines() if " - song " in line]
    assert sum(artist % 4 == 2 for artist in artists) >= 4
    assert "artist 2" in why or "artist 6" in why or "people here" in why


def test_forget_takes_the_share_in_what_was_learned_along(talk, database, capsys):
    talk("/like artist 1", "/recommend", "+1 +2 -3 +4 -5", "/recommend", "+1 -2")
    assert figures(database, capsys, "train")["listeners"] == 161
    assert figures(database, capsys, "rebuild-policy")["reactions"] == 7
    question, done = talk("/forget", "yes")
    assert question.startswith("Erase everything I know about you")
    assert done.startswith("Your data is deleted: ")
    assert figures(database, capsys, "stats")["snapshot"]["listeners"] == 160
    rebuilt = figures(database, capsys, "rebuild-policy")
    assert (rebuilt["reactions"], rebuilt["same"], rebuilt["people"]) == (0, True, 160)
    assert rows(database, "SELECT count(*) FROM impressions") == [(0,)]


def figures(database, capsys, *command: str) -> dict:
    capsys.readouterr()
    assert cli.run(["--database", str(database), *command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)
