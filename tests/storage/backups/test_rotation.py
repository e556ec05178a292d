"""Rotation keeps a week of days and four weeks, and touches nothing else."""

import os
from datetime import UTC, datetime, timedelta

from storage.backups.rotation import before_upgrade, drop_old_upgrades, newest, rotate, scheduled

START = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday


def stamp(day, hour=0):
    return int((START + timedelta(days=day, hours=hour)).timestamp())


def test_of_sixty_days_seven_days_and_four_weeks_stay(tmp_path):
    database = tmp_path / "segue.db"
    for day in range(60):
        for hour in (0, 5):
            scheduled(tmp_path, database, stamp(day, hour)).touch()
            rotate(tmp_path, database)
    kept = sorted(path.name for path in tmp_path.iterdir())
    days = [*range(53, 60), 55, 48, 41]  # the last seven; the Sundays before this week's newest
    assert kept == sorted(scheduled(tmp_path, database, stamp(day, 5)).name for day in set(days))
    assert newest(tmp_path, database) == START + timedelta(days=59, hours=5)


def test_other_files_and_other_databases_stay(tmp_path):
    database, other = tmp_path / "segue.db", tmp_path / "other.db"
    theirs = [tmp_path / "segue-mine.backup.zip", tmp_path / "segue-20260101-000000.zip", tmp_path / "x"]
    theirs += [scheduled(tmp_path, other, stamp(day)) for day in range(3)]
    for path in (*theirs, *(scheduled(tmp_path, database, stamp(day)) for day in range(40))):
        path.touch()
    rotate(tmp_path, database)
    assert all(path.exists() for path in theirs)
    assert (
        len(list(tmp_path.iterdir())) == len(theirs) + 7 + 2
    )  # two of the four weeks end within the last seven days


def test_backups_from_before_upgrades_go_after_four_weeks(tmp_path):
    database = tmp_path / "segue.db"
    for day in (0, 10):
        before_upgrade(database, stamp(day)).touch()
    assert drop_old_upgrades(database, stamp(27)) == []
    assert drop_old_upgrades(database, stamp(28)) == [before_upgrade(database, stamp(0))]
    assert [path.name for path in tmp_path.iterdir()] == [before_upgrade(database, stamp(10)).name]


def test_what_a_killed_backup_left_is_removed_a_day_later(tmp_path):
    database = tmp_path / "segue.db"
    left, under_way = (
        scheduled(tmp_path, database, stamp(day)).with_suffix(".zip.copying") for day in (0, 9)
    )
    for path, day in ((left, 0), (under_way, 9)):
        path.touch()
        os.utime(path, (stamp(day), stamp(day)))
    scheduled(tmp_path, database, stamp(9)).touch()
    assert rotate(tmp_path, database) == [left]
    assert under_way.exists()
