"""The log file: private, and quiet about what a full disk has told already."""

import errno
import logging
import os
import stat

import pytest

from bot.log_file import LogFile
from storage.errors import DiskFullError

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def log(tmp_path):
    handler = LogFile(tmp_path / "segue.log")
    logger = logging.getLogger("tests.log_file")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_the_log_and_what_is_rotated_away_are_private_whatever_the_umask(log, tmp_path):
    before = os.umask(0)
    try:
        log.warning("first")
        log.handlers[0].doRollover()
        log.warning("second")
    finally:
        os.umask(before)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["segue.log", "segue.log.1"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("error", [FULL, DiskFullError("My disk is full.")])
def test_a_full_disk_is_one_line_without_a_trace(log, tmp_path, error):
    for number in range(50):
        try:
            raise error
        except (OSError, DiskFullError):
            log.exception("update %d could not be kept", number)
    [line] = (tmp_path / "segue.log").read_text().splitlines()
    assert line == "update 0 could not be kept: the disk is full"


def test_other_errors_keep_their_trace(log, tmp_path):
    for _ in range(2):
        try:
            int("odd")
        except ValueError:
            log.exception("that failed")
    assert (tmp_path / "segue.log").read_text().count("Traceback") == 2


def test_a_log_that_cannot_be_written_prints_no_trace(log, monkeypatch, capsys):
    log.warning("opened")
    monkeypatch.setattr(log.handlers[0].stream, "write", lambda _: (_ for _ in ()).throw(FULL), raising=False)
    log.warning("lost")
    assert capsys.readouterr().err == ""
