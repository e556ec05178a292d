"""The command line: figures for scripts, exit status 0 or 2, and one sentence when it fails."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.cli import main as cli
from bot.handlers.importing import IMPORTING
from bot.settings import STARTER
from storage.imports import FORMATS
from storage.records import Account, Event, Kind, Subject
from storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
PLAYS = "artist,track,plays\nDepeche Mode,Personal Jesus,12\nNobody Yet,First Song,3\n,,\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database, capsys) -> Run:
    """Run `segue --database ...`; return exit status, standard output, standard error."""

    def called(*arguments: object, at: Path = database) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run(["--database", str(at), *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return called


def test_help_comes_with_an_example_for_every_command(capsys):
    for name in ("", *cli.cli.commands):
        assert cli.run([name, "--help"] if name else []) == 0
        out = capsys.readouterr().out
        assert f"For example:\n    segue {name}" in out
        assert max(map(len, out.splitlines())) <= 80


def test_help_loads_nothing_that_computes():
    code = (
        "import sys; from bot.cli import main as cli; status = cli.run(['--help'])\n"
        "heavy = {'numpy', 'scipy', 'implicit', 'sklearn', 'rich', 'pydantic', 'prompt_toolkit'}\n"
        "sys.exit(f'{heavy & set(sys.modules)}' if heavy & set(sys.modules) else status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_formats_in_the_help_are_those_there_are(run):
    _, out, _ = run("import", "--help")
    listed = out.partition("FORMAT is one of:")[2].partition("For example")[0]
    assert {line.split()[0] for line in listed.splitlines() if line.strip()} == {*FORMATS, "audio"}
    assert all(name in IMPORTING for name in FORMATS)


def test_plays_come_in_for_the_person_who_chats(run, talk, tmp_path):
    plays = tmp_path / "plays.csv"
    plays.write_text(PLAYS, encoding="utf-8")
    first = run("import", "plays", plays, "--as", "Ann")
    second = run("import", "plays", plays, "--as", "ann")
    assert (first[0], first[2], second[0]) == (0, "", 0)
    assert "2 kept" in first[1]
    assert "skipped" in first[1]
    assert "0 kept, 2 merged" in second[1]
    history, liked = talk("/history", "/like nobody yet")
    assert "in all" in history
    assert "Depeche Mode - Personal Jesus  12 plays" in history
    assert liked.startswith("👍 Noted: you like Nobody Yet.")


def test_an_export_comes_in_by_its_path_in_the_chat_and_from_the_shell(run, talk, tmp_path):
    streams = [
        {"endTime": f"2024-05-{day} 21:00", "artistName": "U2", "trackName": "One", "msPlayed": 390_000}
        for day in range(11, 23)
    ]
    path = tmp_path / "whatever"
    path.write_text(json.dumps(streams), encoding="utf-8")
    missing = tmp_path / "nothing"
    brought, year, privacy, gone, nowhere = talk(
        f"/import {path}", "/wrapped", "/privacy", "/disconnect spotify-file", f"/import {missing}"
    )
    assert "12 kept" in brought
    assert "What surprised me" in brought
    assert "Longest streak: 12 days from 11 May 2024" in year
    assert "spotify-file: 12 events" in privacy
    assert "12 events" in gone
    assert nowhere.startswith("That file does not exist")
    status, out, err = run("import", "auto", path, "--as", "Ann")
    assert (status, err) == (0, "")
    assert "12 kept, 0 merged" in out


def test_matching_is_measured_by_a_command(run):
    status, out, _ = run("evaluate", "matching", "--json")
    assert status == 0
    assert json.loads(out)["all"]["precision"] == 1.0


def test_stats_are_a_table_or_json_on_the_output_or_in_a_file(run, tmp_path):
    status, table, _ = run("stats")
    assert status == 0
    assert f"{'tracks':<28} " in table
    status, text, _ = run("stats", "--json")
    figures = json.loads(text)
    assert figures["tracks"] == len(STARTER.read_text(encoding="utf-8").splitlines()) - 1
    out = tmp_path / "stats.json"
    assert run("stats", "--json", out)[0] == 0
    assert json.loads(out.read_text(encoding="utf-8")) == figures


def test_train_makes_a_new_snapshot_and_gives_its_figures(run, tmp_path):
    before = json.loads(run("stats", "--json")[1])["snapshot"]["created_at"]
    out = tmp_path / "train.json"
    status, _, err = run("train", "--json", out)
    assert (status, err) == (0, "")
    assert json.loads(out.read_text(encoding="utf-8"))["created_at"] > before
    assert json.loads(run("stats", "--json")[1])["snapshot"]["created_at"] > before


def test_doctor_finds_everything_in_order_here(run):
    status, out, err = run("doctor")
    assert (status, err) == (0, ""), out
    names = [line[7:].partition(":")[0] for line in out.splitlines()]
    assert names == [
        "Python",
        "SQLite",
        "annoy",
        "implicit",
        "hearing",
        "training on Spark",
        "Kafka",
        "settings",
        "starter catalogue",
        "database folder",
        "log folder",
        "disk space",
        "database",
        "file rights",
        "pictures",
        "web pages",
        "snapshot",
    ]
    checks = json.loads(run("doctor", "--json")[1])
    assert [check["name"] for check in checks] == names
    assert all(check["fine"] for check in checks)


def test_doctor_says_what_to_do_about_what_is_wrong(run, database, monkeypatch):
    database.write_bytes(b"no database at all" * 1000)
    monkeypatch.setenv("SEGUE_DATABSE", "x")
    status, out, err = run("doctor")
    assert status == 2
    assert err == "segue: 2 of 17 checks failed: settings, database.\n"
    assert "FAILED settings: the environment; no .env here. There is no setting SEGUE_DATABSE: see" in out
    assert f"FAILED database: {database} is no Segue database" in out


def test_doctor_says_what_is_slower_without_annoy(run, monkeypatch):
    monkeypatch.setattr("bot.cli.doctor.find_spec", lambda _: None)
    status, out, _ = run("doctor")
    assert status == 0
    assert (
        "ok     annoy: not installed, which changes no answer; similar songs by sound take 5 ms longer" in out
    )


def test_doctor_finds_damage_inside_a_database(run, database):
    content = bytearray(database.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 40960] = b"\xff" * 40960
    database.write_bytes(content)
    status, out, _ = run("doctor")
    assert status == 2
    assert "damaged" in out


def test_doctor_tells_of_a_damaged_snapshot_and_leaves_it_there(run, database):
    run("train")
    folder = database.with_name(f"{database.name}.models")
    (broken,) = folder.glob("*/s.works.npy")
    broken.write_bytes(b"")
    before = sorted(folder.rglob("*"))
    status, out, _ = run("doctor")
    assert status == 2
    assert "FAILED snapshot: The snapshot" in out
    assert "is damaged: s.works.npy has 0 bytes" in out
    assert sorted(folder.rglob("*")) == before


def test_doctor_tells_of_files_that_others_can_read_and_mends_them(run, database):
    mode = lambda path: stat.S_IMODE(path.stat().st_mode)  # noqa: E731
    database.chmod(0o644)
    status, out, err = run("doctor")
    assert (status, err) == (2, "segue: 1 of 17 checks failed: file rights.\n")
    assert f"FAILED file rights: others on this machine can read {database}" in out
    assert "Mend that: segue doctor --mend" in out
    assert mode(database) == 0o644
    assert run("doctor", "--mend")[0] == 0
    assert mode(database) == 0o600


def test_doctor_tells_of_profiles_that_are_not_as_in_the_log_and_makes_them_anew(run, database):
    with Store.open(database) as store, store.db.atomic():
        user = store.people.ensure(Account("terminal", "ada", "Ada"), now=1)
        artist = store.music.ensure_artist("Queen")
        store.log.append(Event("k", user, Subject(artist), Kind.LIKE, "terminal"), now=2)
        store.db.execute("UPDATE profiles SET verdict = 'dislike'")
    status, out, _ = run("doctor")
    assert status == 2
    assert "1 rows of profiles are not what its log of events says" in out
    assert "segue doctor --mend" in out
    status, out, err = run("doctor", "--mend")
    assert (status, "Profiles are made anew" in err) == (0, True), out
    assert run("doctor")[0] == 0


def test_doctor_tells_when_the_disk_is_nearly_full(run, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    status, out, _ = run("doctor")
    assert status == 2
    assert "FAILED disk space: 3 MB free in" in out


def test_doctor_changes_nothing(run, tmp_path):
    status, out, _ = run("doctor", at=tmp_path / "new" / "none.db")
    assert status == 0
    assert "will be made at the first start" in out
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chat", "--script", "missing.txt"], "missing.txt: No such file or directory."),
        (["chat", "--script", "."], ".: Is a directory."),
        (["chat", "--as", " \x1b "], "A name needs a letter or a digit: --as Ann."),
        (["import", "mp3", "missing.csv"], "There is no format mp3; choose one of"),
        (["import", "plays", "missing.csv", "--as", "x"], "missing.csv"),
        (["import", "plays"], "Missing argument 'PATH'."),
        (["stats", "--json", "missing/stats.json"], "missing/stats.json: No such file or directory."),
        (["sing"], "No such command 'sing'."),
        (["chat", "--loud"], "No such option"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(run, arguments, said):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("segue: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["chat", "stats", "train"])
def test_a_file_that_is_no_database_is_one_sentence(run, tmp_path, command):
    strange = tmp_path / "strange.db"
    strange.write_text("hello " * 1000, encoding="utf-8")
    status, out, err = run(command, at=strange)
    assert (status, out) == (2, "")
    assert "strange.db is no Segue database" in err
    assert err.count("\n") == 1
    assert strange.read_text(encoding="utf-8") == "hello " * 1000


def test_figures_of_a_database_that_is_not_there_make_none(run, tmp_path):
    status, _, err = run("stats", at=tmp_path / "typo.db")
    assert (status, err.count("\n")) == (2, 1)
    assert not (tmp_path / "typo.db").exists()


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from bot.cli.main import main; main()", *map(str, arguments)]


def segue(*arguments: object, said: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command(*arguments), input=said, capture_output=True, check=False, env=settings)


def test_in_a_pipe_there_are_plain_answers_and_nothing_else(database):
    said = b"/like queen\n\n/recommend 2\n+1\n\xff\xfe\n/quit\n/like u2\n"
    done = segue("--database", database, "chat", "--as", "Ann", said=said, FORCE_COLOR="1", COLUMNS="20")
    out = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.startswith("👍 Noted: you like Queen. A song of theirs as well?\n 1 Queen - Bohemian")
    assert out.endswith("\nGoodbye.\n")
    assert "\x1b" not in out
    assert "U2" not in out


def test_a_pipe_may_end_in_the_middle_of_a_line_and_in_another_encoding(database):
    said = b"/like bj\xf6rk\n/like u2"
    done = segue("--database", database, "chat", said=said, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "you like U2." in done.stdout.decode("latin-1")
    assert "you like Björk." in done.stdout.decode("latin-1")


def test_a_reader_that_leaves_early_is_no_error(database, tmp_path):
    script = tmp_path / "long.txt"
    script.write_text("/help\n" * 300, encoding="utf-8")
    first = subprocess.Popen(
        command("--database", database, "chat", "--script", script),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert first.stdout
    assert first.stderr
    with first.stdout, first.stderr:
        first.stdout.readline()
        first.stdout.close()
        assert first.stderr.read() == b""
    assert first.wait() == 0
