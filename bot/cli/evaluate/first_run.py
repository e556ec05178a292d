"""The work of `segue evaluate first-run`; `bot.cli.evaluate` says how it is called."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from bot.settings import STARTER
from recommender.errors import EvaluationError
from recommender.evaluation.first_run import KINDS, NAMED, Results, meet, report
from recommender.evaluation.readers import read
from storage.imports import FORMATS, open_reader

_STEPS = 2 + len(NAMED) * len(KINDS)  # baselines, learning, and each way of naming


def run(*, form: str, path: Path, people: int, seed: int, others: bool, out: str | None) -> None:
    """Let listeners of a data set meet a new server, and give the figures."""
    if others and form not in FORMATS:
        raise EvaluationError(f"Others cannot be imported as {form}; leave out --others.")
    with progress() as bar, threadpool_limits(limits=1):
        task = bar.add_task("reading", total=_STEPS + others)
        data = read(form, path)
        results = meet(
            data,
            STARTER,
            people=people,
            seed=seed,
            watch=lambda what: bar.update(task, description=what, advance=1),
            others=open_reader(form, path) if others else None,
        )
    if not as_json(report(results), out):
        _show(results)


def _show(results: Results) -> None:
    people = len(next(iter(results.values())).share)
    table = Table(title=f"Share of artists on the first list whom the listener has; {people} people")
    table.add_column("named")
    table.add_column("list of", justify="right")
    table.add_column("recommender")
    for heading in ("hit share", "lists with a hit", "different artists"):
        table.add_column(heading, justify="right")
    for (n, name, size), lists in sorted(results.items(), key=lambda item: (item[0][2], item[0][0])):
        figures = lists.figures()
        label = f"Segue, {name} liked" if name in KINDS else name
        shown = (f"{figures['share']:.3f} ± {figures['se']:.3f}", f"{figures['any']:.2f}")
        table.add_row(str(n), str(size), label, *shown, str(lists.different))
    Console().print(table)
