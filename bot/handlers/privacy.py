"""Stored data of a user: view, export, delete."""

import asyncio
import json
from datetime import UTC, datetime

from bot.context import Arguments, Ask
from bot.handlers import weekly
from bot.handlers.listening_history import habit_parts
from bot.handlers.pictures import look
from bot.pictures import Drawing
from bot.pictures.taste_card import taste_card
from bot.replies import Confirm, FileReply, HistoryReply, Notice, Part, ProfileReply
from bot.replies.buttons import Yes
from bot.replies.i18n import counted, say
from bot.wishes.wording import tags
from recommender.errors import NothingToDo, NotKnown
from recommender.service.history import PERIODS, FactOrigin, Habits
from recommender.types import Outlook, TasteProfile

_MOODS = 5  # moods named in a profile
PRIVACY = """\
What I keep, and why:
- your name and account here, to know you again
- what you like, dislike, skip, block and play, with the time: from this I learn your taste
- the lists I made for you and why, to explain them and to learn which were good
- which places (servers, groups, rooms) we met in, for what is popular there
- sessions you listened along in, what was played, and what you asked for; who listens along sees your \
name, your votes there and artists you share
- from services you connect, and only those: your name there; from Last.fm and ListenBrainz what you \
hear with the time, songs you love and tags you give; from Spotify a sign-in, encrypted, to save \
playlists and to show you songs of yours. What Spotify tells trains no model, only what you say of a \
song does. /disconnect erases all of it
- what you want to come by itself, your time zone and quiet hours, and what was sent for which week
- what you keep out of your taste, so that it teaches me nothing
- of a clip or voice message that you send me, a few words for what it sounds like, with the list I \
made from it; its sound is never stored. Only if you say /settings clips keep, also 400 numbers for how it \
sounds, so that /more goes on from there; /settings clips forget erases them
Nothing about you goes to anybody else. Names of songs and links to songs, never whose they are, may be \
looked up at MusicBrainz, ListenBrainz, Last.fm, Spotify, Deezer and Apple, and a link at the service that \
it leads to. What Spotify, Deezer and Apple answer is kept for a day, what the others answer for at most \
90 days.
Others here see counts of likes, never whose they are, unless you have said /visible on or join a \
session.
/export gives you all of it as a file. /undo takes back the last thing you said.
/forget erases you everywhere, and what was learned from you."""


_TOKENS = (
    "Of tokens you make with /web token I keep a fingerprint, what they may do and their last use, until "
    "/web revoke; answers to programs that may ask twice for a day; files that they send until they are read."
)


async def history(ask: Ask, arguments: Arguments) -> HistoryReply:
    """Show the user's events, newest first."""
    lines = await ask.music.diary.lines(ask.listener, arguments.options.get("count", 10))
    if not lines:
        raise NothingToDo("You have not told me anything yet. Start with /like and a song or artist.")
    return HistoryReply(tuple(lines))


async def profile(ask: Ask, arguments: Arguments) -> ProfileReply:
    """Summarise the user's taste and listening times; the text names a period."""
    period = arguments.text.casefold() or "month"
    if period not in PERIODS:
        raise NotKnown("Say over which time: /profile and one of {}.", ", ".join(PERIODS))
    known = await ask.music.profile(ask.listener)
    if not (known.likes or known.dislikes or known.plays or known.blocked):
        raise NothingToDo("I do not know your taste yet. Tell me three things you love: /like and a name.")
    habits = await ask.music.diary.habits(ask.listener, period)
    parts = habit_parts(habits, period) if habits else ()
    told = (*_moods(known), _believed(known.outlook), *parts)
    return ProfileReply(ask.name, known, told, await _pictures(ask, known, habits))


async def _pictures(ask: Ask, known: TasteProfile, habits: Habits | None) -> tuple[Drawing, ...]:
    wanted = await look(ask)
    if wanted is None or not (known.artists or known.tags):
        return ()
    portrait = await ask.music.portraits.of(ask.listener)
    return (taste_card(ask.name, known, portrait, habits, wanted),)


def _moods(known: TasteProfile) -> tuple[Part, ...]:
    moods = ", ".join(tags(mood.name for mood in known.moods[:_MOODS]))
    return (Part(say("Moods"), (moods,)),) if moods else ()


def _believed(outlook: Outlook | None) -> Part:
    if outlook is None:
        alone = "So far I go by what you told me alone. I can't tell how sure I am yet."
        lines = [say(alone)]
    else:
        lines = [
            say("Of the ten artists that suit you best, I expect you to like {}.", round(outlook.likes)),
            say("I know {} % of your taste; every 👍 and 👎 adds to it.", round(100 * outlook.sure)),
        ]
    return Part(say("What I believe"), tuple(lines))


async def export(ask: Ask, _: Arguments) -> FileReply:
    """Return a file with everything stored about the user."""
    kept = await ask.music.export(ask.listener)
    content = await asyncio.to_thread(
        json.dumps, kept, ensure_ascii=False, indent=2
    )  # a long export takes seconds
    return FileReply(
        "segue-export.json", f"{content}\n".encode(), say("This is everything I keep about you.")
    )


async def forget(_: Ask, __: Arguments) -> Confirm:
    """Ask for confirmation before deletion."""
    return Confirm(
        say(
            "Erase everything I know about you, here and everywhere? This cannot be taken back; /export "
            "first if you want a copy."
        ),
        str(Yes("forget")),
    )


async def forgotten(ask: Ask) -> Notice:
    """Delete the user's data everywhere."""
    counts = await ask.music.forget(ask.listener)
    events = counted(counts.get("events", 0), "event")
    return Notice(say("Your data is deleted: {}, your lists and your account. Come back any time.", events))


async def privacy(ask: Ask, _: Arguments) -> Notice:
    """Show the stored data, its purpose and its sources."""
    sources = await ask.music.diary.sources(ask.listener)
    coming = await weekly.listed(ask)
    by_itself = "\n".join([say("What comes by itself, until /quiet ends it:"), *coming]) if coming else ""
    none = say("Nothing comes by itself: you have turned nothing on.")
    backups = say("A backup may hold you for up to four weeks more; restoring one erases you again.")
    if ask.music.web.address:
        kept = "Of browsers you sign in with /web I keep their kind and when you used them, until /web off."
        backups = f"{say(kept)}\n{backups}"
    if await ask.music.access.tokens(ask.listener):
        backups = f"{say(_TOKENS)}\n{backups}"
    if not sources:
        return Notice(f"{say(PRIVACY)}\n{backups}\n\n{by_itself or none}")
    brought = say("What came in because you brought it, kept to learn your taste from:")
    lines = "\n".join(f"- {source.name}: {_brought(source)}" for source in sources)
    erase = say("/disconnect and its name, as in /disconnect {}, erases what came from it.", sources[0].name)
    return Notice(f"{say(PRIVACY)}\n{backups}\n\n{brought}\n{lines}\n{erase}\n\n{by_itself or none}")


def _brought(source: FactOrigin) -> str:
    day = f"{datetime.fromtimestamp(source.newest, UTC):%Y-%m-%d}" if source.newest else ""
    newest = say(", the newest of {}", day) if day else ""
    return say("{} (song, time, how long)", counted(source.events, "event")) + newest
