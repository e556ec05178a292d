"""`segue evaluate content`: compares representations of sound."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bot.cli.json_output import as_json
from recommender.errors import EvaluationError
from recommender.evaluation.audio_content import ROUNDS, compared
from recommender.evaluation.audio_table import read_audio
from recommender.evaluation.films import COMPONENTS, nearest_films
from recommender.evaluation.movielens import MovieLens
from recommender.evaluation.readers import read

_TITLES = ("representation", "metadata", "genre@10", "sub-genre@10", "artist hit@10", "z-distance", "fit s")
_WIDTH = 120


def content(form: str, path: Path, seed: int, listeners: Path | None, out: str | None) -> None:
    """Compare the representations; shows a progress bar on standard error."""
    if form != "spotify-tracks":
        raise EvaluationError(f"There is no evaluation of the content of {form}; it reads spotify-tracks.")
    with _bar() as bar:
        task = bar.add_task("reading", total=1.0)
        table = read_audio(path, advance=lambda share: bar.update(task, completed=share))
        listening = None if listeners is None else read("lastfm-2k", listeners)
        bar.reset(task, total=ROUNDS)
        found = compared(
            table,
            seed=seed,
            watch=lambda what: bar.update(task, description=what, advance=1),
            listening=listening,
        )
    figures = {"works": len(table), "seed": seed, "representations": [one._asdict() for one in found]}
    if as_json(figures, out):
        return
    shown = Table(box=None, pad_edge=False)
    for number, title in enumerate(_TITLES):
        shown.add_column(title, justify="left" if number < 2 else "right", no_wrap=True)
    for one in found:
        cells = (f"{value:.4f}" for value in (one.genre, one.subgenre, one.artist, one.distance))
        shown.add_row(one.name, one.metadata, *cells, f"{one.fit_s:.1f}")
    click.echo(f"{len(table):,} works")
    Console(width=_WIDTH).print(shown)


def films(path: Path, title: str, out: str | None) -> None:
    """Print the ten nearest films in both spaces."""
    known = MovieLens.read(path)
    found = {space: nearest_films(known, title, space) for space in COMPONENTS}
    if as_json({"film": title, **found}, out):
        return
    for space, near in found.items():
        click.echo(f"Nearest to {title} by {space}, {COMPONENTS[space]} components:")
        for name, cosine in near:
            click.echo(f"  {cosine:.3f}  {name}")


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
