"""Build the wheel, install it into a clean environment, and use it: `python3 deploy/check_wheel.py`.

Takes a few minutes and a network.  Everything but Segue comes from the lock with hashes.  `--without-annoy`
leaves out the one package that needs a compiler.
"""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOLDS = (
    "bot/data/starter.csv",
    "bot/data/related.csv",
    "bot/data/commit.txt",
    "bot/locale/de/LC_MESSAGES/segue.po",
    "bot/locale/pt_BR/LC_MESSAGES/segue.po",
    "recommender/data/genre-tree.csv",
    "recommender/data/genre-tree.LICENSE",
)
TALK = "/like queen\n/recommend 3\n/similar bjork\n"


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Run a command away from the clone, so that nothing of it is imported; return what it prints."""
    settings = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    words = [str(word) for word in command]
    return subprocess.run(  # noqa: S603 - our own steps
        words, cwd=cwd, env=settings | environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def built(folder: Path) -> Path:
    """Build the wheel into `folder` and check what it holds."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--wheel-dir"]
    run(*pip, folder, ROOT, cwd=folder)
    [wheel] = folder.glob("segue-*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
    tracked = run("git", "ls-files", "bot", "recommender", "storage", cwd=ROOT).split("\n")[:-1]
    if missing := {*HOLDS, *tracked} - names:
        sys.exit(f"The wheel lacks {', '.join(sorted(missing))}.")
    return wheel


def locked(folder: Path, *, annoy: bool) -> Path:
    """Return the lock, without annoy unless it is wanted."""
    lock = ROOT / "requirements-run.lock"
    if annoy:
        return lock
    kept, skips = [], False
    for line in lock.read_text(encoding="utf-8").splitlines(keepends=True):
        skips = line.startswith("annoy==") if not line.startswith(" ") else skips
        kept += [] if skips else [line]
    short = folder / "without-annoy.lock"
    short.write_text("".join(kept), encoding="utf-8")
    return short


def main() -> None:
    """Build, install, use."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wheel = built(folder)
        venv.create(folder / "clean", with_pip=True)
        python, segue = (folder / "clean" / "bin" / name for name in ("python", "segue"))
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        lock = locked(folder, annoy="--without-annoy" not in sys.argv)
        run(*pip, "install", "--require-hashes", "-r", lock, cwd=folder)
        run(*pip, "install", "--no-deps", wheel, cwd=folder)
        print(run(*pip, "check", cwd=folder), end="")
        here = {
            f"SEGUE_{name}": str(folder / f"segue.{end}")
            for name, end in (("DATABASE", "db"), ("LOG", "log"))
        }
        here["SEGUE_LANGUAGE"] = "de"  # out of bot/locale
        for words in (["--version"], ["doctor"], ["backup", folder / "b.zip"], ["check"]):
            if words == ["doctor"]:
                (folder / "talk.txt").write_text(TALK, encoding="utf-8")
                print(
                    run(segue, "chat", "--as", "Ann", "--script", folder / "talk.txt", cwd=folder, **here),
                    end="",
                )
            print(run(segue, *words, cwd=folder, **here), end="")
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, works.")


if __name__ == "__main__":
    main()
