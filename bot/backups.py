"""Scheduled backups: one a day into `SEGUE_BACKUPS`, beside the lists of erased users and credentials."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.settings import Settings
from bot.version import version
from recommender.connections.vault import cipher
from recommender.errors import MusicError
from storage.backups import Cipher, Manifest, credentials, erased
from storage.backups.credentials import Credentials
from storage.backups.erased import Erased
from storage.backups.making import make
from storage.backups.rotation import drop_old_upgrades, newest, rotate, scheduled
from storage.store import Store

_LOOK_SECONDS = 60.0
_RETRY_SECONDS = 3600.0
_EVERY = timedelta(days=1)

log = logging.getLogger(__name__)


class BackupSchedule:
    """Makes a backup when the newest one is a day old."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Raise `MusicError` if backups are to be encrypted and there is no key."""
        self._database, self._folder = settings.database, settings.backups
        self._cipher = cipher_of(settings) if settings.backups_encrypted else None
        self._clock = clock

    async def keep(self) -> None:
        """Look every minute; after a failure, which is logged, wait for an hour."""
        while True:
            pause = _LOOK_SECONDS
            try:
                await asyncio.to_thread(self.look)
            except Exception:
                log.exception("the backup failed; the next try is in an hour")
                pause = _RETRY_SECONDS
            await asyncio.sleep(pause)

    def look(self) -> Path | None:
        """Bring the lists beside the backups up to date; return the backup that was due and is made now."""
        now = int(self._clock())
        drop_old_upgrades(self._database, now)
        if self._folder is None:
            return None
        bring_lists(self._database, self._folder)
        last = newest(self._folder, self._database)
        if last is not None and datetime.fromtimestamp(now, UTC) - last < _EVERY:
            return None
        target = scheduled(self._folder, self._database, now)
        back_up(self._database, target, now=now, key=self._cipher)
        rotate(self._folder, self._database)
        return target


def cipher_of(settings: Settings) -> Cipher:
    """Return what encrypts with `SEGUE_TOKEN_KEY`; raise `MusicError` without a key."""
    if settings.token_key is None:
        raise MusicError("There is no key to encrypt with: set SEGUE_TOKEN_KEY; .env.example says how.")
    return cipher(settings.token_key.get_secret_value())


def back_up(database: Path, target: Path, *, now: int, key: Cipher | None) -> Manifest:
    """Make a backup, and bring the lists beside it up to date."""
    bring_lists(database, target.parent)
    return make(database, target, made_by=f"segue {version()}", now=now, cipher=key)


def bring_lists(database: Path, folder: Path) -> None:
    """Bring the lists of erased users, and of credentials that work, in `folder` up to date."""
    with Store.open(database, readonly=True) as store:
        identity = store.identity()
        erased.write_list(folder, identity, Erased(store.db).all())
        credentials.write_list(folder, identity, Credentials(store.db).all())
