"""Figures of this process for whoever runs it: the page's tables and Prometheus' text."""

import os
import time
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from bot.handlers.admin import memory_mib, span


@dataclass(frozen=True, slots=True)
class ProcessFigure:
    """One number of a process: its name and help for Prometheus, and whether it only grows."""

    name: str
    help: str
    value: float
    grows: bool = False


async def figures(app: FastAPI) -> list[ProcessFigure]:
    """Return all figures."""
    state = app.state
    music, settings = state.music, state.settings
    stats: dict[str, Any] = await music.stats()
    learned = stats["snapshot"] or {}
    queue = music.bringing.queue
    found = [
        ProcessFigure("uptime_seconds", "Time since the start, in seconds.", time.monotonic() - state.began),
        ProcessFigure("writes_waiting", "Writes that wait for the writer thread.", music.bringing.waiting),
        ProcessFigure("imports_running", "Imports that run.", queue.running),
        ProcessFigure("imports_waiting", "Files that wait for their turn.", queue.waiting),
        ProcessFigure("training_running", "Whether a training runs: 1, or 0.", float(stats["trains"])),
        ProcessFigure(
            "snapshot_created_seconds", "When the model was learned.", learned.get("created_at", 0)
        ),
        ProcessFigure("database_bytes", "Size of the database.", _size(settings.database)),
        ProcessFigure("memory_peak_bytes", "Most memory used so far.", memory_mib() << 20),
        ProcessFigure("web_watchers", "Open live views of sessions.", state.rooms.watchers),
        ProcessFigure("web_errors_total", "Pages that failed unexpectedly.", state.mishaps, grows=True),
        ProcessFigure("web_requests_total", "Requests answered by the pages.", state.requests, grows=True),
    ]
    counts = {name: value for name, value in stats.items() if isinstance(value, int) and name != "trains"}
    return found + [ProcessFigure(f"{name}", f"Number of {name} stored.", n) for name, n in counts.items()]


def exposed(found: list[ProcessFigure]) -> str:
    """Return figures in Prometheus' text format, version 0.0.4."""
    lines = []
    for one in found:
        lines.append(f"# HELP segue_{one.name} {one.help}")
        lines.append(f"# TYPE segue_{one.name} {'counter' if one.grows else 'gauge'}")
        lines.append(f"segue_{one.name} {one.value:.10g}")
    return "\n".join(lines) + "\n"


def told(one: ProcessFigure) -> str:
    """Return a figure in words."""
    if one.name == "snapshot_created_seconds":
        return f"{span(max(0.0, time.time() - one.value))} ago" if one.value else "never"
    if one.name.endswith("_seconds"):
        return span(one.value)
    if one.name.endswith("_bytes"):
        return f"{one.value / 1e6:,.1f} MB"
    return f"{one.value:,.0f}"


def _size(database: os.PathLike[str]) -> float:
    wal = f"{os.fspath(database)}-wal"
    return sum(os.path.getsize(path) for path in (database, wal) if os.path.exists(path))  # noqa: PTH110, PTH202
