"""Adding a song to the catalogue by hand."""

import re

from bot.context import Arguments, Ask, spoken
from bot.handlers.listen_links import hear_button
from bot.replies import Button, Done
from bot.replies.buttons import Act
from bot.replies.i18n import say
from recommender.errors import NotKnown

LONGEST = 200
"""Longest name, in characters."""
_DASH = re.compile(r"(?:^|\s+)[-\u2013\u2014](?:\s+|$)")


async def add(ask: Ask, arguments: Arguments) -> Done:
    """Add a song or an artist to the catalogue."""
    artist, title = parted(arguments.text)
    if not artist or title == "":
        raise NotKnown("Write the artist, a dash and the title: /add Nick Drake - Pink Moon.")
    return await added(ask, artist, title)


def parted(text: str) -> tuple[str, str | None]:
    """Split "artist - title" at its dash; the second part is None without a dash."""
    artist, *rest = (part.strip() for part in _DASH.split(text, maxsplit=1))
    return artist, rest[0] if rest else None


async def added(ask: Ask, artist: str, title: str | None) -> Done:
    """Add a song to the catalogue, or an artist if `title` is None."""
    if max(len(artist), len(title or "")) > LONGEST:
        raise NotKnown(say("Keep artist and title under {} letters each.", LONGEST))
    song = await ask.music.names.add(ask.listener, artist, title)
    return Done(
        say("In the catalogue: {}. Like it?", spoken(song)),
        song,
        (
            Button(say("👍 Like"), str(Act("like", song.subject))),
            Button(say("👎 Dislike"), str(Act("dislike", song.subject))),
            hear_button(song),
        ),
    )
