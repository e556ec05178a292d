"""Run the benchmarks and print a table: `python tests/benchmarks/table.py [--plot PNG] [--largest TRACKS]`.

With what a list costs in exact top tens over as many item factors, measured in the same run.
"""

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent


PEER = "exact top ten of 64 factors"


def main(arguments: list[str]) -> int:
    plot = None
    if "--plot" in arguments:
        at = arguments.index("--plot")
        plot = Path(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        status = pytest.main(
            [str(HERE), "-q", "-o", "addopts=--import-mode=prepend", f"--benchmark-json={out}", *arguments]
        )
        if status == 0:
            benchmarks = json.loads(out.read_text())["benchmarks"]
            print(table(benchmarks))
            if plot is not None:
                draw(benchmarks, plot)
    return int(status)


def table(benchmarks: list[dict]) -> str:
    """Return Markdown: a row per question, a column per number of tracks, medians of whole calls."""
    rows: dict[str, dict[int, str]] = defaultdict(dict)
    for benchmark in benchmarks:
        size = (benchmark["params"] or {}).get("tracks", 0)
        rows[benchmark["group"]][size] = _time(benchmark["stats"]["median"])
        for name, value in benchmark["extra_info"].items():
            rows[name][size] = f"{value:,}"
    medians = {(b["group"], (b["params"] or {}).get("tracks", 0)): b["stats"]["median"] for b in benchmarks}
    for (group, size), median in medians.items():
        if group == "recommend" and (PEER, size) in medians:
            rows["recommend, in such top tens"][size] = f"{median / medians[PEER, size]:.1f}"
    sizes = sorted({size for row in rows.values() for size in row if size})
    lines = [
        "| | " + " | ".join(f"{size:,} tracks" for size in sizes) + " |",
        "|---|" + "---:|" * len(sizes),
    ]
    for name, row in rows.items():
        cells = [row[0], *[""] * (len(sizes) - 1)] if 0 in row else [row.get(size, "") for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(benchmarks: list[dict], path: Path) -> None:
    """Draw the medians by the number of tracks, both axes logarithmic."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="tracks", ylabel="milliseconds, median")
    lines: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for benchmark in benchmarks:
        if size := (benchmark["params"] or {}).get("tracks", 0):
            lines[benchmark["group"]].append((size, 1000 * benchmark["stats"]["median"]))
    for name, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
