"""The work of `segue evaluate next`; `bot.cli.evaluate.commands` declares its options."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bot.cli.evaluate.progress import progress
from bot.cli.json_output import as_json
from recommender.evaluation.dated_log import DatedLog
from recommender.evaluation.next_songs import MODELS, TASKS, foretell, report


def run(*, form: str, path: Path, sessions: int, steps: int, seed: int, out: str | None) -> None:
    """Foretell the next plays of held-out sessions, and give the figures."""
    with progress() as bar, threadpool_limits(limits=1):
        task = bar.add_task("reading", total=1.0)
        places = foretell(
            DatedLog.read(form, path),
            sessions=sessions,
            steps=steps,
            seed=seed,
            watch=lambda what, share: bar.update(task, description=what, completed=share),
        )
    figures = report(places)
    if not as_json(figures, out):
        for task_name, told in TASKS.items():
            if task_name in figures:
                _show(told, figures[task_name])


def _show(told: str, figures: dict[str, Any]) -> None:
    table = Table(title=f"{told}: {figures['steps']:,} plays of {figures['sessions']:,} sessions")
    table.add_column("model")
    for heading in ("NDCG@20", "hit@20", "MRR", "served is above by"):
        table.add_column(heading, justify="right")
    for name, label in MODELS.items():
        row = figures["models"][name]
        shown = (f"{row[metric]:.3f} ± {row[f'{metric} se']:.3f}" for metric in ("ndcg@20", "hit@20", "mrr"))
        above = figures["served above"].get(name)
        table.add_row(label, *shown, "" if above is None else f"{above['ndcg@20']:+.3f} ± {above['se']:.3f}")
    Console().print(table)
