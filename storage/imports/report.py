"""The report of an import: rows read, kept, merged and skipped, with reasons."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.rows import Fact, Noted, Row, Skipped

_LINES_SHOWN = 3
_KINDS = (
    "users",
    "artists",
    "tracks",
    "listens",
    "skips",
    "verdicts",
    "saved songs",
    "taggings",
    "friends",
    "texts",
    "relations",
    "heard songs",
)


@dataclass(slots=True)
class Tally:
    """The number of occurrences of a reason, and the first lines with it."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count an occurrence at this line."""
        self.count += 1
        if len(self.lines) < _LINES_SHOWN:
            self.lines.append(line)


@dataclass(slots=True)
class ImportReport:
    """The counts of an import: `read` rows are `kept` (new facts), `merged` (known) or skipped.

    `new` counts new rows by the names in _KINDS.  `noted` are repairs.
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
        """Count rows as read, record the notes and skipped rows among them, and return the facts."""
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
        """Count a skipped row under its reason."""
        self.skipped.setdefault(row.reason, Tally()).add(row.line)

    def sentence(self) -> str:
        """Return the closing line."""
        skipped = sum(tally.count for tally in self.skipped.values())
        new = ", ".join(
            f"{count:,} {what if count > 1 else what[:-1]}" for what, count in self.new.items() if count
        )
        line = (
            f"Read {self.read:,} in {self.seconds:.1f} s: {self.kept:,} kept, {self.merged:,} merged,"
            f" {skipped:,} skipped. New: {new or 'nothing'}."
        )
        if self.skipped:
            line += f" Skipped: {_reasons(self.skipped)}."
        if self.noted:
            line += f" Noted: {_reasons(self.noted)}."
        return line


@dataclass(slots=True)
class Kept:
    """The counts of one slice; add them to the report once its transaction is committed."""

    rows: int = 0
    kept: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    new: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))

    def add_to(self, report: ImportReport) -> None:
        """Add these counts to a report."""
        report.kept += self.kept
        report.merged += self.rows - self.kept - len(self.skipped)
        report.new.update(self.new)
        for row in self.skipped:
            report.skip(row)


def _reasons(tallies: dict[str, Tally]) -> str:
    most_frequent = sorted(tallies.items(), key=lambda item: -item[1].count)
    return "; ".join(f"{reason} {_times(tally)}" for reason, tally in most_frequent)


def _times(tally: Tally) -> str:
    lines = ", ".join(map(str, tally.lines))
    if tally.count == 1:
        return f"once (line {lines})"
    more = ", ..." if tally.count > len(tally.lines) else ""
    return f"{tally.count:,} times (lines {lines}{more})"
