"""Build hook: writes the commit into the wheel, where `bot.version` reads it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `bot/data/commit.txt`: SEGUE_COMMIT, else what git says, else nothing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file, except for an editable installation, which asks git itself."""
        commit = os.environ.get("SEGUE_COMMIT") or self._asked()
        if version == "editable" or not commit:
            return
        self._file = Path(self.directory) / "commit.txt"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(f"{commit}\n", encoding="ascii")
        build_data["force_include"][str(self._file)] = "bot/data/commit.txt"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove the file beside the wheel."""
        if hasattr(self, "_file"):
            self._file.unlink(missing_ok=True)

    def _asked(self) -> str:
        git = shutil.which("git")
        if git is None or not (Path(self.root) / ".git").exists():
            return ""
        command = [git, "-C", self.root, "rev-parse", "--short=7", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - git, found above
        return done.stdout.strip() if done.returncode == 0 else ""
