"""Readers of interaction files, in every format of the evaluation, as `Interactions`."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from recommender.evaluation.delimited import DelimitedFile
from recommender.evaluation.interactions import Interactions, InteractionsBuilder
from recommender.evaluation.movielens_folder import read_movielens
from storage.imports import (
    FriendRow,
    ImportFormatError,
    ListenRow,
    Options,
    Skipped,
    TaggingRow,
    open_reader,
)

Advance = Callable[[float], None]  # receives the share of the file read, 0 to 1

_ROWS_PER_REPORT = 10_000
_MUSIC = ("lastfm-2k", "lastfm-matrix", "plays")
FORMATS = ("interactions", *_MUSIC, "movielens")
RATED = ("interactions", "movielens")
"""Formats whose weights may be ratings."""
AXES = ("artist", "track")


def read(
    form: str,
    path: Path,
    *,
    axis: str = "artist",
    least: float | None = None,
    rated: bool = False,
    advance: Advance | None = None,
) -> Interactions:
    """Return the data set at `path` in the format `form`, one of `FORMATS`.

    `axis`: the items of `plays`, "artist" or "track". `least`: interactions with a smaller weight are
    left out (`skipped`); for `movielens` the default is 4, as in Liang et al. 2018, and kept ones weigh
    1. `rated`: weights are ratings, low and negative ones included (`interactions` and `movielens`).
    Raises ImportFormatError, in one sentence, for a file of another format.
    """
    advance = advance or (lambda _share: None)
    if rated and form not in RATED:
        raise ImportFormatError(f"{form} has no ratings; choose one of {', '.join(RATED)}.")
    if form == "interactions":
        built = _read_interactions(path, least, advance, signed=rated)
    elif form == "movielens":
        built = read_movielens(path, least if least is not None or rated else 4.0, advance)
    elif form in _MUSIC:
        built = _read_music(form, path, axis, least, advance)
    else:
        raise ImportFormatError(f"There is no evaluation of {form}; choose one of {', '.join(FORMATS)}.")
    data = built.build()
    if not len(data.log.users):
        raise ImportFormatError(f"{path} holds no interactions that could be read as {form}.")
    return data


def _read_interactions(
    path: Path, least: float | None, advance: Advance, *, signed: bool
) -> InteractionsBuilder:
    """Read `user,item[,weight[,timestamp]]`; the default weight is 1."""
    builder = InteractionsBuilder()
    file = DelimitedFile(path, signed=signed)
    for number, row in enumerate(file.rows()):
        if isinstance(row, Skipped):
            builder.report.skip(row.line, row.reason)
        elif least is not None and row.weight < least:
            builder.report.skip(row.line, f"a weight below {least:g}")
        else:
            builder.add(row.user, row.item, row.weight, row.at)
        if not number % _ROWS_PER_REPORT:
            advance(file.progress())
    return builder


def _read_music(
    form: str, path: Path, axis: str, least: float | None, advance: Advance
) -> InteractionsBuilder:
    """Read a format of `segue import`; the items are artists, or the tracks of a plays table."""
    builder = InteractionsBuilder()
    reader = open_reader(form, path, Options())
    for number, said in enumerate(reader.rows()):
        if isinstance(said, ListenRow):
            _add_listen(builder, said, axis, least)
        elif isinstance(said, TaggingRow):
            builder.add_tagging(said.user, said.artist, said.tag, said.at)
        elif isinstance(said, FriendRow):
            builder.add_friend(said.user, said.friend)
        elif isinstance(said, Skipped):
            builder.report.skip(said.line, said.reason)
        if not number % _ROWS_PER_REPORT:
            advance(reader.progress())
    return builder


def _add_listen(builder: InteractionsBuilder, row: ListenRow, axis: str, least: float | None) -> None:
    weight = 1.0 if row.plays is None else float(row.plays)
    if axis == "track" and row.title is None:
        builder.report.skip(row.line, "no track")
    elif least is not None and weight < least:
        builder.report.skip(row.line, f"a weight below {least:g}")
    else:
        item = f"{row.artist} - {row.title}" if axis == "track" else row.artist
        builder.add(row.user, item, weight, row.at)


def summary(data: Interactions) -> str:
    """Return one line with the data set's size and the number of skipped lines."""
    matrix = data.user_items
    items = len(np.unique(matrix.indices))
    users = int((np.diff(matrix.indptr) > 0).sum())
    line = f"{users:,} users, {items:,} items, {matrix.nnz:,} pairs"
    extras = _counted((len(data.taggings.tags), "taggings"), (data.friends.nnz, "friendships"))
    skipped = [
        f"{tally.count:,} x {reason} (line {tally.lines[0]})" for reason, tally in data.report.skipped.items()
    ]
    return ", ".join([line, *extras]) + (f"; skipped {'; '.join(skipped)}" if skipped else "")


def _counted(*pairs: tuple[int, str]) -> Iterable[str]:
    return [f"{count:,} {what}" for count, what in pairs if count]
