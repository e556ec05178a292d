"""Command line.  Exit status 0, or 2 with one sentence on standard error.

Each command imports its heavy modules itself, so that `segue --help` answers at once.
"""

import sys
from pathlib import Path

import click

from bot.adapters import PLATFORMS
from bot.cli import keeping, learning
from bot.cli.evaluate.commands import evaluate
from bot.cli.json_output import json_option
from recommender.errors import MusicError
from storage.errors import StorageError

_FAILED = 2
_INTERRUPTED = 130  # the status that shells report after Ctrl-C


def _example(text: str) -> str:
    return f"\b\nFor example:\n  {text}"


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from bot.version import version  # noqa: PLC0415 - heavy

        click.echo(f"segue {version()}")
        context.exit()


_FORMATS = """\b
FORMAT is one of:
  auto            what a service hands out, known by its content: file, zip
  plays           a CSV or TSV table: user, artist, track, plays, timestamp
  lastfm-2k       the HetRec 2011 folder: plays, tags and friends
  lastfm-matrix   a CSV table of users x artists with 0 and 1
  spotify-tracks  a CSV table of tracks with audio features
  audio           a folder of music files, which are heard: mp3, flac ...
  texts           reviews, articles, posts: .txt, .md, .html, .jsonl
  starter         a CSV table: artist, title, year, country, genres, moods
  related         a CSV table: artist, fame, also, related

"""


@click.group(epilog=_example("segue chat"), context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The SQLite file with everything. Default: SEGUE_DATABASE, else the platform's data folder.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Say it.",
)
@click.pass_context
def cli(context: click.Context, database: Path | None) -> None:
    """Segue recommends music in a chat, says why, and learns from every reaction."""
    context.obj = database


@cli.command(epilog=_example("segue chat --as Ann"))
@click.option("--as", "name", metavar="NAME", help="Who is talking. Default: the login name.")
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Hold the conversation in FILE, one line after the other, and print it.",
)
@click.pass_obj
def chat(database: Path | None, name: str | None, script: Path | None) -> None:
    """Chat with Segue here, in a pipe, or from a script."""
    if sys.stdin.isatty() and script is None:
        click.echo("Waking up ...", err=True)  # the models' libraries take a few seconds to load
    from bot.cli import tasks  # noqa: PLC0415 - heavy

    tasks.chat(database, name, script)


@cli.command("run", epilog=_example("segue run telegram"))
@click.argument("platform", required=False, type=click.Choice(PLATFORMS))
@click.option("--shards", metavar="A-B/N", help="Discord: serve these shards of N, such as 0-3/8.")
@click.pass_obj
def run_bots(database: Path | None, platform: str | None, shards: str | None) -> None:
    """Run the bot on Telegram, on Discord, or on every platform with a token in .env."""
    from bot import settings  # noqa: PLC0415 - heavy
    from bot.cli import run  # noqa: PLC0415 - heavy

    found = settings.load(database)
    run.run(found if shards is None else found.model_copy(update={"discord_shards": shards}), platform)


@cli.command("web", epilog=_example("segue web --listen 127.0.0.1:8080 --as Ann"))
@click.option("--listen", metavar="ADDRESS:PORT", help="Default: SEGUE_WEB, else 127.0.0.1:8080.")
@click.option("--as", "name", metavar="NAME", help="Print a link that signs you in under this name.")
@click.pass_obj
def serve_pages(database: Path | None, listen: str | None, name: str | None) -> None:
    """Serve the web pages alone.  With SEGUE_WEB set, `segue run` serves them beside the bot."""
    from bot.cli import web_server  # noqa: PLC0415 - heavy

    web_server.serve(database, listen, name)


@cli.command(epilog=_example("segue stream --kafka 127.0.0.1:9092"))
@click.option("--kafka", "brokers", metavar="BROKERS", help="HOST:PORT[,HOST:PORT]. Default: SEGUE_EVENTS.")
@click.option(
    "--partitions", type=click.IntRange(1), default=8, show_default=True, help="Of topics that are missing."
)
@click.option("--replay", is_flag=True, help="First read all facts from the beginning of segue.events.")
@click.option("--republish", is_flag=True, help="Publish all facts of this database again, for a new log.")
@click.pass_obj
def stream(
    database: Path | None, brokers: str | None, partitions: int, replay: bool, republish: bool
) -> None:
    """Answer requests from Kafka, and share facts with other machines."""
    from bot import settings  # noqa: PLC0415 - heavy
    from bot.cli import stream  # noqa: PLC0415 - heavy

    stream.run(settings.load(database), brokers, partitions, replay=replay, again=republish)


@cli.command("import", epilog=_FORMATS + _example("segue import auto my_spotify_data.zip --as Ann"))
@click.argument("form", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="Whose listens these are, where the file does not say.")
@click.option("--source", metavar="NAME", help="Keeps data sets apart that use the same user ids.")
@click.option(
    "--columns", metavar="A,B,...", help='plays: the columns in their order, "-" for one to leave out.'
)
@click.pass_obj
def import_file(
    database: Path | None, form: str, path: Path, name: str | None, source: str | None, columns: str | None
) -> None:
    """Import music and listening data.  A second run changes nothing."""
    from bot.cli import tasks  # noqa: PLC0415 - heavy

    tasks.import_file(database, form, path, name, source, columns)


@cli.command(epilog=_example("segue stats --json"))
@json_option
@click.pass_obj
def stats(database: Path | None, out: str | None) -> None:
    """Count the stored data and the trained models."""
    from bot.cli import tasks  # noqa: PLC0415 - heavy

    tasks.stats(database, out)


@cli.command(epilog=_example("segue doctor"))
@json_option
@click.option(
    "--mend", is_flag=True, help="Close Segue's files to others; make profiles anew where they are wrong."
)
@click.pass_obj
def doctor(database: Path | None, out: str | None, mend: bool) -> None:
    """Check the installation and say how to repair it."""
    from bot.cli import doctor  # noqa: PLC0415 - heavy

    doctor.run(database, out, mend=mend)


@cli.command("rebuild-policy", epilog=_example("segue rebuild-policy"))
@json_option
@click.pass_obj
def rebuild_policy(database: Path | None, out: str | None) -> None:
    """Recompute the policy from the log alone, and compare it with the one in use."""
    from bot.cli import tasks  # noqa: PLC0415 - heavy

    tasks.rebuild_policy(database, out)


for command in (
    evaluate,
    keeping.backup,
    keeping.restore,
    keeping.check,
    keeping.health,
    keeping.licences,
    learning.train,
    learning.export,
):
    cli.add_command(command)


@cli.group(epilog=_example('segue catalog versions "Heroes"'))
def catalog() -> None:
    """List and correct which songs are versions of one work."""


@catalog.command("versions", epilog=_example("segue catalog versions --sample 200"))
@click.argument("song", required=False)
@click.option("--sample", type=click.IntRange(0), default=20, show_default=True, help="How many to show.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample.")
@json_option
@click.pass_obj
def catalog_versions(
    database: Path | None, song: str | None, sample: int, seed: int, out: str | None
) -> None:
    """Count the versions of works by rule, and show those of SONG or a random sample."""
    from bot.cli import catalog  # noqa: PLC0415 - heavy

    catalog.show(database, song, sample, seed, out)


@catalog.command("merge", epilog=_example('segue catalog merge "Queen - Heroes" "#1234"'))
@click.argument("song")
@click.argument("other")
@click.pass_obj
def catalog_merge(database: Path | None, song: str, other: str) -> None:
    """Merge two songs (names, or numbers as #17) into one work.  `split` takes it back."""
    from bot.cli import catalog  # noqa: PLC0415 - heavy

    catalog.merge(database, song, other)


@catalog.command("split", epilog=_example('segue catalog split "#17" "#1234"'))
@click.argument("song")
@click.argument("other")
@click.pass_obj
def catalog_split(database: Path | None, song: str, other: str) -> None:
    """Split two songs (names, or numbers as #17) into two works.  `merge` takes it back."""
    from bot.cli import catalog  # noqa: PLC0415 - heavy

    catalog.split(database, song, other)


@cli.command("discord-sync", epilog=_example("segue discord-sync --server 123456789012345678"))
@click.option("--server", metavar="ID", type=int, help="Only in this server, and there at once.")
@click.pass_obj
def discord_sync(database: Path | None, server: int | None) -> None:
    """Update the slash commands on Discord."""
    from bot.cli import discord_sync  # noqa: PLC0415 - heavy

    discord_sync.run(database, server)


def main() -> None:
    """Run the command line: the entry point `segue`."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # The terminal's encoding may lack characters of a title; that must not end the conversation.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; the only place that turns errors into sentences."""
    try:
        return int(cli.main(arguments or ["--help"], prog_name="segue", standalone_mode=False) or 0)
    except click.ClickException as error:
        sentence = error.format_message()
    except (MusicError, StorageError) as error:
        sentence = str(error)
    except SystemExit:
        return 0  # click exits this way when the reader of a pipe stops reading: no error
    except OSError as error:
        sentence = f"{error.filename or 'The system says'}: {error.strerror or error}."
    except (click.Abort, KeyboardInterrupt):
        click.echo("segue: Stopped; what was stored by then stays.", err=True)
        return _INTERRUPTED
    click.echo(f"segue: {' '.join(sentence.split())}", err=True)
    return _FAILED
