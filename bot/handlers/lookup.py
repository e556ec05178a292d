"""Text typed without a command: names of songs and artists, numbers, greetings.

An exact name always wins.  A misspelt name is shown and offered, never liked automatically.
"""

import asyncio
import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.context import Ask, spoken
from bot.handlers import start
from bot.handlers.names import choices, correction, either, no_such_number, on_list, understand
from bot.replies import Button, Choices, Done, Notice, Reply
from bot.replies.buttons import Act, Love, Run
from bot.replies.i18n import listed, say
from recommender.catalog.lookup import LookedUp
from recommender.types import Resolution, Song
from storage.naming.text import fold
from storage.records import Kind

_MOST_NAMES = 10
_MOST_ELSEWHERE = 3  # names of one list looked up elsewhere
_MOST_JOINED = 5  # comma-separated parts that may form one name: "Earth, Wind & Fire"
_TYPO = 0.75  # least similarity (0 to 1) of a misspelt name in a list and its artist
_LINES = re.compile(r"\s*[;\n]\s*")
_COMMA = re.compile(r"\s*(?:(?<![0-9]),|,(?![0-9]))\s*")  # not the comma in "10,000"
_BOTH = re.compile(r"\s[-\u2013\u2014]\s")  # between artist and title
# "Yes" is a band as well, but it may be an answer: it is shown, not liked.
_ANSWERS = frozenset(["yes", "no", "ok", "okay", "ja", "nein", "si", "y", "n"])


@dataclass(frozen=True, slots=True)
class _Part:
    """One name of a typed list and its resolution."""

    text: str
    found: Resolution
    is_exact: bool

    @property
    def is_sure(self) -> bool:
        """Whether it is exactly an artist or "artist - title": a song's title alone may be half a name."""
        song = self.found.song
        return self.is_exact and song is not None and (song.title is None or bool(_BOTH.search(self.text)))

    @property
    def artist(self) -> Song | None:
        """The artist with nearly this name, a typo or two away; None for an exact name or no such artist."""
        song = _nearest(self.found)
        is_near = song is not None and song.title is None and _is_all(self.text, song)
        return song if is_near and not self.is_exact else None


def _nearest(found: Resolution) -> Song | None:
    return found.song or next(iter(found.others), None)


async def look_up(ask: Ask, line: str) -> Reply:
    """Resolve typed text: one exact name, several names, a number, or the nearest name."""
    text = " ".join(line.split())
    if text.isascii() and text.isdecimal():
        return await _number(ask, text)
    place = ask.listener.community_id
    if await ask.music.names.named(text, place):
        return await one(ask, text)
    names = [name for name in _LINES.split(line.strip()) if name]
    if len(names) > 1 or "," in text:
        parts = await _parts(ask, names)
        whole = await ask.find(text)
        near = _nearest(whole)
        is_list = all(part.is_sure for part in parts) or near is None or not _is_all(text, near)
        if len(parts) > 1 and is_list:
            return await _several(ask, text, parts, whole)
    return await one(ask, text)


async def one(ask: Ask, text: str) -> Reply:
    """Answer one name: an exact one counts as a love while the user is new, else it returns a card."""
    found = await understand(ask, "like", text)
    if isinstance(found, Choices):
        return found
    if await start.loves(ask) >= start.ENOUGH or fold(text) in _ANSWERS:
        return start.card(found.song, correction(found))
    if found.misspelt:
        return Done(f"{correction(found)}{say('Is that right?')}", found.song, (_love(found.song),))
    await ask.music.reactions.record(ask.listener, found.song.subject, Kind.LIKE, key=ask.key())
    return await start.go_on(ask, f"{correction(found)}{say('👍 Noted: {}.', spoken(found.song))}")


async def _number(ask: Ask, text: str) -> Reply:
    """Answer a bare number: a song of the last list, a song with that name, or a question between them."""
    on_it = await on_list(ask, int(text[:9]))
    namesakes = await ask.music.names.named(text, ask.listener.community_id)
    if on_it is not None and namesakes:
        return either("like", text, on_it, namesakes)
    if on_it is not None:
        told = say("Song {0} of the last list? +{0} likes it, -{0} does not, /why {0} tells why.", text)
        return Notice(f"{spoken(on_it.song)}. {told}")
    if namesakes:
        return await one(ask, text)
    raise await no_such_number(ask, int(text[:9]))


def _is_all(text: str, song: Song) -> bool:
    """Return whether a text is a whole name, up to typos."""
    names = [song.artist] if song.title is None else [song.title, f"{song.artist} {song.title}"]
    return any(OSA.normalized_similarity(fold(text), fold(name)) >= _TYPO for name in names)


async def _parts(ask: Ask, lines: list[str]) -> list[_Part]:
    """Split lines at their commas, except within a name: the longest exact name wins."""
    parts: dict[str, _Part] = {}
    for line in lines:
        words = [word for word in _COMMA.split(line) if word]
        while words and len(parts) < _MOST_NAMES:
            length = await _longest_name(ask, words)
            name, words = ", ".join(words[: length or 1]), words[length or 1 :]
            found = await ask.find(name)
            parts.setdefault(fold(name), _Part(name, found, bool(length)))
    return list(parts.values())


async def _longest_name(ask: Ask, words: list[str]) -> int:
    """Return how many of the first parts form one exact name, 0 if not even the first does."""
    for length in range(min(len(words), _MOST_JOINED), 0, -1):
        if await ask.music.names.named(", ".join(words[:length]), ask.listener.community_id):
            return length
    return 0


async def _several(ask: Ask, text: str, parts: list[_Part], whole: Resolution) -> Reply:
    """Like the exactly named artists of a list, and offer the misspelt ones.

    If a part means nothing, the text is more likely one name with a comma in it: nothing is liked then.
    """
    sure = [part.found.song for part in parts if part.is_sure and part.found.song]
    typos = [part.artist for part in parts if part.artist is not None]
    titles = [song for part in parts if not part.is_sure and part.is_exact and (song := _nearest(part.found))]
    unknown = tuple(part.text for part in parts if not part.is_exact and part.artist is None)
    elsewhere = await _elsewhere(ask, unknown)
    sure += [looked.song for looked in elsewhere.values() if looked.song]
    unknown = tuple(name for name in unknown if name not in elsewhere)
    if unknown and len(sure) < 2:
        offered = tuple(dict.fromkeys((*whole.others, *sure, *titles, *typos)))
        if not offered:
            return await one(ask, text)
        return choices(say('I know nothing called "{}". Did you mean one of these?', text), "like", offered)
    for number, song in enumerate(sure):
        await ask.music.reactions.record(ask.listener, song.subject, Kind.LIKE, key=ask.key(number))
    told = [say("👍 Noted: {}.", listed(tuple(map(spoken, sure))))] if sure else []
    at = tuple(dict.fromkeys(looked.at for looked in elsewhere.values()))
    told += [say("Found at {}.", listed(at))] if at else []
    told += [say("I do not know {}.", listed(unknown))] if unknown else []
    if right := [*typos, *titles]:
        told.append(say("I understood {}: press what is right.", listed(tuple(map(spoken, right)))))
        go_on = (Button(say("Songs for me"), str(Run("recommend"))),)
        return Done(" ".join(told), buttons=(*map(_love, right), *go_on))
    return await start.go_on(ask, " ".join(told))


async def _elsewhere(ask: Ask, names: tuple[str, ...]) -> dict[str, LookedUp]:
    """Return what services elsewhere know exactly of the first names that the catalogue lacks."""
    look = ask.music.connections.lookup.look
    looked = await asyncio.gather(*(look(name) for name in names[:_MOST_ELSEWHERE]))
    return {name: found for name, found in zip(names, looked, strict=False) if found.song is not None}


def _love(song: Song) -> Button:
    """Return a button that likes a song or artist; for an artist, the button of the greeting."""
    payload = Love(song.subject.artist_id) if song.title is None else Act("like", song.subject)
    return Button(f"👍 {spoken(song)}", str(payload))
