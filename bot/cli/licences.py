"""`segue licences`: the licence of everything that is installed, and of the data inside Segue."""

from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

import recommender
from bot.cli.keeping import say

_LONGEST = 60  # some packages put a whole licence where its name belongs
_DATA = ("bot/data", "Segue's own data, under its licence: MIT", "")


class Licence(NamedTuple):
    """A package or data file and its licence, "unknown" if it does not say."""

    name: str
    licence: str
    version: str


def run(out: str | None) -> None:
    """Print the licences, or write them as JSON."""
    found = list(licences())
    width = max(len(f"{one.name} {one.version}") for one in found)
    say(
        [f"{f'{n} {v}':<{width}}  {licence}" for n, licence, v in found],
        [one._asdict() for one in found],
        out,
    )


def licences() -> Iterator[Licence]:
    """Yield the licence of every installed package by name, then those of bundled data."""
    packages = {str(one.metadata["Name"]).casefold(): one for one in distributions()}
    for _, package in sorted(packages.items()):
        yield Licence(str(package.metadata["Name"]), licence_of(package), package.version)
    yield Licence(*_DATA)
    for file in sorted((Path(recommender.__file__).parent / "data").glob("*.LICENSE")):
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        named = next((line for line in lines if line.endswith("License")), "unknown")
        yield Licence(f"recommender/data/{file.stem}.csv", named, "")


def licence_of(package: Distribution) -> str:
    """Return what a package's metadata says: an SPDX expression, a classifier, or a short free text."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    if classifiers:
        return ", ".join(one.rpartition(" :: ")[2] for one in classifiers)
    said = " ".join(metadata["License"].split()) if "License" in metadata else ""
    return said if 0 < len(said) <= _LONGEST else "unknown"
