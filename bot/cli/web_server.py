"""`segue web`: the web pages alone, and a link for whoever sits at this machine."""

from pathlib import Path

import click

from bot.adapters import WEB
from bot.adapters.terminal.chat import account
from bot.cli import run
from bot.cli.tasks import checked
from bot.replies.i18n import ENGLISH
from bot.settings import WEB_DEFAULT, Settings, load
from recommender.service import MusicService


def serve(database: Path | None, listen: str | None, name: str | None) -> None:
    """Serve the pages until SIGTERM or Ctrl-C; with a name, print a link that signs its user in."""
    run.need((WEB,))
    given = load(database)
    settings = given.model_copy(update={"web": listen or given.web or WEB_DEFAULT})
    person = None if name is None else checked(name)

    async def opened(music: MusicService, used: Settings) -> None:
        if person is not None:
            await music.arrive(account(person))
            token = await music.web.offer(account(person), ENGLISH)
            click.echo(f"Open this within ten minutes: {used.web_address}/in/{token}", err=True)

    run.run(settings, WEB, opened)
