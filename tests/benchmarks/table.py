"""Run the benchmarks and print their table: `python tests/benchmarks/table.py [--largest TRACKS]`."""

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        status = pytest.main(
            [str(HERE), "-q", "-o", "addopts=--import-mode=prepend", f"--benchmark-json={out}", *arguments]
        )
        if status == 0:
            print(table(json.loads(out.read_text())["benchmarks"]))
    return int(status)


def table(benchmarks: list[dict]) -> str:
    """Return Markdown: a row per question, a column per number of tracks, medians of whole calls."""
    rows: dict[str, dict[int, str]] = defaultdict(dict)
    for benchmark in benchmarks:
        size = (benchmark["params"] or {}).get("tracks", 0)
        rows[benchmark["group"]][size] = _time(benchmark["stats"]["median"])
        for name, value in benchmark["extra_info"].items():
            rows[name][size] = f"{value:,}"
    sizes = sorted({size for row in rows.values() for size in row if size})
    lines = [
        "| | " + " | ".join(f"{size:,} tracks" for size in sizes) + " |",
        "|---|" + "---:|" * len(sizes),
    ]
    for name, row in rows.items():
        cells = [row[0], *[""] * (len(sizes) - 1)] if 0 in row else [row.get(size, "") for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
