"""Rotation of scheduled backups: one a day for a week, one a week for four weeks."""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAILY, WEEKLY = 7, 4
UPGRADES_KEPT_DAYS = 28
"""Days after which a backup from before an upgrade is removed: as old as the oldest weekly one."""

_TIME = "%Y%m%d-%H%M%S"
_SUFFIX = ".backup.zip"
_UPGRADE = ".before-upgrade-"


def scheduled(folder: Path, database: Path, now: int) -> Path:
    """Return the name of a backup that is made at `now`, seconds since 1970."""
    return folder / f"{database.stem}-{datetime.fromtimestamp(now, UTC):{_TIME}}{_SUFFIX}"


def before_upgrade(database: Path, now: int) -> Path:
    """Return the name of the backup that is made beside a database before its schema changes."""
    return database.with_name(f"{database.name}{_UPGRADE}{datetime.fromtimestamp(now, UTC):{_TIME}}{_SUFFIX}")


def newest(folder: Path, database: Path) -> datetime | None:
    """Return when the newest scheduled backup in `folder` was made, None without one."""
    return max(_made(folder, f"{database.stem}-").values(), default=None)


def rotate(folder: Path, database: Path) -> list[Path]:
    """Remove the scheduled backups that are no longer kept, and return them; other files stay.

    Of each of the last seven days with a backup the newest is kept, and of each of the last four weeks.
    """
    made = _made(folder, f"{database.stem}-")
    by_day, by_week = _newest_of(made, _day, DAILY), _newest_of(made, _week, WEEKLY)
    return _removed(path for path in made if path not in by_day | by_week) + _leftovers(folder, database)


def _leftovers(folder: Path, database: Path) -> list[Path]:
    """Remove what a backup that was killed over a day ago has left behind."""
    before = max(_made(folder, f"{database.stem}-").values(), default=datetime.now(UTC)) - timedelta(days=1)
    found = folder.glob(f"{database.stem}-*{_SUFFIX}.*ing")
    return _removed(path for path in found if path.stat().st_mtime < before.timestamp())


def drop_old_upgrades(database: Path, now: int) -> list[Path]:
    """Remove backups from before upgrades after four weeks, and return them."""
    made = _made(database.parent, f"{database.name}{_UPGRADE}")
    today = datetime.fromtimestamp(now, UTC)
    return _removed(path for path, when in made.items() if (today - when).days >= UPGRADES_KEPT_DAYS)


def _made(folder: Path, prefix: str) -> dict[Path, datetime]:
    found = {}
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.name.startswith(prefix):
            try:
                when = datetime.strptime(path.name[len(prefix) : -len(_SUFFIX)] + "Z", f"{_TIME}%z")
            except ValueError:  # a file that an operator named alike
                continue
            found[path] = when
    return found


def _newest_of(made: dict[Path, datetime], period: Callable[[datetime], Hashable], n: int) -> set[Path]:
    last = {period(when): path for path, when in sorted(made.items(), key=lambda one: one[1])}
    return set(list(last.values())[-n:])


def _day(when: datetime) -> Hashable:
    return when.date()


def _week(when: datetime) -> Hashable:
    return when.isocalendar()[:2]


def _removed(paths: Iterable[Path]) -> list[Path]:
    gone = list(paths)
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
