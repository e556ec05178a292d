"""Table of tracks with audio features for evaluation: one row per work, with its genres."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Mask
from recommender.content.audio_vectors import Songs
from recommender.content.genres import family
from recommender.content.recordings import bare
from storage.imports import ImportFormatError, TrackRow, open_reader
from storage.naming.text import fold
from storage.records import FEATURES


@dataclass(frozen=True, eq=False)
class AudioTable:
    """N works; a track under several ids or as a remaster is one work."""

    features: Floats  # N x 11, in the order of `FEATURES`, NaN if unknown
    facts: Floats  # N x 3: year, popularity, length in ms; NaN if unknown
    artists: NDArray[np.intp]  # N, indices into `names`
    names: tuple[str, ...]  # keys of the artists
    genres: Mask  # N x G: genres by the table
    subgenres: Mask  # N x S
    families: Mask  # N x F, rolled up from both
    playlists: csr_matrix  # P x N, 1 if the work is in the playlist

    def __len__(self) -> int:
        return len(self.features)

    def songs(self, *, facts: bool, families: bool) -> Songs:
        """Return the works as the product's `Songs`, with facts and families only if requested."""
        shares = self.families / np.maximum(self.families.sum(axis=1, keepdims=True), 1)
        shares[~self.families.any(axis=1)] = np.nan
        return Songs(
            self.features,
            self.facts if facts else self.facts[:, :0],
            shares.astype(np.float32)[:, : None if families else 0],
        )


@dataclass(slots=True)
class _Work:
    features: dict[str, float | None]
    years: list[int] = field(default_factory=list)
    popularity: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    playlists: set[str] = field(default_factory=set)
    genres: set[str] = field(default_factory=set)
    subgenres: set[str] = field(default_factory=set)


def read_audio(path: Path, *, advance: Callable[[float], None] | None = None) -> AudioTable:
    """Read the format of `segue import spotify-tracks`; a work's first features count.

    Raises ImportFormatError if no row has features.
    """
    works: dict[tuple[str, str], _Work] = {}
    reader = open_reader("spotify-tracks", path)
    for row in reader.rows():
        if not isinstance(row, TrackRow) or not row.features:
            continue
        work = works.setdefault((fold(row.artist), bare(row.title)[0]), _Work(dict(row.features)))
        work.years += [row.year] if row.year else []
        work.popularity += [] if row.popularity is None else [row.popularity]
        work.lengths += [row.duration_ms] if row.duration_ms else []
        work.playlists.update([row.playlist] if row.playlist else [])
        names = [tag.name for tag in row.tags]
        work.genres.update(names[:1])
        work.subgenres.update(names[1:])
        if advance:
            advance(reader.progress())
    if not works:
        raise ImportFormatError(f"{path} has no audio features that could be compared.")
    found = list(works.values())
    singers, numbers = np.unique([artist for artist, _ in works], return_inverse=True)
    features = [[_number(work.features.get(name)) for name in FEATURES] for work in found]
    facts = [
        [min(one.years, default=np.nan), max(one.popularity, default=np.nan), *(one.lengths or [np.nan])[:1]]
        for one in found
    ]
    return AudioTable(
        np.array(features, dtype=np.float32),
        np.array(facts, dtype=np.float32),
        numbers,
        tuple(singers.tolist()),
        _one_hot([work.genres for work in found]),
        _one_hot([work.subgenres for work in found]),
        _one_hot([_families(work.genres | work.subgenres) for work in found]),
        csr_matrix(_one_hot([work.playlists for work in found]).T, dtype=np.float32),
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _families(genres: set[str]) -> set[str]:
    return {found for genre in genres if (found := family(genre))}


def _one_hot(sets: list[set[str]]) -> Mask:
    names = {name: column for column, name in enumerate(sorted(set().union(*sets)))}
    table = np.zeros((len(sets), len(names)), dtype=np.bool_)
    for row, some in enumerate(sets):
        table[row, [names[name] for name in some]] = True
    return table
