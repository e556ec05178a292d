"""Commands for whoever runs Segue: backup, restore, check, licences, health."""

from collections.abc import Sequence
from pathlib import Path

import click

from bot.cli.json_output import as_json, json_option


def _example(text: str) -> str:
    return f"\b\nFor example:\n  {text}"


@click.command(epilog=_example("segue backup /mnt/other-disk/segue.zip"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--encrypt", is_flag=True, help="Encrypt it with SEGUE_TOKEN_KEY.")
@json_option
@click.pass_obj
def backup(database: Path | None, file: Path, encrypt: bool, out: str | None) -> None:
    """Copy the database into the new FILE, also while the bot runs.

    The copy is checked and compressed.  Trained models are left out: the next start learns them.
    """
    from bot.cli import safekeeping  # noqa: PLC0415 - heavy

    safekeeping.backup(database, file, out, encrypt=encrypt)


@click.command(epilog=_example("segue restore segue-20261130-040000.backup.zip"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Move a database that is there aside, to NAME.replaced.")
@click.option("--verify", is_flag=True, help="Only check FILE; restore nothing.")
@json_option
@click.pass_obj
def restore(
    database: Path | None,
    file: Path,
    replace: bool,
    verify: bool,
    out: str | None,
) -> None:
    """Verify the backup FILE and put its database where --database or SEGUE_DATABASE says.

    Users who were erased after the backup are erased again, if their numbers are in erased-users.json beside
    FILE, or in the database that is replaced. So are API tokens and sign-ins of browsers that were ended,
    by credentials.json.
    """
    from bot.cli import safekeeping  # noqa: PLC0415 - heavy

    safekeeping.restore(database, file, out, replace=replace, only_verify=verify)


@click.command(epilog=_example("segue check --json"))
@json_option
@click.pass_obj
def check(database: Path | None, out: str | None) -> None:
    """Read the whole database and compare it with itself and with what was learned from it.

    Pages, foreign keys, orphaned rows, profiles against the log, and the snapshot against the database.
    """
    from bot.cli import safekeeping  # noqa: PLC0415 - heavy

    safekeeping.check(database, out)


@click.command(epilog=_example("segue licences"))
@json_option
def licences(out: str | None) -> None:
    """List the licence of every installed package, and of the data inside Segue."""
    from bot.cli import licences  # noqa: PLC0415 - heavy

    licences.run(out)


@click.command(epilog=_example("segue health"))
@click.pass_obj
def health(database: Path | None) -> None:
    """Tell by the exit status whether a running Segue answers; for containers and monitors."""
    from bot.cli import safekeeping  # noqa: PLC0415 - heavy

    safekeeping.health(database)


def say(lines: Sequence[str], figures: object, out: str | None) -> None:
    """Print the lines, or the figures as JSON."""
    if not as_json(figures, out):
        click.echo("\n".join(lines))
