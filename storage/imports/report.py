"""What an import came to: how much was read, kept, merged and skipped, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.imports.rows import Fact, Noted, Row, Skipped

_LINES_SHOWN = 3


@dataclass(slots=True)
class Tally:
    """How often, and in which lines first."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.lines) < _LINES_SHOWN:
            self.lines.append(line)


@dataclass(slots=True)
class ImportReport:
    """`read` statements are `kept` (something new is stored), `merged` (known before) or skipped.

    `new` counts what is stored: users, artists, tracks, listens, taggings, friends.  `noted` are repairs.
    """

    source: str
    read: int = 0
    kept: int = 0
    merged: int = 0
    skipped: dict[str, Tally] = field(default_factory=dict)
    noted: dict[str, Tally] = field(default_factory=dict)
    new: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def take(self, rows: Iterable[Row]) -> list[Fact]:
        """Count rows as read, put those aside that only report something, and return the facts."""
        facts: list[Fact] = []
        for row in rows:
            if isinstance(row, Noted):
                self.noted.setdefault(row.what, Tally()).add(row.line)
                continue
            self.read += 1
            if isinstance(row, Skipped):
                self.skip(row)
            else:
                facts.append(row)
        return facts

    def skip(self, row: Skipped) -> None:
        self.skipped.setdefault(row.reason, Tally()).add(row.line)

    def sentence(self) -> str:
        """Return the closing line."""
        skipped = sum(tally.count for tally in self.skipped.values())
        line = (
            f"Read {self.read:,} in {self.seconds:.1f} s: {self.kept:,} kept, {self.merged:,} merged,"
            f" {skipped:,} skipped"
        )
        if self.skipped:
            line += f" ({_reasons(self.skipped)})"
        new = ", ".join(f"{count:,} {what}" for what, count in self.new.items() if count)
        line += f". New: {new}." if new else ". Nothing new."
        return f"{line} Also: {_reasons(self.noted)}." if self.noted else line


def _reasons(tallies: dict[str, Tally]) -> str:
    most_frequent = sorted(tallies.items(), key=lambda item: -item[1].count)
    return "; ".join(f"{tally.count:,} {reason}, {_lines(tally)}" for reason, tally in most_frequent)


def _lines(tally: Tally) -> str:
    lines = ", ".join(map(str, tally.lines))
    if tally.count == 1:
        return f"line {lines}"
    return f"lines {lines}" + (", ..." if tally.count > len(tally.lines) else "")
