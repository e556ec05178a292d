"""`segue evaluate matching`: precision and recall of name matching on labelled names."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.cli.json_output import as_json
from bot.settings import STARTER
from recommender.errors import EvaluationError
from recommender.evaluation.matching import measure

SAMPLE = STARTER.with_name("matching.csv")


def run(sample: Path | None, out: str | None) -> None:
    """Measure on `sample`, by default the bundled one, against the bundled catalogue."""
    try:
        figures = measure(STARTER, sample or SAMPLE)
    except (KeyError, UnicodeDecodeError) as error:
        raise EvaluationError(
            f"{sample} is no labelled sample; give it the columns of {SAMPLE.name}: group, artist, title, "
            "meant_artist, meant_title."
        ) from error
    if as_json(figures, out):
        return
    table = Table("names", "n", "precision", "recall", "wrong", "missed", box=None)
    for group, row in figures.items():
        shares = (f"{row[what]:.1%}" if row[what] is not None else "" for what in ("precision", "recall"))
        table.add_row(group, str(row["names"]), *shares, str(row["wrong"]), str(row["missed"]))
    Console(width=100).print(table)
