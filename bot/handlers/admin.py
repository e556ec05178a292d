"""For people who may manage a place.  Whether somebody may is each platform's to check, every time anew."""

import resource
import sys
import time
from typing import Any

from bot.context import Ask, Mention, spoken
from bot.explanations import counted
from bot.replies import Done, Notice
from recommender.communities import ERASE_AFTER, LEAST_PEOPLE
from recommender.errors import NothingToDo, NotKnown
from recommender.types import Song

SIZES = range(1, 21)
LONGEST_COOLDOWN = 300
"""Seconds."""


def here(ask: Ask) -> int:
    """Return the place in which something is decided; `NothingToDo` in private."""
    if ask.listener.community_id is None:
        raise NothingToDo("That is decided in a server or group, not in private.")
    return ask.listener.community_id


async def settings(ask: Ask, *, rooms: bool = True) -> Notice:
    """Show what the place has decided; without `rooms`, nothing of channels."""
    decided = await ask.music.communities.settings(here(ask))
    unset = "that of each person" if rooms else "English"
    cooldown = f"{decided.cooldown:g} s between commands" if decided.cooldown else "no waiting"
    lines = [
        f"Language: {decided.language or unset}",
        f"Songs on a list: {decided.size}",
        f"Explicit songs: {'allowed' if decided.explicit else 'left out, where they are marked'}",
        f"Cooldown: {cooldown}",
        f"Blocked here: {len(decided.blocked)}",
    ]
    if rooms:
        channels = counted(len(decided.channels), "channel") if decided.channels else "all"
        lines.insert(1, f"Channels: {channels}")
    return Notice("\n".join(lines))


async def set_language(ask: Ask, language: str) -> Notice:
    """Set the language of what I say; "" leaves it to each person."""
    await ask.music.communities.decide(here(ask), "language", language)
    return Notice(f"Language: {language or 'that of each person'}.")


async def set_size(ask: Ask, size: int) -> Notice:
    """Set how many songs a list has."""
    if size not in SIZES:
        raise NotKnown(f"A list has {SIZES.start} to {SIZES.stop - 1} songs.")
    await ask.music.communities.decide(here(ask), "size", str(size))
    return Notice(f"Lists here have {counted(size, 'song')} from now on, unless somebody asks otherwise.")


async def set_explicit(ask: Ask, *, allowed: bool) -> Notice:
    """Allow explicit songs, or leave them out."""
    await ask.music.communities.decide(here(ask), "explicit", str(int(allowed)))
    if allowed:
        return Notice("Explicit songs may come again.")
    return Notice("Songs that are marked as explicit stay away from here.")


async def set_cooldown(ask: Ask, seconds: int) -> Notice:
    """Set how long a person waits between two commands."""
    if not 0 <= seconds <= LONGEST_COOLDOWN:
        raise NotKnown(f"A cooldown takes 0 to {LONGEST_COOLDOWN} seconds.")
    await ask.music.communities.decide(here(ask), "cooldown", str(seconds))
    return Notice(f"{seconds} s between two commands of one person." if seconds else "No waiting any more.")


async def turn_channel(ask: Ask, channel: str, name: str, *, allowed: bool) -> Notice:
    """Talk in a channel, or no longer; with no channel named, talk in all."""
    decided = await ask.music.communities.settings(here(ask))
    channels = [known for known in decided.channels if known != channel] + ([channel] if allowed else [])
    await ask.music.communities.decide(here(ask), "channels", ",".join(channels))
    if not channels:
        return Notice("I talk in all channels.")
    verb = "talk" if allowed else "no longer talk"
    return Notice(f"I {verb} in {name}. Allowed: {counted(len(channels), 'channel')}.")


async def block_here(ask: Ask, mention: Mention) -> Done:
    """Keep a song or artist out of this place."""
    if not await ask.music.communities.block(here(ask), mention.song.subject, blocked=True):
        return Done(f"{spoken(mention.song)} is kept out of here already.", mention.song)
    return Done(f"🚫 Nobody here will be shown {_whose(mention.song)} any more.", mention.song)


async def unblock_here(ask: Ask, mention: Mention) -> Done:
    """Let a song or artist back into this place."""
    if not await ask.music.communities.block(here(ask), mention.song.subject, blocked=False):
        raise NothingToDo(f"{spoken(mention.song)} is not kept out of here.")
    return Done(f"{spoken(mention.song)} may be shown here again.", mention.song)


def _whose(song: Song) -> str:
    return spoken(song) if song.title is not None else f"anything by {spoken(song)}"


async def blocked_here(ask: Ask) -> tuple[Song, ...]:
    """Return what is kept out of here, by name."""
    decided = await ask.music.communities.settings(here(ask))
    subjects = sorted(decided.blocked, key=lambda s: (s.artist_id, s.track_id or 0))
    return tuple([await ask.music.song(subject) for subject in subjects])


async def statistics(ask: Ask) -> Notice:
    """Show the place in figures; never whose they are."""
    stats = await ask.music.communities.stats(here(ask))
    said = ", ".join(counted(n, kind) for kind, n in stats.said.items()) or "nothing yet"
    lines = [
        f"People I have met here: {stats.members}",
        f"Lists shown here: {stats.slates}",
        f"Said here: {said}",
    ]
    if stats.liked:
        lines.append(f"Artists that at least {LEAST_PEOPLE} people here like:")
        lines += [f"{name}: {counted(people, 'person', 'people')}" for name, people in stats.liked]
    return Notice("\n".join(lines))


async def remove_member(ask: Ask, external_id: str, name: str) -> Notice:
    """Take a person's data out of this place; what they said stays theirs elsewhere."""
    place = here(ask)
    user_id = await ask.music.communities.user(ask.listener.platform, external_id)
    if user_id is None:
        raise NothingToDo(f"{name} has never told me anything.")
    gone = await ask.music.communities.remove_member(place, user_id)
    return Notice(
        f"Removed from here: {counted(gone['events'], 'event')} and {counted(gone['slates'], 'list')} of "
        f"{name}. Their own taste is theirs and stays; /forget is for them alone."
    )


async def erase_here(ask: Ask) -> Notice:
    """Erase the place at once: its settings and who was met in it."""
    gone = await ask.music.communities.erase(here(ask))
    return Notice(
        f"Erased: {counted(gone['settings'], 'setting')} and {counted(gone['memberships'], 'membership')} of "
        f"this place. When I am removed, this happens by itself after {ERASE_AFTER // 86_400} days."
    )


async def retrain(ask: Ask) -> Notice:
    """Learn from everything stored, now."""
    figures = await ask.music.train()
    return Notice(
        f"Learned from {counted(figures['events'], 'event')} in {figures['seconds']:g} s: "
        f"{counted(figures['tracks'], 'song')}, {counted(figures['artists'], 'artist')}."
    )


async def knowledge(ask: Ask) -> Notice:
    """Say what I know and what that costs."""
    stats = await ask.music.stats()
    learned = stats["snapshot"]
    return Notice(
        f"I know {counted(stats['tracks'], 'song')} by {counted(stats['artists'], 'artist')} "
        f"and {counted(stats['events'], 'event')} of {counted(stats['users'], 'person', 'people')}.\n"
        f"Learned {_age(learned['created_at'])} ago from {counted(learned['events'], 'event')}.\n"
        f"Memory: {memory_mib():,} MiB at most so far."
    )


async def health(ask: Ask, figures: dict[str, Any]) -> Notice:
    """Say how the process is; `figures` are those that the platform adds."""
    learned = (await ask.music.stats())["snapshot"]
    lines = [f"{name}: {value}" for name, value in figures.items()]
    lines.append(f"Queue: {counted(ask.music.bringing.waiting, 'write')} waiting")
    lines.append(f"Memory: {memory_mib():,} MiB at most")
    lines.append(f"Model: {learned['version']}, {_age(learned['created_at'])} old")
    return Notice("\n".join(lines))


async def reload(ask: Ask) -> Notice:
    """Take the newest snapshot from disk."""
    figures = await ask.music.reload()
    return Notice(f"Loaded: {figures['version']}, made {_age(figures['created_at'])} ago.")


def memory_mib() -> int:
    """Return the most memory that this process has used, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _age(at: int) -> str:
    return span(max(0.0, time.time() - at))


def span(seconds: float) -> str:
    """Return a length of time as a person says it.

    >>> span(59), span(7200), span(400_000)
    ('59 s', '2.0 h', '4.6 days')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
