"""Commands of training: `segue train`, and `segue export parquet` for training on Spark."""

from pathlib import Path

import click

from bot.cli.json_output import json_option

_ENGINES = ("local", "spark")


@click.command(epilog="\b\nFor example:\n  segue train --json figures.json")
@json_option
@click.option(
    "--sound",
    type=click.Choice(["learned", "features", "autoencoder"]),
    help="What songs are compared by from now on: what tells artists apart, all audio features alike, or an"
    " autoencoder's latent space.",
)
@click.option(
    "--engine",
    type=click.Choice(_ENGINES),
    default=_ENGINES[0],
    show_default=True,
    help="spark adds up what all users like on more machines: the extra segue[spark].",
)
@click.option("--master", metavar="URL", default="", help="Spark's master.  Default: this machine.")
@click.option(
    "--slices",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of `segue export parquet`, which Spark reads.  Default: one beside the database, brought"
    " up to date first.",
)
@click.option(
    "--sample",
    type=click.IntRange(1_000),
    default=50_000,
    show_default=True,
    help="Users read here for Spark.",
)
@click.option("--publish", metavar="URL", help="Folder or object store where replicas fetch the snapshot.")
@click.pass_obj
def train(
    database: Path | None,
    *,
    out: str | None,
    sound: str | None,
    engine: str,
    master: str,
    slices: Path | None,
    sample: int,
    publish: str | None,
) -> None:
    """Train all models on the stored data now."""
    from bot.cli import trainings  # noqa: PLC0415 - heavy

    wish = trainings.OnSpark(master, slices, sample) if engine == "spark" else None
    trainings.train(database, out, sound, wish, publish)


@click.group(epilog="\b\nFor example:\n  segue export parquet /srv/segue-slices")
def export() -> None:
    """Write stored data for other programs."""


@export.command("parquet", epilog="\b\nFor example:\n  segue export parquet /srv/segue-slices")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def export_parquet(database: Path | None, folder: Path, out: str | None) -> None:
    """Bring slices of the log up to date in DIR, users under pseudonyms, for training on Spark."""
    from bot.cli import trainings  # noqa: PLC0415 - heavy

    trainings.export(database, folder, out)
