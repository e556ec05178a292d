"""Repetition in a table of tracks, and the works merged by each rule.

Known lengths help to judge: two recordings of one work whose lengths differ by at most 3 seconds are rarely
two songs. Check a sample of the merges for precision.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recommender.content.recordings import versions
from storage.imports import ImportFormatError, TrackRow, open_reader
from storage.naming.text import fold
from storage.records import TitleRow

_SAME_MS = 3_000


class Merge(NamedTuple):
    """Two rows of a table that count as one work."""

    rule: str  # "name": same name and artist; otherwise a rule of `recommender.content.recordings`
    one: str
    other: str
    one_ms: int | None
    other_ms: int | None

    @property
    def same_length(self) -> bool | None:
        """Whether both lengths differ by at most 3 seconds; None if one is unknown."""
        if not (self.one_ms and self.other_ms):
            return None
        return abs(self.one_ms - self.other_ms) <= _SAME_MS


class Repeats(NamedTuple):
    """Repeats in a table."""

    rows: int
    ids: int  # rows with the id of an earlier one
    names: int  # rows with the title and artist spelling of an earlier one
    works: int
    merges: list[Merge]


def repeats(path: Path, *, advance: Callable[[float], None] | None = None) -> Repeats:
    """Read the format of `segue import spotify-tracks`, and merge its tracks as the product does.

    Raises ImportFormatError without tracks.
    """
    reader = open_reader("spotify-tracks", path)
    ids: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    recordings: defaultdict[tuple[str, str], dict[str, TrackRow]] = defaultdict(dict)
    for row in reader.rows():
        if not isinstance(row, TrackRow):
            continue
        ident = dict(row.ids).get("spotify", f"line {row.line}")
        ids[ident] += 1
        names[row.title, row.artist] += 1
        recordings[fold(row.artist), fold(row.title)].setdefault(ident, row)
        if advance:
            advance(reader.progress())
    if not ids:
        raise ImportFormatError(f"{path} has no tracks.")
    merges = _by_name(recordings) + _by_rule(recordings)
    works = len(recordings) - sum(merge.rule != "name" for merge in merges)
    return Repeats(ids.total(), ids.total() - len(ids), names.total() - len(names), works, merges)


def _by_name(recordings: dict[tuple[str, str], dict[str, TrackRow]]) -> list[Merge]:
    found = []
    for same in recordings.values():
        first, *others = same.values()
        found += [_merge("name", first, other) for other in others]
    return found


def _by_rule(recordings: dict[tuple[str, str], dict[str, TrackRow]]) -> list[Merge]:
    artists: dict[str, int] = {}
    songs, rows = [], []
    for number, ((artist, title), same) in enumerate(recordings.items()):
        row = next(iter(same.values()))
        rows.append(row)
        who = artists.setdefault(artist, len(artists))
        songs.append(TitleRow(number, who, row.title, title, row.duration_ms))
    found = versions(songs, ())
    return [_merge(v.rule, rows[v.work_id], rows[v.track_id]) for v in found if v.track_id != v.work_id]


def _merge(rule: str, one: TrackRow, other: TrackRow) -> Merge:
    names = [f"{row.artist} - {row.title}" for row in (one, other)]
    return Merge(rule, names[0], names[1], one.duration_ms, other.duration_ms)
