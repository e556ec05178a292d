"""One connection to the database, and the verbs it knows."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from storage.log import Log
from storage.migrations import migrations
from storage.music import Music
from storage.people import People

# SQLite's own waiting sleeps up to 100 ms at a time; the writer retries by itself, faster.
_BUSY_TIMEOUT_MS = 10_000


class Store:
    """What is remembered, reachable through one connection: `store.people`, `store.music`, `store.log`.

    A store belongs to the thread that opened it.  Writing verbs expect to run inside a transaction:
    hand them to `storage.writer.Writer`.
    """
