"""Terminal conversation: reads lines from a prompt, pipe or script and prints the answers in order."""

import asyncio
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.output import create_output
from rich.console import Console, RenderableType

from bot.adapters.terminal.attributes import attributes
from bot.adapters.terminal.completion import CommandCompleter
from bot.adapters.terminal.images import PICTURES, blocks, inline, protocol
from bot.adapters.terminal.operator import administer
from bot.adapters.terminal.render import NO_LINKS, Links, boxed, visible, written
from bot.commands import aside, delivered, dispatch, perform, press
from bot.context import Ask, Context
from bot.courier import Courier, NotSentError, Parcel
from bot.handlers.hearing import heard
from bot.handlers.importing import bring
from bot.pictures.painter import Picture, painter
from bot.replies import (
    Choices,
    Confirm,
    Done,
    FileReply,
    Notice,
    Problem,
    RadioReply,
    Reply,
    SessionReply,
    SlateReply,
    drawings,
)
from bot.replies.i18n import language, percent, say, speak
from bot.replies.radio_card import buttons as radio_buttons
from bot.replies.session_card import buttons
from bot.replies.wish_buttons import trims
from recommender.catalog.listen_links import address
from recommender.service import MusicService
from storage.disk import private_folder
from storage.records import Account, Community

ROOM = Community("terminal", "room", "room", "the terminal")
_PROMPT = "> "
_CUT = re.compile(r"[xX] ?([0-9]{1,2})")  # a part of the wish of the last list: "x2"
_LEAVE = frozenset(["/quit", "/exit", "/bye"])
_LEAVE_BARE = frozenset(["quit", "exit"])  # unless a song or artist has that name
_UNWRITABLE = "I cannot write to {} ({}). Start me in a folder of yours."
_YES = frozenset(["yes", "y", "/yes", "ja", "j", "sí", "si", "s"])
_NO = frozenset(["no", "n", "/no", "nein"])
_MANY_COLOURS = ("256", "truecolor")
_ENDLESS = 100_000  # columns of a pipe: its reader wraps lines itself


def account(name: str) -> Account:
    """Return the account for this name on this machine; ignores case."""
    return Account("terminal", name.casefold(), name)


class Screen:
    """Output: a terminal with colours and cards, or a file or pipe with plain lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._plain = not out.isatty()
        self._console = Console(
            file=out,
            width=_ENDLESS if self._plain else None,
            color_system=None if self._plain else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=not self._plain,
        )

    def show(self, reply: Reply, links: Links = NO_LINKS) -> None:
        """Print one reply; `links` are the addresses of its songs."""
        self._print(written(reply, links) if self._plain else boxed(reply, links))

    @property
    def is_interactive(self) -> bool:
        """Whether somebody looks at a terminal, not at a file or pipe."""
        return not self._plain

    def draw(self, picture: Picture) -> None:
        """Show a picture in the terminal itself, roughly where it has no protocol for pictures."""
        kind = protocol(os.environ, lambda: self._attributes)
        if kind is not None:
            self._out.write(inline(picture, kind))
            self._out.flush()
        elif self._console.color_system in _MANY_COLOURS:
            self._print(blocks(picture, self._console.width))

    @cached_property
    def _attributes(self) -> frozenset[int]:
        return attributes(self._out)

    def _print(self, renderable: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(renderable)
        text = captured.get()
        if self._plain:
            text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        self._out.write(text)
        self._out.flush()

    def progress(self, share: float | None) -> None:
        """Show the share done, from 0 to 1, on a line that is overwritten; None removes it."""
        if not self._plain:
            self._out.write("\r\x1b[K" if share is None else f"\r{say('Importing: {}', percent(share))}")
            self._out.flush()

    def echo(self, line: str) -> None:
        """Print a line of a script as if it had been typed."""
        self._out.write(f"{_PROMPT}{visible(line)}\n")


class Conversation:
    """One user at one terminal."""

    platform = ROOM.platform
    repeats_within = 0

    def __init__(self, music: MusicService, name: str, screen: Screen, folder: Path) -> None:
        self._music = music
        self._account = account(name)
        self._screen = screen
        self._folder = folder  # destination of files for the user
        self._session = secrets.token_hex(8)
        self._heard = 0
        self._answers: tuple[str, ...] = ()  # payloads that a number picks
        self._trims: tuple[str, ...] = ()  # payloads that take a part out of the wish of the last list
        self._question: Confirm | None = None  # question that "yes" or "no" answers
        self._language = ""  # of the terminal, for users who chose none

    async def hear(self, line: str) -> bool:
        """Answer one line; return False once the user wants to leave."""
        text = line.strip()
        if not text:
            return True
        word = text.casefold()
        if word in _LEAVE or (word in _LEAVE_BARE and not await self._music.names.named(text)):
            self._screen.show(Notice(say("Goodbye.")))
            return False
        self._heard += 1
        self._language = self._language or language()
        speak(self._language)
        update = f"terminal:{self._session}:{self._heard}"
        context = Context(self._music, self._account, ROOM, update, picking="numbers")
        reply = await self._answer(context, text)
        self._screen.show(reply, await self._links(reply))
        await self._draw(reply)
        if isinstance(reply, FileReply):
            self._screen.show(_saved(reply, self._folder))
        if problem := await delivered(context, reply):
            self._screen.show(problem)
        if not isinstance(reply, Confirm) and (more := await aside(context)) is not None:
            self._screen.show(self._remember(more))
        return True

    async def carry(self, parcel: Parcel) -> None:
        """Show what came while nobody was here; see `bot.courier.Carrier`."""
        if parcel.chat != self._account.external_id:
            raise NotSentError("somebody else is here")
        self._screen.show(parcel.reply, await self._links(parcel.reply))
        await self._draw(parcel.reply)

    async def _draw(self, reply: Reply) -> None:
        """Save the pictures of a reply, and show them where the terminal can."""
        if not self._screen.is_interactive or not drawings(reply):
            return
        private_folder(PICTURES)
        for picture in await painter().paint(drawings(reply)):
            self._screen.draw(picture)
            self._screen.show(_saved(FileReply(picture.name, picture.content, ""), PICTURES))

    async def _answer(self, context: Context, text: str) -> Reply:
        question, self._question = self._question, None
        if question is not None and text.casefold() in _YES:
            return await press(context, question.payload)
        if question is not None and text.casefold() in _NO:
            return (
                await press(context, question.refusal)
                if question.refusal
                else Notice(say("Nothing changed."))
            )
        if text.isdecimal() and 1 <= int(text[:9]) <= len(self._answers):
            reply = await press(context, self._answers[int(text) - 1])
            # The other choices stay open: the user can like several songs of one artist in a row.
            if isinstance(reply, Done) and reply.song is not None:
                return replace(reply, buttons=())
            return self._remember(reply)
        if (cut := _CUT.fullmatch(text)) and 1 <= int(cut[1]) <= len(self._trims):
            return self._remember(await press(context, self._trims[int(cut[1]) - 1]))
        return await self._command(context, text)

    async def _command(self, context: Context, text: str) -> Reply:
        """Answer a line; three commands are different here, next to the files and the owner."""
        command, _, rest = text.partition(" ")
        command, rest = command.casefold(), rest.strip()
        if command == "/import" and rest:
            return await perform(context, partial(self._bring, path=_typed_path(rest)))
        if command == "/hear" and _names_file(rest):
            return await perform(context, partial(heard, path=_typed_path(rest)))
        if command == "/admin":
            return await perform(context, partial(administer, line=rest))
        return self._remember(await dispatch(context, text, chatty=True))

    async def _links(self, reply: Reply) -> Links:
        """Return where the songs of a slate are heard."""
        if not isinstance(reply, SlateReply | RadioReply):
            return NO_LINKS
        slate = reply.slate if isinstance(reply, SlateReply) else reply.radio.slate
        songs = tuple(pick.song for pick in slate.picks)
        ids = await self._music.communities.links(songs, slate.query.user_id)
        known = {song: ids.get(song.subject, {}) for song in songs}
        return {song.subject: found.get("page") or address(song, found) for song, found in known.items()}

    async def _bring(self, ask: Ask, path: Path) -> Reply:
        """Import a file of this machine: the user at the terminal may read it."""
        try:
            return await bring(ask, path, self._screen.progress)
        finally:
            self._screen.progress(None)

    def _remember(self, reply: Reply) -> Reply:
        match reply:
            case Choices():
                self._answers = tuple(choice.payload for choice in reply.choices)
            case SessionReply():
                self._answers = tuple(button.payload for button in buttons(reply.session))
            case RadioReply():
                self._answers = tuple(button.payload for button in radio_buttons(reply.radio))
            case Done():
                self._answers = tuple(button.payload for button in reply.buttons if button.payload)
            case SlateReply():
                self._answers = ()
                self._trims = tuple(payload for _, payload in trims(reply.slate))
            case Confirm():
                self._question = reply
        return reply


def _names_file(text: str) -> bool:
    """Tell a file to hear from a song: "~/clip.ogg", "song.mp3" if it is there, but not "AC/DC" or "1"."""
    return text.strip("\"'").startswith(("/", "~", "./", "../")) or _typed_path(text).is_file()


def _typed_path(text: str) -> Path:
    """Return the path that was typed, or dropped from a file manager in quotation marks."""
    return Path(text.strip().strip("\"'")).expanduser()


def _saved(reply: FileReply, folder: Path) -> Notice | Problem:
    """Save a file readable by its owner only, without overwriting another."""
    stem, dot, ending = reply.name.rpartition(".")
    for number in range(1, 1000):
        path = folder / (reply.name if number == 1 else f"{stem}-{number}{dot}{ending}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            return Problem(say(_UNWRITABLE, folder, error.strerror))
        with os.fdopen(descriptor, "wb") as file:
            file.write(reply.content)
        return Notice(say("Saved as {}", path))
    return Problem(say("There are too many exports in {}; delete some.", folder))


async def chat(music: MusicService, name: str, script: Iterable[str] | None = None) -> None:
    """Talk with `name` until the lines end: those of `script`, else of the prompt or the pipe."""
    screen = Screen(sys.stdout)
    conversation = Conversation(music, name, screen, Path.cwd())
    if script is not None:
        lines = _scripted(script, screen)
    elif sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty()):
        screen.show(
            Notice(
                say(
                    "Hello {}. Tell me what you love: /like and a song or an artist.\n"
                    "Then /recommend. /help lists everything, Ctrl-D ends.",
                    name,
                )
            )
        )
        lines = _prompted(music, account(name), screen)
    else:
        lines = _piped(sys.stdin)
    await Courier(music, conversation).look()
    async for line in lines:
        if not await conversation.hear(line):
            return


async def _scripted(script: Iterable[str], screen: Screen) -> AsyncIterator[str]:
    for line in script:
        if line.strip():
            screen.echo(line)
            yield line


async def _piped(stream: TextIO) -> AsyncIterator[str]:
    while line := await asyncio.to_thread(stream.readline):
        yield line


async def _prompted(music: MusicService, user: Account, screen: Screen) -> AsyncIterator[str]:
    prompt: PromptSession[str] = PromptSession(
        _PROMPT,
        completer=CommandCompleter(music, user),
        complete_while_typing=True,
        # If the answers go to a pipe, the prompt itself stays on the terminal.
        output=create_output(always_prefer_tty=True),
    )
    while True:
        try:
            yield await prompt.prompt_async()
        except KeyboardInterrupt:
            continue  # Ctrl-C cancels the line, not the conversation
        except EOFError:
            screen.show(Notice(say("Goodbye.")))
            return
