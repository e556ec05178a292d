"""Heartbeat: tells a container's health check and systemd's watchdog that the event loop runs.

A file beside the database is touched; `segue health` reads its time.  Under systemd the same is said on the
socket in NOTIFY_SOCKET (sd_notify(3)).
"""

import asyncio
import os
import socket
import time
from pathlib import Path

BEAT_SECONDS = 20.0
LATE_SECONDS = 90.0
"""A heart that has not beaten for so long has stopped."""


def heart(database: Path) -> Path:
    """Return the file that is touched."""
    return database.with_name(f"{database.name}.alive")


async def beat(database: Path) -> None:
    """Touch the file and tell systemd until cancelled; remove the file at the end."""
    file = heart(database)
    tell_systemd("READY=1")
    try:
        while True:
            file.touch(mode=0o600)
            tell_systemd("WATCHDOG=1")
            await asyncio.sleep(BEAT_SECONDS)
    finally:
        tell_systemd("STOPPING=1")
        file.unlink(missing_ok=True)


def seconds_since_beat(database: Path) -> float | None:
    """Return how long ago the heart beat, None if Segue does not run."""
    try:
        return time.time() - heart(database).stat().st_mtime
    except FileNotFoundError:
        return None


def tell_systemd(state: str) -> None:
    """Send a state to systemd; does nothing where it did not start this process."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # A name that begins with @ is in the abstract namespace of Linux.
    address = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(state.encode(), address)
