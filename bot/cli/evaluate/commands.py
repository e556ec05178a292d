"""`segue evaluate`: measures the models on a data set; the music database is not touched.

Each command imports its heavy modules itself, so that `segue --help` answers at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot.cli.evaluate.options import ModelChoice
from bot.cli.json_output import json_option

_FORMATS = """\b
FORMAT is one of:
  interactions    user,item[,weight[,timestamp]]: CSV, TSV or blanks
  lastfm-2k       the HetRec 2011 folder: plays, tags and friends
  lastfm-matrix   a CSV table of users x artists with 0 and 1
  plays           a CSV or TSV table: user, artist, track, plays, timestamp
  movielens       the folder with ratings.csv; 4 stars and more count

\b
For example:
  segue evaluate """
_OPTIONS = (
    click.argument("form", metavar="FORMAT"),
    click.argument("path", type=click.Path(path_type=Path)),
    click.option("--models", metavar="A,B,...", help="What to compare. Default: every model there is."),
    click.option(
        "--seeds", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many random splits."
    ),
    click.option(
        "--axis", type=click.Choice(["artist", "track"]), default="artist", help="What to rank, for plays."
    ),
    click.option("--least", type=float, metavar="W", help="Leave out interactions of a smaller weight."),
    click.option(
        "--threads", type=click.IntRange(1), default=2, show_default=True, help="For linear algebra."
    ),
    json_option,
    click.option("--plot", metavar="PNG", type=click.Path(path_type=Path), help="Draw the figures."),
)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(epilog="\b\nFor example:\n  segue evaluate ranking lastfm-2k lastfm-2k/")
def evaluate() -> None:
    """Measure the models on a data set."""


@evaluate.command(epilog=f"{_FORMATS}ranking lastfm-2k lastfm-2k/ --json figures.json")
@_common
@click.option(
    "--split",
    type=click.Choice(["strong", "time"]),
    default="strong",
    show_default=True,
    help="strong: test people who are not trained on; time: train on the past, test on the future.",
)
@click.option("--no-tags", "without_tags", is_flag=True, help="As if nobody had tagged anything.")
def ranking(split: str, without_tags: bool, **options: object) -> None:
    """Compare the models by how well they rank each user's held-out items."""
    from bot.cli.evaluate import models  # noqa: PLC0415 - heavy

    models.ranking(ModelChoice.of(options), split, without_tags=without_tags)


@evaluate.command("few-items", epilog=f"{_FORMATS}few-items lastfm-2k lastfm-2k/")
@_common
def few_items(**options: object) -> None:
    """Compare the models with 0, 1, 2, 3, 5, 10 or 20 known items per user."""
    from bot.cli.evaluate import models  # noqa: PLC0415 - heavy

    models.few_items(ModelChoice.of(options))


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate matching")
@click.argument("sample", required=False, type=click.Path(path_type=Path))
@json_option
def matching(sample: Path | None, out: str | None) -> None:
    """Match names from other services to the catalogue; report precision and recall."""
    from bot.cli.evaluate import matching  # noqa: PLC0415 - heavy

    matching.run(sample, out)


@evaluate.command("cold-items", epilog=f"{_FORMATS}cold-items lastfm-2k lastfm-2k/")
@_common
@click.option(
    "--audio",
    type=click.Path(path_type=Path, exists=True),
    metavar="FOLDER_OR_VECTORS",
    help="Compare by sound too: a folder of music, or an .npz file with names and vectors.",
)
def cold_items(audio: Path | None, **options: object) -> None:
    """Compare how the models rank items that no user has yet, by their tags and sound."""
    from bot.cli.evaluate import models  # noqa: PLC0415 - heavy

    models.cold_items(ModelChoice.of(options), audio)


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate content spotify-tracks tracks.csv")
@click.argument("form", metavar="spotify-tracks")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split.")
@click.option(
    "--listeners",
    type=click.Path(path_type=Path),
    metavar="LASTFM-2K",
    help="Learn from these listeners of artists, too.",
)
@json_option
def content(form: str, path: Path, seed: int, listeners: Path | None, out: str | None) -> None:
    """Compare audio representations, raw to autoencoded, by a track's neighbours."""
    from bot.cli.evaluate import content  # noqa: PLC0415 - heavy

    content.content(form, path, seed, listeners, out)


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate audio music-by-genre/")
@click.argument("path", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Of the index and of chance.")
@json_option
def audio(path: Path, seed: int, out: str | None) -> None:
    """Hear the files below FOLDER, whose sub-folders are classes, or those of a CSV of file and label."""
    from bot.cli.evaluate import hearing_files  # noqa: PLC0415 - heavy

    hearing_files.run(path, seed, out)


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate works spotify-tracks tracks.csv --sample 200")
@click.argument("form", metavar="spotify-tracks")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--sample", type=click.IntRange(0), default=0, show_default=True, help="Merges to list.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample.")
@json_option
def works(form: str, path: Path, sample: int, seed: int, out: str | None) -> None:
    """Count repeated recordings in a table of tracks, and the works merged by each rule."""
    from bot.cli.evaluate import recordings  # noqa: PLC0415 - heavy

    recordings.run(form, path, sample, seed, out)


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate policy --candidate certain")
@click.option("--candidate", required=True, help="The policy to judge by the log.")
@json_option
@click.pass_obj
def policy(database: Path | None, candidate: str, out: str | None) -> None:
    """Estimate from the log how another policy would do, and whether it may take over."""
    from bot.cli import tasks  # noqa: PLC0415 - heavy

    tasks.evaluate_policy(database, candidate, out)


@evaluate.command(epilog=f"{_FORMATS}listeners lastfm-2k lastfm-2k/ --policy bandit --community friends")
@click.argument("form", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--policy", default="bandit", show_default=True, help="The policy that chooses.")
@click.option(
    "--community",
    type=click.Choice(["friends", "none", "strangers"]),
    default="friends",
    show_default=True,
    help="Who else is in the place where a newcomer asks.",
)
@click.option("--rounds", type=click.IntRange(1, 5000), default=100, show_default=True, help="Items shown.")
@click.option("--splits", type=click.IntRange(1, 1000), default=3, show_default=True, help="Random splits.")
@click.option("--people", type=click.IntRange(2), help="At most so many newcomers per split. Default: all.")
@click.option("--answered", type=click.FloatRange(0, 1), default=1.0, help="Share of items reacted to.")
@click.option("--wrong", type=click.FloatRange(0, 1), default=0.0, help="Share of wrong presses.")
@click.option("--late", type=click.IntRange(0), default=0, help="Rounds until a reaction arrives.")
@click.option("--backwards", is_flag=True, help="Late reactions arrive the newest first.")
@click.option("--change", is_flag=True, help="In the middle everybody's taste becomes another's.")
@click.option("--seed-likes", type=click.IntRange(0, 10), default=0, help="Likes said before the first item.")
@click.option("--cold-place", is_flag=True, help="Friends are new as well: they arrive one after another.")
@click.option(
    "--small-server", is_flag=True, help="Only twenty people have said a little; all else is bundled."
)
@click.option(
    "--candidates",
    type=click.Choice(["all", "rated"]),
    default="all",
    show_default=True,
    help="rated: show newcomers only what they rated; low ratings are dislikes.",
)
@click.option(
    "--like-from",
    type=float,
    metavar="RATING",
    help="The least rating that is a like. Default: 4 for movielens, else anything above 0.",
)
@json_option
@click.option("--plot", metavar="PNG", type=click.Path(path_type=Path), help="Draw the regret.")
def listeners(**options: Any) -> None:  # noqa: ANN401 - click's
    """Simulate new users of the product, one item at a time, and count their likes."""
    from bot.cli.evaluate import listeners  # noqa: PLC0415 - heavy

    listeners.run(**options)


@evaluate.command("first-run", epilog=f"{_FORMATS}first-run lastfm-2k lastfm-2k/ --people 300 --seed 1")
@click.argument("form", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--people", type=click.IntRange(2), default=300, show_default=True, help="At most so many listeners."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Who they are, and what they name.")
@click.option("--others", is_flag=True, help="Import what all others listen to first.")
@json_option
def first_run(**options: Any) -> None:  # noqa: ANN401 - click's
    """Let listeners name 1, 3 or 5 favourites on a new server, and count what they know on the next list."""
    from bot.cli.evaluate import first_run  # noqa: PLC0415 - heavy

    first_run.run(**options)


@evaluate.command("next", epilog=f"{_FORMATS}next plays plays.csv")
@click.argument("form", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--sessions", type=click.IntRange(1), default=200, show_default=True, help="At most so many sessions."
)
@click.option(
    "--steps", type=click.IntRange(1), default=10, show_default=True, help="Plays of each, at most."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of training and ties.")
@json_option
def next_songs(**options: Any) -> None:  # noqa: ANN401 - click's
    """Foretell the next song and artist of held-out sessions, through the code of the radio."""
    from bot.cli.evaluate import next_songs  # noqa: PLC0415 - heavy

    next_songs.run(**options)


@evaluate.command("groups", epilog=f"{_FORMATS}groups lastfm-2k lastfm-2k/ --size 2,4,8 --kind friends")
@click.argument("form", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--size", default="2,4,8", show_default=True, metavar="N,N,...", help="People in a group.")
@click.option(
    "--kind",
    default="similar,random,divergent,friends",
    show_default=True,
    metavar="A,B,...",
    help="How they are drawn.",
)
@click.option(
    "--groups", "n", type=click.IntRange(1, 10_000), default=60, show_default=True, help="Of each cell."
)
@click.option("--seeds", type=click.IntRange(1, 1000), default=2, show_default=True, help="Random splits.")
@click.option("--sessions", type=click.IntRange(0, 10_000), default=120, show_default=True, help="Live ones.")
@json_option
def groups(form: str, path: Path, size: str, kind: str, **options: Any) -> None:  # noqa: ANN401 - as parsed
    """Recommend to groups by every strategy, and simulate live sessions with votes, leavers and joiners."""
    from bot.cli.evaluate import groups  # noqa: PLC0415 - heavy

    groups.groups(form, path, size, kind, **options)


@evaluate.command(epilog="\b\nFor example:\n  segue evaluate films ml-latest-small/ --film 'Up (2009)'")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--film", default="Toy Story (1995)", show_default=True, help="A title as in movies.csv.")
@json_option
def films(path: Path, film: str, out: str | None) -> None:
    """Show the films most similar to one on MovieLens, by ratings and by tags."""
    from bot.cli.evaluate import content  # noqa: PLC0415 - heavy

    content.films(path, film, out)
