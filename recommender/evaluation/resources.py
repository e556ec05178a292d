"""Cost of a computation: seconds and peak memory."""

import ctypes
import gc
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_MB = 1024  # kB


T = TypeVar("T")


class Cost(NamedTuple, Generic[T]):
    """The result of a computation with its cost."""

    result: T
    seconds: float
    peak_mb: float | None  # None where the system does not report it (anything but Linux)


def measured(work: Callable[[], T]) -> Cost[T]:
    """Run `work` and return its result with its cost.

    The peak is the process's highest resident memory above its start, so measure one computation at a
    time.
    """
    before = _start_peak()
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    peak = _kilobytes("VmHWM") if before is not None else None
    return Cost(result, seconds, None if before is None or peak is None else (peak - before) / _MB)


def _start_peak() -> int | None:
    """Free unused memory, reset the peak and return the resident kB, None where that is impossible."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        _CLEAR_REFS.write_text(_RESET_PEAK)
    except (OSError, AttributeError, TypeError):
        return None
    return _kilobytes("VmRSS")


def _kilobytes(name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) if found else None
