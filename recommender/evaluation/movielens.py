"""MovieLens: films, ratings and tags, to check the models against published results.

Films never enter a music database; only tests and evaluation read this. Source: Harper and Konstan, "The
MovieLens datasets: history and context", ACM TiiS 5(4), 2015.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class MovieLens:
    """One edition of the data set; a film's number is its row in `movies.csv`, from 0."""

    titles: tuple[str, ...]  # "Toy Story (1995)"; a few appear twice
    genres: tuple[tuple[str, ...], ...]
    tags: tuple[tuple[str, ...], ...]  # as typed by users, repeated as often
    ratings: csr_matrix  # users x films, float32 from 0.5 to 5 stars, 0 if not rated

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `movies.csv`, `tags.csv` and `ratings.csv`, each plain or gzipped.

        Raises FileNotFoundError for a missing file, ValueError for a row with an unknown film or a
        word instead of a number; the message names the file and the row.
        """
        films = list(_rows(folder, "movies.csv"))
        place = {row["movieId"]: film for film, row in enumerate(films)}
        tags: list[list[str]] = [[] for _ in films]
        for row in _rows(folder, "tags.csv"):
            tags[_film(place, row)].append(row["tag"])
        return cls(
            titles=tuple(row["title"] for row in films),
            genres=tuple(tuple(row["genres"].split("|")) for row in films),
            tags=tuple(map(tuple, tags)),
            ratings=_pivot(place, _rows(folder, "ratings.csv")),
        )

    def film(self, title: str) -> int:
        """Return the first film with this title; ValueError if there is none."""
        return self.titles.index(title)


def _pivot(place: dict[str, int], rows: Iterator[dict[str, str]]) -> csr_matrix:
    users: dict[str, int] = {}
    cells = [
        (users.setdefault(row["userId"], len(users)), _film(place, row), float(row["rating"])) for row in rows
    ]
    user, film, stars = zip(*cells, strict=True) if cells else ((), (), ())
    return csr_matrix((np.array(stars, dtype=np.float32), (user, film)), shape=(len(users), len(place)))


def _film(place: dict[str, int], row: dict[str, str]) -> int:
    if row["movieId"] not in place:
        raise ValueError(f"The film {row['movieId']} is rated or tagged, but not in movies.csv: {row}")
    return place[row["movieId"]]


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    packed = folder / f"{name}.gz"
    if packed.exists():
        with gzip.open(packed, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    else:
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
