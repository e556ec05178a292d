"""Lists beside the backups, in JSON files: what a restore has to know of the time since, by database."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from storage.disk import created, private_folder, synced


def listed(folder: Path, name: str, identity: str) -> list[Any] | None:
    """Return a database's items in the list `name`; None if `folder` has none of it."""
    try:
        found: dict[str, list[Any]] = json.loads((folder / name).read_bytes())
    except FileNotFoundError:
        return None
    return found.get(identity)


def write_list(folder: Path, name: str, identity: str, items: Sequence[Any]) -> None:
    """Store a database's items in the list `name`; those of other databases stay."""
    private_folder(folder)
    path = folder / name
    everybody = json.loads(path.read_bytes()) if path.exists() else {}
    everybody[identity] = list(items)
    part = folder / f"{name}.writing-{os.getpid()}"
    part.unlink(missing_ok=True)
    with created(part) as file:
        file.write(json.dumps(everybody).encode())
    synced(part)
    part.replace(path)
    synced(folder)
