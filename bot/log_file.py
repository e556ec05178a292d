"""Log file: readable by its owner only, as text or JSON; a full disk takes one line, not a trace per message.

Libraries are logged from warnings on, whatever the level: at a lower one some write addresses with tokens.
"""

import json
import logging
import logging.handlers
import re
import sys
import time
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from storage.disk import is_full, opened
from storage.errors import DiskFullError

_LOG_BYTES = 1_000_000
_LOGS_KEPT = 3
_QUIET_SECONDS = 600.0
_CODE = re.compile(r"code (\w+): ")  # the code that the user was told
OURS = ("bot", "recommender", "storage")
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object per line: at, level, logger, message, and where there are any, code and trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        said = record.getMessage()
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": said,
        }
        if code := _CODE.match(said):
            line["code"] = code[1]
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class LogFile(logging.handlers.RotatingFileHandler):
    """A rotating log file, opened with its first line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8", delay=True)
        self.addFilter(OneLineOfFullDisk())

    def _open(self) -> TextIOWrapper:
        path, mode, encoding = self.baseFilename, self.mode, self.encoding
        return open(path, mode, encoding=encoding, opener=opened)  # type: ignore[return-value]

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Ignore errors from a full disk: nobody could read a message about them."""
        if not is_full(sys.exc_info()[1]):
            super().handleError(record)


class OneLineOfFullDisk(logging.Filter):
    """Removes traces caused by a full disk, and repeats each such line at most once in ten minutes."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the record; replaces its trace by half a sentence."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if not (is_full(error) or isinstance(error, DiskFullError)):
            return True
        now, text = time.monotonic(), str(record.msg)
        if now - self._said.get(text, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return False
        self._said[text] = now
        record.msg, record.args = f"{record.getMessage()}: the disk is full", ()
        record.exc_info = record.exc_text = None
        return True
