"""Songs named by a message: typed names, link previews, posts of other music bots."""

import re
from collections.abc import Iterator
from itertools import chain

import discord

from storage.catalogue.links import parse_link

LONGEST = 300
_MOST_LINES = 12
_DASH = re.compile(r"\s[-\u2013\u2014]\s")
_MARKDOWN_LINK = re.compile(r"\[([^\]]+)\]\(<?https?://[^)\s]*\)")
_MARKUP = re.compile(r"\*\*|__|~~|`|^\s*(?:>+|-#|#{1,3}|[-*\u2022])\s+|^[0-9]+\\?\.\s", re.MULTILINE)
_ESCAPED = re.compile(r"\\(.)")
_ADDRESS = re.compile(r"<?https?://\S+")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:)[0-9]+>")
_LABEL = re.compile(r"^[^-\u2013\u2014]{0,40}?:\s+(?=\S)")  # "now playing: ..."
_EDGE = " \t\"'\u201c\u201d\u2018\u2019\u00ab\u00bb|,;\U0001f3b5\U0001f3b6\U0001f3a7"
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_OF_CHANNEL = re.compile(r"\s+-\s+Topic$|\s*VEVO$|\s+Official$", re.IGNORECASE)
_SITES = ("spotify", "youtube", "apple music")


def names_in(message: discord.Message) -> list[str]:
    """Return names of songs in a message, the most certain first; each at most `LONGEST` characters."""
    said = [message.content, *(snapshot.content for snapshot in message.message_snapshots)]
    embeds = [*message.embeds, *chain.from_iterable(s.embeds for s in message.message_snapshots)]
    found = chain(
        (text for text in said if parse_link(text) is not None),
        chain.from_iterable(map(_unfolded, embeds)),
        chain.from_iterable(map(_written, [*said, *_cards(message)])),
    )
    kept = (" ".join(text.split()) for text in found)
    return list(dict.fromkeys(text[:LONGEST] for text in kept if text and not text.isdecimal()))


def _unfolded(embed: discord.Embed) -> Iterator[str]:
    """Yield the names in a link preview or in another bot's embed."""
    title, about = embed.title or "", embed.description or ""
    site = (embed.provider.name or "").casefold() if embed.provider else ""
    if embed.url and parse_link(embed.url) is not None:
        yield embed.url
    if title and any(known in site for known in _SITES):
        name = _BRACKETS.sub("", title)
        if _DASH.search(title) and "youtube" in site:
            yield name
        # Spotify: "Queen · A Night At The Opera · Song · 1975"; YouTube: the channel.
        artist = _OF_CHANNEL.sub("", embed.author.name or "") or about.split(" · ")[0].rpartition(". ")[2]
        if artist:
            yield f"{artist} - {name}"
            yield f"{artist} - {_DASH.split(name)[0]}"  # "... - Remastered 2011"
        return
    yield from _written("\n".join([embed.author.name or "", title, *_song_and_artist(about)]))


def _song_and_artist(about: str) -> list[str]:
    """Return the lines of an embed; joins a linked title and the artist below it, as .fmbot posts them."""
    lines = about.split("\n")
    linked = _MARKDOWN_LINK.search(lines[0])
    if linked is None or len(lines) < 2 or _DASH.search(lines[0]):
        return lines
    artist = re.split(r"\s[\u2022\u00b7|]\s", lines[1])[0].removeprefix("by ")
    return [f"{artist} - {linked[1]}", *lines]


def _written(text: str) -> Iterator[str]:
    """Yield the lines of the form "artist - title", then the whole of a short text."""
    lines = [_bare(line) for line in text.split("\n")[:_MOST_LINES]]
    for line in lines:
        if _DASH.search(line):
            yield _LABEL.sub("", line)
            yield _BRACKETS.sub("", line)
    if sum(map(bool, lines)) == 1:
        yield next(filter(None, lines))


def _bare(line: str) -> str:
    """Return a line without Markdown, links, mentions and decoration at its ends."""
    line = _MARKUP.sub("", _MARKDOWN_LINK.sub(r"\1", line))
    return _ESCAPED.sub(r"\1", _MENTION.sub("", _ADDRESS.sub("", line))).strip(_EDGE)


def _cards(message: discord.Message) -> Iterator[str]:
    """Yield the only song of one of our cards as title · artist; nothing for several songs."""
    boxes = [part for part in message.components if isinstance(part, discord.Container)]
    texts = [part.content for box in boxes for part in box.children if isinstance(part, discord.TextDisplay)]
    texts += [
        part.content
        for box in boxes
        for section in box.children
        if isinstance(section, discord.SectionComponent)
        for part in section.children
        if isinstance(part, discord.TextDisplay)
    ]
    songs = [text.split("\n")[0] for text in texts if re.match(r"[0-9]+\\\. \*\*", text)]
    if len(songs) == 1:
        title, _, artist = _bare(songs[0]).rpartition(" · ")
        yield f"{artist} - {title}" if title else artist
