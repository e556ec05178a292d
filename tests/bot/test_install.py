"""The installer works before anything is installed, and says in a sentence what a machine lacks."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from bot import install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path) -> Path:
    """A fresh clone, as far as the installer reads it."""
    (tmp_path / "bot").mkdir()
    for name in (
        "bot/__init__.py",
        "bot/install.py",
        "requirements.lock",
        "requirements-run.lock",
        "pyproject.toml",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", _RUN, str(clone), *arguments],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


# As `python3 -m bot.install` does, in a Python that sees no installed package.
_RUN = (
    "import runpy, sys\n"
    "sys.path[:] = [sys.argv.pop(1), *(p for p in sys.path if 'site-packages' not in p)]\n"
    "sys.modules['site'] = None\n"
    "runpy.run_module('bot.install', run_name='__main__', alter_sys=True)\n"
)


def program(clone: Path, name: str, script: str) -> None:
    path = clone / ".venv" / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_without_a_compiler_everything_but_annoy_is_installed(clone, tmp_path):
    program(clone, "python", '[ "$1" = -c ] || echo "$@" >> installed')
    program(clone, "segue", 'echo "segue $*"')
    bare = {"PATH": str(tmp_path / "nowhere"), "CXX": ""}
    done = run(clone, "chat", **bare)
    assert (done.returncode, done.stdout) == (0, "segue chat\n")
    assert done.stderr.splitlines()[0] == (
        "segue: There is no C++ compiler, and annoy comes as source only: sudo apt install g++. Segue goes "
        "without it: only similar songs among 200,000 and more are slower."
    )
    lock = clone / ".venv" / "without-annoy.lock"
    assert f"--require-hashes -r {lock}\n" in (clone / "installed").read_text(encoding="utf-8")
    everything = (clone / "requirements-run.lock").read_text(encoding="utf-8").splitlines()
    left_out = [line for line in everything if line not in lock.read_text(encoding="utf-8").splitlines()]
    assert left_out[0].startswith("annoy==")
    assert all(line.startswith("    --hash=sha256:") for line in left_out[1:])
    assert (run(clone, "chat", **bare).stderr, left_out[1:] != []) == ("", True)  # installed already


def test_as_soon_as_there_is_a_compiler_annoy_is_installed(clone, tmp_path):
    program(clone, "python", '[ "$1" = -c ] || echo "$@" >> installed')
    run(clone, PATH=str(tmp_path / "nowhere"), CXX="")
    run(clone)
    steps = (clone / "installed").read_text(encoding="utf-8").splitlines()
    assert [step.rpartition(" ")[2] for step in steps[::2]] == [
        str(clone / ".venv" / "without-annoy.lock"),
        "requirements-run.lock",
    ]


def test_the_tests_need_a_compiler(clone, tmp_path):
    done = run(clone, "test", PATH=str(tmp_path / "nowhere"), CXX="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "segue: There is no C++ compiler, and annoy comes as source only: sudo apt install g++\n"
    )
    assert not (clone / ".venv").exists()


def test_a_compiler_that_was_named_and_is_not_there_is_missing(monkeypatch):
    monkeypatch.setenv("CXX", "/nowhere/c++")
    assert install.no_compiler().endswith("sudo apt install g++")


def test_a_compiler_that_fails_is_named(monkeypatch):
    monkeypatch.setenv("CXX", "false --really")
    assert install.no_compiler() == ("The C++ compiler false --really does not work: sudo apt install g++")


def test_missing_headers_and_venv_are_one_sentence_each(monkeypatch, tmp_path):
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(install, "find_spec", lambda _: None)
    sentences = [*install.missing(), install.no_compiler()]
    assert [sentence.rpartition("sudo apt install ")[2] for sentence in sentences] == [
        "python3-venv",
        "python3-dev",
    ]


def test_an_old_python_is_told_so_before_all_else(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert install.missing() == [
        "Python is 3.9.2; Segue needs 3.11 or newer: sudo apt install python3.11 python3.11-venv"
    ]


def test_a_failing_step_shows_its_last_lines_and_where_the_rest_is(clone):
    program(clone, "python", '[ "$1" = -c ] && exit 0\nfor i in $(seq 40); do echo "line $i"; done\nexit 7')
    done = run(clone, "chat")
    assert done.returncode == 2
    shown = done.stderr.splitlines()
    assert shown[1:-1] == [f"line {number}" for number in range(26, 41)]
    log = clone / ".venv" / "install.log"
    assert str(log) in shown[-1]
    assert len(log.read_text(encoding="utf-8").splitlines()) == 40
    assert not (clone / ".venv" / "segue-installed").exists()


def test_what_is_up_to_date_is_left_alone_and_the_command_runs(clone):
    installing = 'echo "$@" >> installed'
    program(clone, "python", f'[ "$1" = -c ] || {installing}')
    program(clone, "segue", 'echo "segue $*"; exit 3')
    first, second = run(clone, "chat", "--as", "Ann"), run(clone, "chat", "--as", "Ann")
    assert (first.returncode, first.stdout) == (3, "segue chat --as Ann\n")
    assert (second.returncode, second.stdout, second.stderr) == (3, "segue chat --as Ann\n", "")
    assert (clone / "installed").read_text(encoding="utf-8").splitlines() == [
        "-m pip install --disable-pip-version-check --require-hashes -r requirements-run.lock",
        "-m pip install --disable-pip-version-check --no-deps -e .",
    ]
    (clone / "requirements-run.lock").write_text("# another\n", encoding="utf-8")
    run(clone, "chat")
    assert len((clone / "installed").read_text(encoding="utf-8").splitlines()) == 4


def test_the_tests_install_what_they_need_and_stop_at_the_first_failure(clone):
    program(clone, "python", '[ "$1" = -c ] || echo "$@" >> installed')
    for name, status in (("ruff", 0), ("mypy", 4), ("lint-imports", 0), ("pytest", 0)):
        program(clone, name, f'echo "{name} $*"; exit {status}')
    done = run(clone, "test")
    assert (done.returncode, done.stdout) == (4, "ruff check .\nmypy \n")
    assert "--require-hashes -r requirements.lock\n" in (clone / "installed").read_text(encoding="utf-8")
    program(clone, "mypy", "exit 0")
    done = run(clone, "test", "-k", "queen")
    assert (done.returncode, done.stdout) == (0, "ruff check .\nlint-imports \npytest -n 2 -k queen\n")


SKIPPED = (
    "segue: The tests in a browser will be skipped: they need the packages chromium and chromium-driver.\n"
)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with these programs alone, each of which notes what it is asked and ends as told."""

    def made(user: int, **programs: int) -> Path:
        for name, status in programs.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexit {status}\n', encoding="utf-8")
            path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: user)
        return tmp_path / "asked"

    return made


def test_root_gets_the_browser_that_the_tests_need(machine, capsys):
    asked = machine(0, apt_get=0, chromium=0)  # a browser without its driver is none
    install._fetch_browser()
    assert asked.read_text(encoding="utf-8").splitlines() == [
        "update",
        "install -y --no-install-recommends chromium chromium-driver",
    ]
    assert capsys.readouterr().err == "segue: Installing Chromium for the tests of the web pages ...\n"


def test_a_browser_that_cannot_be_had_is_a_sentence_and_no_failure(machine, capsys):
    asked = machine(0, apt_get=100)
    install._fetch_browser()
    assert asked.read_text(encoding="utf-8") == "update\n"
    assert capsys.readouterr().err.endswith("That failed: the tests in a browser will be skipped.\n")


@pytest.mark.parametrize(("user", "programs"), [(0, {}), (1000, {"apt_get": 0}), (1000, {})])
def test_without_apt_or_the_right_to_it_nothing_is_tried(machine, capsys, user, programs):
    asked = machine(user, **programs)
    install._fetch_browser()
    assert not asked.exists()
    assert capsys.readouterr().err == SKIPPED


def test_a_browser_that_is_there_is_left_alone(machine, capsys):
    asked = machine(0, apt_get=0, chromium=0, chromedriver=0)
    install._fetch_browser()
    assert not asked.exists()
    assert capsys.readouterr().err == ""


def locked(name: str) -> dict[str, int]:
    """Return how many hashes a lock file has for each of its requirements."""
    hashes: dict[str, int] = {}
    requirement = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("    --hash=sha256:"):
            hashes[requirement] += 1
        else:
            requirement = line.removesuffix(" \\")
            hashes[requirement] = 0
    return hashes


def pin_of(requirement: str) -> str:
    """Return name and version without what it is needed for: urllib3[socks] is of the same package."""
    return re.sub(r"\[.*?\]", "", requirement.partition(" ")[0])


def test_every_locked_package_has_a_hash_and_both_locks_agree():
    everything, run_alone = locked("requirements.lock"), locked("requirements-run.lock")
    assert min(everything.values()) > 0
    assert min(run_alone.values()) > 0
    assert {pin_of(name) for name in run_alone} <= {pin_of(name) for name in everything}
    assert {name.partition("==")[0] for name in everything} >= {
        "annoy",
        "pytest-xdist",
        "numpy",
        "coverage[toml]",
    }


def test_no_lock_names_where_packages_come_from():
    for name in install.LOCKS.values():
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
