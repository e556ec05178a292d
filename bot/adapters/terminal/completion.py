"""Completion at the prompt: commands after a slash, songs and artists after commands that take one."""

from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.adapters.terminal.render import clean
from bot.commands.table import COMMANDS
from recommender.service import MusicService
from storage.records import Account

_SHOWN = 10


class CommandCompleter(Completer):
    """Completes the text before the cursor."""

    def __init__(self, music: MusicService, account: Account) -> None:
        self._music = music
        self._account = account

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return nothing: the prompt calls `get_completions_async`."""
        del document, complete_event
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield command names, then songs and artists."""
        del complete_event
        name, space, rest = document.text_before_cursor.lstrip().partition(" ")
        if not name.startswith("/"):
            return
        if not space:
            for command in COMMANDS.values():
                if command.name.startswith(name[1:].casefold()):
                    yield Completion(f"/{command.name}", -len(name), display_meta=command.summary)
            return
        named = COMMANDS.get(name[1:].casefold())
        argument = named.argument if named else None
        if argument is None or argument.kind not in ("song", "artist") or not rest.strip():
            return
        for song in await self._music.names.complete(rest, _SHOWN, asker=self._account):
            if song.title is None or argument.kind == "song":
                year = str(song.year or "") if song.title else "artist"
                yield Completion(clean(song.label), -len(rest), display_meta=year)
