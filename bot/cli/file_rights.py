"""Access rights of Segue's files: the database, the models and the log."""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.settings import Settings
from storage.disk import exposed, make_private


def open_to_others(settings: Settings) -> list[Path]:
    """Return Segue's files and folders that other users can read; none on Windows."""
    return [] if os.name == "nt" else exposed(_kept(settings))


def mend(settings: Settings) -> list[Path]:
    """Remove other users' rights; return the changed paths.  Raises OSError without ownership."""
    found = open_to_others(settings)
    make_private(found)
    return found


def _kept(settings: Settings) -> Iterator[Path]:
    """Yield Segue's files and folders; skips a folder that also holds other files."""
    folders = dict.fromkeys(path.parent.absolute() for path in (settings.database, settings.log))
    for folder in folders:
        names = tuple(
            path.name for path in (settings.database, settings.log) if path.parent.absolute() == folder
        )
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
        ours = [path for path in inside if path.name.startswith(names)]
        if ours and ours == inside:
            yield folder
        for path in ours:
            yield path
            if path.is_dir():
                yield from sorted(path.rglob("*"))
