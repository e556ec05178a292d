"""Evaluation of hearing on anybody's files: the neighbours of each piece, and what is kept as music.

The files are in sub-folders, which are their classes, or in a CSV table of file, label and, if known,
artist and is_music (0 or 1). Neighbours by the same artist do not count for the precision, as Flexer (2007)
advises.
"""

import csv
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recommender.arrays import Floats
from recommender.audio.decoding import samples
from recommender.audio.file_names import names_of
from recommender.audio.hearing import Hearing, hear
from recommender.audio.library import ENDINGS
from recommender.audio.mel import RATE, log_mel
from recommender.errors import EvaluationError, NotKnown
from recommender.linalg import inverse, one_thread
from recommender.linalg.ann import Index

_NEIGHBOURS = 10
_MEASURED = 30 * RATE  # samples of which hand-made features are measured


class HeardFile(NamedTuple):
    """One file with its label, and what was heard in it."""

    label: str
    artist: str
    is_music: bool | None  # as the table says
    heard: Hearing
    by_hand: Floats  # 192: mean and deviation of each mel band
    seconds: float  # of processor time


def evaluated(path: Path, watch: Callable[[float], None], *, seed: int) -> dict[str, Any]:
    """Return all figures; raise EvaluationError if there is too little to compare."""
    listed = _table(path) if path.is_file() else _folders(path)
    files, unreadable = [], 0
    with one_thread():
        for done, (file, label, artist, is_music) in enumerate(listed, 1):
            try:
                files.append(_heard(file, label, artist, is_music))
            except NotKnown:
                unreadable += 1
            watch(done / len(listed))
    if len(files) < 2:
        raise EvaluationError("There are fewer than two files that can be heard in {}.", path)
    minutes = sum(one.heard.seconds for one in files) / 60
    return {
        "files": len(files),
        "unreadable": unreadable,
        "minutes": round(minutes, 2),
        "seconds per minute": round(sum(one.seconds for one in files) / max(minutes, 1e-9), 3),
        "memory MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "kept as music": _kept(files),
        **_gate(files),
        **_neighbours([one for one in files if one.heard.sound == "music"], seed),
    }


def _heard(file: Path, label: str, artist: str, is_music: bool | None) -> HeardFile:
    began = time.process_time()
    sound = samples(file)
    found = hear(sound)
    spent = time.process_time() - began
    bands = log_mel(sound[:_MEASURED])
    by_hand = np.concatenate([bands.mean(axis=0), bands.std(axis=0)]).astype(np.float32)
    return HeardFile(label, artist or names_of(file).artist, is_music, found, by_hand, spent)


def _folders(folder: Path) -> list[tuple[Path, str, str, bool | None]]:
    found: list[tuple[Path, str, str, bool | None]] = [
        (file, below.name, "", None)
        for below in sorted(folder.iterdir() if folder.is_dir() else ())
        if below.is_dir()
        for file in sorted(below.rglob("*"))
        if file.suffix.casefold() in ENDINGS
    ]
    if not found:
        raise EvaluationError("There are no sub-folders with music in {}: each is a class.", folder)
    return found


def _table(path: Path) -> list[tuple[Path, str, str, bool | None]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"file", "label"} <= rows[0].keys():
        raise EvaluationError("{} needs the columns file and label.", path)
    said = {"0": False, "1": True}
    return [
        (
            path.parent / row["file"],
            row["label"],
            row.get("artist") or "",
            said.get(row.get("is_music") or ""),
        )
        for row in rows
    ]


def _kept(files: list[HeardFile]) -> dict[str, str]:
    """Return for each label how many files are music, and what the others were heard as."""
    table: dict[str, str] = {}
    for label in sorted({one.label for one in files}):
        sounds = [one.heard.sound for one in files if one.label == label]
        others = ", ".join(sorted({sound for sound in sounds if sound != "music"}))
        table[label] = f"{sounds.count('music')} of {len(sounds)}" + (f" ({others})" if others else "")
    return table


def _gate(files: list[HeardFile]) -> dict[str, float]:
    judged = [(one.is_music, one.heard.sound == "music") for one in files if one.is_music is not None]
    music, others = ([heard for said, heard in judged if said is kind] for kind in (True, False))
    figures = {"music kept": np.mean(music)} if music else {}
    if others:
        figures["others refused"] = 1 - np.mean(others)
    return {name: round(float(value), 4) for name, value in figures.items()}


def _neighbours(files: list[HeardFile], seed: int) -> dict[str, Any]:
    if len(files) < 3:
        return {}
    heard = np.stack([one.heard.vector for one in files])
    by_hand = np.stack([one.by_hand for one in files])
    by_hand = (by_hand - by_hand.mean(axis=0)) / np.maximum(by_hand.std(axis=0), 1e-6)
    chance = np.random.default_rng(seed).normal(size=heard.shape).astype(np.float32)
    spaces = {"embedding": heard, "hand-made": by_hand, "chance": chance}
    index = Index.build(heard, seed=seed)
    return {
        **{name: _precision(vectors, files) for name, vectors in spaces.items()},
        "index recall": index.about.recall,
    }


def _precision(vectors: Floats, files: list[HeardFile]) -> dict[str, float]:
    unit = vectors * inverse(np.linalg.norm(vectors, axis=1))[:, None]
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    labels = np.array([one.label for one in files])
    artists = np.array([one.artist or f"\0{row}" for row, one in enumerate(files)])
    precision, same_artist = [], []
    for row, scores in enumerate(likeness):
        order = np.argsort(-scores, kind="stable")[:-1]
        others = order[artists[order] != artists[row]][:_NEIGHBOURS]
        if len(others):
            precision.append(float(np.mean(labels[others] == labels[row])))
        if np.count_nonzero(artists == artists[row]) > 1:
            same_artist.append(bool(np.any(artists[order[:_NEIGHBOURS]] == artists[row])))
    figures = {"precision@10": float(np.mean(precision)) if precision else 0.0}
    if same_artist:
        figures["artist hit@10"] = float(np.mean(same_artist))
    return {name: round(value, 4) for name, value in figures.items()}
