"""Heard vectors for the items of a data set, from a folder of music or from a file of vectors.

An item is matched by its name as data sets give it: "artist", or "artist - title".
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from recommender.arrays import Floats
from recommender.audio.library import LibraryReader
from recommender.errors import EvaluationError
from recommender.training.heard import HeardVectors, heard_axes, heard_places
from storage.imports import HeardRow
from storage.naming.text import fold

_FORM = "{} needs two arrays of one length: names, and vectors with a row for each name."


def heard_items(path: Path, items: Sequence[str], advance: Callable[[float], None]) -> Floats:
    """Return I x H, at most 64 wide: the mean heard vector of each item, less that of all; NaN if unheard.

    `path`: a folder of music, or an `.npz` file with the arrays `names` and `vectors`. Raises
    EvaluationError if it names no item.
    """
    named = _of_folder(path, advance) if path.is_dir() else _of_file(path)
    places = {fold(name): place for place, name in enumerate(items)}
    sums: dict[int, list[Floats]] = {}
    for name, vector in named:
        place = places.get(fold(name))
        if place is not None:
            sums.setdefault(place, []).append(vector)
    if not sums:
        raise EvaluationError("{} names none of the {} items.", path, f"{len(items):,}")
    columns = np.array(sorted(sums), dtype=np.int64)
    means = np.stack([np.mean(sums[column], axis=0) for column in columns.tolist()])
    heard = HeardVectors(columns, means.astype(np.float32))
    return heard_places(heard, heard_axes(heard), len(items))


def _of_folder(folder: Path, advance: Callable[[float], None]) -> Iterator[tuple[str, Floats]]:
    reader = LibraryReader(folder, frozenset())
    for row in reader.rows():
        advance(reader.progress())
        if isinstance(row, HeardRow):
            vector = np.frombuffer(row.vector, dtype="<f2").astype(np.float32)
            yield row.artist, vector
            yield f"{row.artist} - {row.title}", vector


def _of_file(path: Path) -> Iterator[tuple[str, Floats]]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            names, vectors = stored["names"], stored["vectors"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise EvaluationError(_FORM, path) from error
    if vectors.ndim != 2 or names.shape != vectors.shape[:1] or not np.isfinite(vectors).all():
        raise EvaluationError(_FORM, path)
    yield from zip(names.astype(str).tolist(), vectors, strict=True)
