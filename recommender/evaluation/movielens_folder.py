"""MovieLens for evaluation: users who like films, with genres and tags.

Films never enter a music database. Source: Harper and Konstan, "The MovieLens datasets: history and context",
TiiS 5(4), 2015. A rating of at least 4 is an interaction of weight 1, a lower one none: Liang et al., WWW
2018, section 4.1.
"""

from collections.abc import Callable
from pathlib import Path

from recommender.evaluation.delimited import DelimitedFile
from recommender.evaluation.interactions import InteractionsBuilder
from storage.imports import ImportFormatError, Skipped
from storage.imports.cells import CellError
from storage.imports.table import Table
from storage.imports.text_file import TextFile
from storage.imports.times import moment

_RATINGS = ("ratings.csv", "ratings.dat", "u.data")
_NO_GENRE = "(no genres listed)"
_ROWS_PER_REPORT = 10_000


def read_movielens(path: Path, least: float | None, advance: Callable[[float], None]) -> InteractionsBuilder:
    """Read the folder, or its ratings file alone; `movies` and `tags` are read if they are CSV.

    `least`: the rating from which a film is liked, which weighs 1; None: every rating, with its stars.
    """
    folder = path if path.is_dir() else path.parent
    ratings = _found(folder, *_RATINGS) if path.is_dir() else path
    if ratings is None:
        raise ImportFormatError(f"{path} has no ratings.csv; name the folder that MovieLens was unpacked to.")
    builder = InteractionsBuilder()
    file = DelimitedFile(ratings)
    for number, row in enumerate(file.rows()):
        if isinstance(row, Skipped):
            builder.report.skip(row.line, row.reason)
        elif least is not None and row.weight < least:
            builder.report.skip(row.line, f"a rating below {least:g}")
        else:
            builder.add(row.user, row.item, row.weight if least is None else 1.0, row.at)
        if not number % _ROWS_PER_REPORT:
            advance(file.progress())
    if path.is_dir():
        _add_genres(builder, _found(folder, "movies.csv"))
        _add_tags(builder, _found(folder, "tags.csv"))
    return builder


def _add_genres(builder: InteractionsBuilder, path: Path | None) -> None:
    """Add the genres of `movieId,title,genres`, separated by bars, as the editor's tags."""
    for line, cells in _rows(builder, path):
        if len(cells) != 3:
            builder.report.skip(line, "no film")
            continue
        for genre in cells[2].split("|"):
            if genre and genre != _NO_GENRE:
                builder.add_tagging(None, cells[0], genre.casefold())


def _add_tags(builder: InteractionsBuilder, path: Path | None) -> None:
    """Add the tags of `userId,movieId,tag,timestamp`."""
    for line, cells in _rows(builder, path):
        try:
            user, film, tag, time = cells
            builder.add_tagging(user, film, tag.strip().casefold(), moment(time))
        except (ValueError, CellError):
            builder.report.skip(line, "no tag of a user and a film")


def _rows(builder: InteractionsBuilder, path: Path | None) -> list[tuple[int, list[str]]]:
    if path is None:
        return []
    found = []
    for row in Table(TextFile(path), delimiter=",", quoted=True).rows(header=True):
        if isinstance(row, Skipped):
            builder.report.skip(row.line, row.reason)
        else:
            found.append(row)
    return found


def _found(folder: Path, *names: str) -> Path | None:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    return None
