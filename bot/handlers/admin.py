"""Commands for community managers and operators.  Each platform checks the right on every call."""

import resource
import sys
import time
from typing import Any

from bot.context import Ask, Mention, spoken
from bot.replies import Done, Notice
from bot.replies.explanations import MARKS, counted
from bot.replies.i18n import decimal, number, say
from recommender.errors import NothingToDo, NotKnown
from recommender.service.communities import ERASE_AFTER, LEAST_PEOPLE
from recommender.types import Song
from storage.records import Kind

SIZES = range(1, 21)
LONGEST_COOLDOWN = 300
"""Longest cooldown, in seconds."""


def here(ask: Ask) -> int:
    """Return the community of the ask; raises `NothingToDo` in private."""
    if ask.listener.community_id is None:
        raise NothingToDo("That is decided in a server or group, not in private.")
    return ask.listener.community_id


async def settings(ask: Ask, *, rooms: bool = True) -> Notice:
    """Show the community's settings; without `rooms`, leave channels out."""
    decided = await ask.music.communities.settings(here(ask))
    unset = say("that of each person") if rooms else "English"
    seconds = f"{decided.cooldown:g}"
    lines = [
        say("Language: {}", decided.language or unset),
        say("Songs on a list: {}", decided.size),
        say("Explicit songs: allowed" if decided.explicit else "Explicit songs: left out, where marked"),
        say("Cooldown: {} s between commands", seconds) if decided.cooldown else say("Cooldown: no waiting"),
        say("Blocked here: {}", len(decided.blocked)),
    ]
    if rooms:
        channels = counted(len(decided.channels), "channel") if decided.channels else say("all")
        lines.insert(1, say("Channels: {}", channels))
    return Notice("\n".join(lines))


async def set_language(ask: Ask, language: str) -> Notice:
    """Set the language of the bot's messages; "" follows each user."""
    await ask.music.communities.decide(here(ask), "language", language)
    return Notice(say("Language: {}.", language or say("that of each person")))


async def set_size(ask: Ask, size: int) -> Notice:
    """Set the default slate size."""
    if size not in SIZES:
        raise NotKnown("A list has {} to {} songs.", SIZES.start, SIZES.stop - 1)
    await ask.music.communities.decide(here(ask), "size", str(size))
    now = "Lists here have {} from now on, unless somebody asks otherwise."
    return Notice(say(now, counted(size, "song")))


async def set_explicit(ask: Ask, *, allowed: bool) -> Notice:
    """Allow or leave out explicit songs."""
    await ask.music.communities.decide(here(ask), "explicit", str(int(allowed)))
    left_out = "Songs that are marked as explicit stay away from here."
    return Notice(say("Explicit songs may come again." if allowed else left_out))


async def set_cooldown(ask: Ask, seconds: int) -> Notice:
    """Set the seconds that a user waits between two commands."""
    if not 0 <= seconds <= LONGEST_COOLDOWN:
        raise NotKnown("A cooldown takes 0 to {} seconds.", LONGEST_COOLDOWN)
    await ask.music.communities.decide(here(ask), "cooldown", str(seconds))
    if not seconds:
        return Notice(say("No waiting any more."))
    return Notice(say("{} s between two commands of one person.", seconds))


async def turn_channel(ask: Ask, channel: str, name: str, *, allowed: bool) -> Notice:
    """Add `channel` to the allowed channels, or remove it; with an empty list the bot talks in all."""
    decided = await ask.music.communities.settings(here(ask))
    channels = [known for known in decided.channels if known != channel] + ([channel] if allowed else [])
    await ask.music.communities.decide(here(ask), "channels", ",".join(channels))
    if not channels:
        return Notice(say("I talk in all channels."))
    on, off = "I talk in {}. Allowed: {}.", "I no longer talk in {}. Allowed: {}."
    return Notice(say(on if allowed else off, name, counted(len(channels), "channel")))


async def block_here(ask: Ask, mention: Mention) -> Done:
    """Block a song or artist in this community."""
    if not await ask.music.communities.block(here(ask), mention.song.subject, blocked=True):
        return Done(say("{} is kept out of here already.", spoken(mention.song)), mention.song)
    song, artist = (
        "🚫 Nobody here will be shown {} any more.",
        "🚫 Nobody here will be shown anything by {} any more.",
    )
    sentence = song if mention.song.title is not None else artist
    return Done(say(sentence, spoken(mention.song)), mention.song)


async def unblock_here(ask: Ask, mention: Mention) -> Done:
    """Unblock a song or artist in this community."""
    if not await ask.music.communities.block(here(ask), mention.song.subject, blocked=False):
        raise NothingToDo("{} is not kept out of here.", spoken(mention.song))
    return Done(say("{} may be shown here again.", spoken(mention.song)), mention.song)


async def blocked_here(ask: Ask) -> tuple[Song, ...]:
    """Return the songs and artists blocked here, by name."""
    decided = await ask.music.communities.settings(here(ask))
    subjects = sorted(decided.blocked, key=lambda s: (s.artist_id, s.track_id or 0))
    return tuple([await ask.music.names.song(subject) for subject in subjects])


async def statistics(ask: Ask) -> Notice:
    """Show the community's statistics, never per user."""
    stats = await ask.music.communities.stats(here(ask))
    said = ", ".join(f"{number(n)} × {MARKS.get(Kind(kind), kind)}" for kind, n in stats.said.items())  # noqa: RUF001
    lines = [
        say("People I have met here: {}", stats.members),
        say("Lists shown here: {}", stats.slates),
        say("Said here: {}", said or say("nothing yet")),
    ]
    if stats.liked:
        lines.append(say("Artists that at least {} people here like:", LEAST_PEOPLE))
        lines += [f"{name}: {counted(people, 'person', 'people')}" for name, people in stats.liked]
    return Notice("\n".join(lines))


async def remove_member(ask: Ask, external_id: str, name: str) -> Notice:
    """Remove a user from this community; their verdicts elsewhere stay."""
    place = here(ask)
    user_id = await ask.music.communities.user(ask.listener.platform, external_id)
    if user_id is None:
        raise NothingToDo("{} has never told me anything.", name)
    gone = await ask.music.communities.remove_member(place, user_id)
    removed = (
        "Removed from here: {} and {} of {}. Their own taste is theirs and stays; /forget is for them alone."
    )
    return Notice(say(removed, counted(gone["events"], "event"), counted(gone["slates"], "list"), name))


async def erase_here(ask: Ask) -> Notice:
    """Erase the community at once: its settings and members."""
    gone = await ask.music.communities.erase(here(ask))
    erased = "Erased: {} and {} of this place. When I am removed, this happens by itself after {} days."
    settings, members = counted(gone["settings"], "setting"), counted(gone["memberships"], "membership")
    return Notice(say(erased, settings, members, ERASE_AFTER // 86_400))


async def retrain(ask: Ask) -> Notice:
    """Train on everything stored now."""
    figures = await ask.music.train()
    seconds = decimal(figures["seconds"], 1)
    songs, artists = counted(figures["tracks"], "song"), counted(figures["artists"], "artist")
    return Notice(
        say("Learned from {} in {} s: {}, {}.", counted(figures["events"], "event"), seconds, songs, artists)
    )


async def knowledge(ask: Ask) -> Notice:
    """Show the size and cost of the models."""
    stats = await ask.music.stats()
    learned = stats["snapshot"]
    songs, artists = counted(stats["tracks"], "song"), counted(stats["artists"], "artist")
    events, people = counted(stats["events"], "event"), counted(stats["users"], "person", "people")
    lines = [
        say("I know {} by {} and {} of {}.", songs, artists, events, people),
        say("Learned {} ago from {}.", _age(learned["created_at"]), counted(learned["events"], "event")),
        say("Memory: {} MiB at most so far.", number(memory_mib())),
    ]
    return Notice("\n".join(lines))


async def health(ask: Ask, figures: dict[str, Any]) -> Notice:
    """Show the state of the process; `figures` come from the platform."""
    learned = (await ask.music.stats())["snapshot"]
    lines = [f"{name}: {value}" for name, value in figures.items()]
    lines.append(say("Queue: {} waiting", counted(ask.music.bringing.waiting, "write")))
    lines.append(say("Memory: {} MiB at most", number(memory_mib())))
    lines.append(say("Model: {}, {} old", learned["version"], _age(learned["created_at"])))
    return Notice("\n".join(lines))


async def reload(ask: Ask) -> Notice:
    """Load the newest snapshot from disk."""
    figures = await ask.music.reload()
    return Notice(say("Loaded: {}, made {} ago.", figures["version"], _age(figures["created_at"])))


def memory_mib() -> int:
    """Return the peak memory of this process, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _age(at: int) -> str:
    return span(max(0.0, time.time() - at))


def span(seconds: float) -> str:
    """Return a duration in words.

    >>> span(59), span(7200), span(400_000)
    ('59 s', '2.0 h', '4.6 days')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{decimal(hours, 1)} h" if hours < 48 else say("{} days", decimal(hours / 24, 1))
