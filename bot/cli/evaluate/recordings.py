"""Output of `segue evaluate works`."""

import random
from collections import Counter
from pathlib import Path

import click

from bot.adapters.terminal.render import clean
from bot.cli.json_output import as_json
from recommender.errors import EvaluationError
from recommender.evaluation.works import Merge, repeats


def run(form: str, path: Path, sample: int, seed: int, out: str | None) -> None:
    """Count the repeated and merged tracks, and list a random sample of the merges."""
    if form != "spotify-tracks":
        raise EvaluationError(f"There is no evaluation of the works of {form}; it reads spotify-tracks.")
    found = repeats(path)
    rules = Counter(merge.rule for merge in found.merges)
    known = Counter(merge.rule for merge in found.merges if merge.same_length is not None)
    same = Counter(merge.rule for merge in found.merges if merge.same_length)
    figures = {
        "rows": found.rows,
        "repeated_ids": found.ids,
        "repeated_names": found.names,
        "works": found.works,
        "merges": {
            rule: {"n": n, "lengths_known": known[rule], "same_length": same[rule]}
            for rule, n in sorted(rules.items())
        },
    }
    if as_json(figures, out):
        return
    click.echo(
        f"{found.rows:,} rows: {found.ids:,} repeat an id, {found.names:,} a name and artist;"
        f" they are {found.works:,} works."
    )
    for rule, n in sorted(rules.items()):
        click.echo(f"{n:,} merged by {rule}; {same[rule]:,} of {known[rule]:,} last the same within 3 s.")
    chosen = random.Random(seed).sample(found.merges, min(sample, len(found.merges)))  # noqa: S311 - to look at
    for merge in chosen:
        click.echo(_line(merge))


def _line(merge: Merge) -> str:
    sides = ((merge.one, merge.one_ms), (merge.other, merge.other_ms))
    said = (clean(f"{name} [{ms // 1000} s]" if ms else name) for name, ms in sides)
    return f"{'  =  '.join(said)}  ({merge.rule})"
