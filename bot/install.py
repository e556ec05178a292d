"""Install Segue in `.venv` with a bare Python: `python3 -m bot.install chat`.

    python3 -m bot.install                  install the requirements of Segue
    python3 -m bot.install chat --as Ann    install, then run `segue chat --as Ann`; any command works
    python3 -m bot.install test             also install the requirements of the tests, and run every check

An up-to-date environment stays as it is.  Missing requirements of the machine are listed before anything is
installed, one sentence each.  annoy alone needs a C++ compiler: until there is one, Segue goes
without it.  The tests need it.
"""

# Any Python on the machine may read this: an old one should print a sentence, not a syntax error.
from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
FAILED = 2
COMPILERS = ("c++", "g++", "clang++")
LOCKS = {False: "requirements-run.lock", True: "requirements.lock"}  # by whether the tests will run
CHECKS = (["ruff", "check", "."], ["mypy"], ["lint-imports"], ["pytest", "-n", "2"])
_PROBE = "#include <Python.h>\n#include <vector>\nint main() { return std::vector<int>(1).empty(); }\n"
_LAST_LINES = 15


def main(arguments: list[str]) -> int:
    """Install, then run the command in `arguments`; return the exit status."""
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(f"{__doc__}")
        return 0
    testing = arguments[:1] == ["test"]
    if not _is_current(testing=testing) and (problem := _install(testing=testing)):
        return problem
    if testing:
        _fetch_browser()
        return _check(arguments[1:])
    if arguments:
        segue = str(_program("segue"))
        os.execv(segue, [segue, *arguments])  # noqa: S606 - becomes the program just installed
    _say("Ready: python3 -m bot.install chat, or .venv/bin/segue --help")
    return 0


def missing() -> list[str]:
    """Return a sentence for each missing requirement of this machine, with its Debian package."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        return [f"Python is {found}; Segue needs 3.11 or newer: sudo apt install python3.11 python3.11-venv"]
    sentences = []
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        sentences.append("Python cannot make environments (no venv): sudo apt install python3-venv")
    return sentences


def no_compiler() -> str:
    """Return a sentence on what this machine lacks to compile annoy, "" if nothing."""
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        return "Python.h is missing, with which annoy is compiled: sudo apt install python3-dev"
    compiler = _compiler()
    if compiler is None:
        return "There is no C++ compiler, and annoy comes as source only: sudo apt install g++"
    if not _compiles(compiler):
        return f"The C++ compiler {shlex.join(compiler)} does not work: sudo apt install g++"
    return ""


def _compiler() -> list[str] | None:
    """Return the C++ compiler's command: CXX if set, else the first one found, else None."""
    said = shlex.split(os.environ.get("CXX", ""))
    if said:
        return said if shutil.which(said[0]) else None
    return next(([name] for name in COMPILERS if shutil.which(name)), None)


def _compiles(compiler: list[str]) -> bool:
    flags = ["-fsyntax-only", "-x", "c++", f"-I{sysconfig.get_path('include')}", "-"]
    return _run([*compiler, *flags], says=_PROBE).returncode == 0


def _install(*, testing: bool) -> int:
    lacking = no_compiler()
    problems = missing() + ([lacking] if lacking and testing else [])
    for sentence in problems:
        _say(sentence)
    if problems:
        return FAILED
    if lacking:
        _say(f"{lacking}. Segue goes without it: only similar songs among 200,000 and more are slower.")
    if not _runs(_program("python")):
        _say("Making an environment in .venv ...")
        if problem := _step([sys.executable, "-m", "venv", "--clear", str(ROOT / ".venv")]):
            return problem
    _say("Installing what Segue needs; the first time, this takes some minutes ...")
    pip = [str(_program("python")), "-m", "pip", "install", "--disable-pip-version-check"]
    # Segue itself has no hash: it comes second, when nothing is left to download.
    lock = LOCKS[testing] if not lacking else str(_without_annoy())
    for what in (["--require-hashes", "-r", lock], ["--no-deps", "-e", "."]):
        if problem := _step([*pip, *what]):
            return problem
    _stamp().write_text(_state(testing=testing, lacking=bool(lacking)), encoding="utf-8")
    return 0


def _fetch_browser() -> None:
    """Install Debian's Chromium, in which pages are tested; without it those tests are skipped."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        _say("The tests in a browser will be skipped: they need the packages chromium and chromium-driver.")
        return
    _say("Installing Chromium for the tests of the web pages ...")
    for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "chromium-driver"]):
        if _run([apt, *step]).returncode:
            _say("That failed: the tests in a browser will be skipped.")
            return


def _without_annoy() -> Path:
    """Write the lock without annoy and its hashes; return its path."""
    kept, skips = [], False
    for line in (ROOT / LOCKS[False]).read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith(" "):
            skips = line.startswith("annoy==")
        if not skips:
            kept.append(line)
    lock = ROOT / ".venv" / "without-annoy.lock"
    lock.write_text("".join(kept), encoding="utf-8")
    return lock


def _step(command: list[str]) -> int:
    """Run a step quietly; on failure, print the end of its output."""
    done = _run(command)
    if done.returncode == 0:
        return 0
    log = ROOT / ".venv" / "install.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(done.stdout, encoding="utf-8")
    last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
    sys.stderr.write(f"{last}\n")
    _say(f"This step failed; all it said is in {log}. Once the cause is mended, run the same command again.")
    return FAILED


def _run(command: list[str], says: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own steps, and the user's compiler
        command,
        cwd=ROOT,
        env=_environment(),
        input=says,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def _environment() -> dict[str, str]:
    """Return the environment of the steps, with the compiler found if the usual one is missing."""
    usual = shlex.split(sysconfig.get_config_var("CXX") or "c++")[0]
    found = _compiler()
    if "CXX" in os.environ or found is None or shutil.which(usual):
        return dict(os.environ)
    # setuptools compiles C++ with either of the two.
    return {"CC": shlex.join(found), **os.environ, "CXX": shlex.join(found)}


def _is_current(*, testing: bool) -> bool:
    stamp = _stamp()
    if not stamp.is_file() or not _runs(_program("python")):
        return False
    found = stamp.read_text(encoding="utf-8")
    if not testing and found == _state(testing=False, lacking=True):
        return bool(no_compiler())
    return found == _state(testing=True) or (not testing and found == _state(testing=False))


def _state(*, testing: bool, lacking: bool = False) -> str:
    """Return one line that identifies an environment's contents; a change triggers a new installation."""
    digest = hashlib.sha256()
    for name in (LOCKS[testing], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    kind = "test" if testing else "run without annoy" if lacking else "run"
    return f"{digest.hexdigest()} {sys.version_info[:3]} {ROOT} {kind}\n"


def _check(arguments: list[str]) -> int:
    """Run every check up to the first failure; `arguments` go to pytest, the last one."""
    for check in CHECKS[:-1]:
        if status := _shown(check):
            return status
    return _shown([*CHECKS[-1], *arguments])


def _shown(check: list[str]) -> int:
    _say(shlex.join(check))
    command = [str(_program(check[0])), *check[1:]]
    return subprocess.run(command, cwd=ROOT, env=_with_bytecode(), check=False).returncode  # noqa: S603 - ours


def _with_bytecode() -> dict[str, str]:
    """Return an environment in which Python keeps bytecode, beside the packages and not among the sources.

    The tests start hundreds of processes; where bytecode may not be written, each would compile every module.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(ROOT / ".venv" / "bytecode")}


def _runs(python: Path) -> bool:
    return python.exists() and _run([str(python), "-c", ""]).returncode == 0


def _program(name: str) -> Path:
    return ROOT / ".venv" / "bin" / name


def _stamp() -> Path:
    return ROOT / ".venv" / "segue-installed"


def _say(sentence: str) -> None:
    sys.stderr.write(f"segue: {sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
