"""Imports of listening histories: instructions, import, closing card."""

from collections.abc import Callable
from pathlib import Path

from bot.context import Arguments, Ask
from bot.handlers.listening_history import imported
from bot.replies import Notice, ReportReply
from bot.replies.i18n import say
from recommender.service.imports import within
from storage.errors import StorageError

IMPORTING = """\
Bring what you have listened to so far: the file with /import here, or where I run: segue import auto \
FILE --as YOUR-NAME
I take what Spotify, Last.fm, ListenBrainz, Apple Music, YouTube Music, Deezer, Tidal and Maloja hand \
out, plain or as the zip, and any CSV, TSV or JSON with artist, track, plays and timestamp, or some of \
them.
What two of them tell counts once. Bring it again later: only what is new is added.
Whole data sets: plays, lastfm-2k, lastfm-matrix, spotify-tracks, starter, related, texts.
More: segue import --help"""

_TOO_BIG = (
    "That file is larger than the {most} MB that {platform} lets me take. Bring the files of the archive one "
    "by one, split a table into parts with the same first line, or bring it in where I run: "
    "segue import auto FILE"
)


async def importing(_: Ask, __: Arguments) -> Notice:
    """Explain how to import a listening history."""
    return Notice(say(IMPORTING))


async def bring(ask: Ask, path: Path, progress: Callable[[float], None] | None = None) -> ReportReply:
    """Import a user's file; calls `progress` with the share done (0 to 1) from another thread."""
    try:
        report = await ask.music.bringing.history(ask.listener, ask.account, path, progress)
    except StorageError as error:
        raise within(error, path) from error
    return imported(report, await ask.music.diary.surprises(ask.listener))


def too_big(platform: str, most: int) -> str:
    """Return advice for a file of more than `most` bytes."""
    return say(_TOO_BIG).format(most=most >> 20, platform=platform)


def progress_of(ask: Ask, file: str, share: float) -> str:
    """Return how far the import of a file is: its place in the queue, or the share done (0 to 1)."""
    return waits_or_runs(ask.music.bringing.queue.place(ask.listener.user_id), file, share)


def waits_or_runs(place: int | None, file: str, share: float) -> str:
    """Return the same for a file at a place in the queue; None if it has left it."""
    if place is not None and not share:
        return say("{} waits: other people's files come first, you are number {}.", file, place)
    return say("Importing {}: {} %", file, int(100 * share))
