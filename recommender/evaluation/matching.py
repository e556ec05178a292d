"""Name matching: precision and recall on labelled names from exports."""

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import EvaluationError
from storage.ingest.importer import fill_starter
from storage.search.matching import Matcher
from storage.store import Store
from storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Labelled:
    """A name as spelled in an export, with the catalogue track it means, None if none."""

    group: str
    artist: str
    title: str
    meant: tuple[str, str] | None


@dataclass(slots=True)
class Tally:
    """Matching results of some names."""

    right: int = 0  # matched with the right track
    wrong: int = 0  # matched with a wrong one
    missed: int = 0  # not matched, although the track exists
    refused: int = 0  # not matched, and no track exists

    def figures(self) -> dict[str, Any]:
        """Return the counts with precision and recall; None instead of a division by zero."""
        matched, there = self.right + self.wrong, self.right + self.missed
        return {
            "names": self.right + self.wrong + self.missed + self.refused,
            "precision": round(self.right / matched, 4) if matched else None,
            "recall": round(self.right / there, 4) if there else None,
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
        }


def read_labelled(path: Path) -> Iterator[Labelled]:
    """Yield the names in a CSV file with the columns group, artist, title, meant_artist, meant_title."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            meant = (row["meant_artist"], row["meant_title"]) if row["meant_artist"] else None
            yield Labelled(row["group"], row["artist"], row["title"], meant)


def measure(catalogue: Path, labelled: Path) -> dict[str, Any]:
    """Match every labelled name against a catalogue; return the figures of all and of each group.

    A name without a track counts as wrong if matched with any. Raises EvaluationError if a labelled track
    is not in the catalogue.
    """
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    with tempfile.TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "catalogue.db"
        with Writer(path) as writer:
            fill_starter(writer, catalogue)
        with Store.open(path) as store:
            matcher = Matcher(store)
            for name in read_labelled(labelled):
                _judge(matcher, name, (tallies["all"], tallies[name.group]))
    return {group: tally.figures() for group, tally in tallies.items()}


def _judge(matcher: Matcher, name: Labelled, tallies: tuple[Tally, ...]) -> None:
    found = matcher.track(name.artist, name.title)
    meant = matcher.track(*name.meant) if name.meant else None
    if name.meant and meant is None:
        raise EvaluationError(f"The sample means {name.meant}, which the catalogue has not; mend its label.")
    for tally in tallies:
        if found is None:
            tally.missed += meant is not None
            tally.refused += meant is None
        else:
            tally.right += found == meant
            tally.wrong += found != meant
