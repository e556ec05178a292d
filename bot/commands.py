"""Every command once, and the one edge where words come in and replies go out.

`dispatch` takes what somebody typed, `press` what a button carried.  Both always return a reply: what a
person can mend comes back as a `Problem` that says how, anything else is logged under a code to quote.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from bot.buttons import Act, Agree, Feedback, Join, Love, OnSession, OnSong, Run, Whole, Yes, parse
from bot.command import Argument, Command, Option
from bot.context import Arguments, Ask, Context, Mention
from bot.handlers import (
    compare,
    connecting,
    diary,
    importing,
    linking,
    moods,
    nearness,
    person,
    reactions,
    sessions,
    settings,
    slates,
    songs,
    start,
    tuning,
)
from bot.handlers.names import pointed_at, understand
from bot.replies import HelpReply, Notice, Problem, Reply, SlateReply
from bot.thumbs import thumbs_in
from bot.words import say, told
from recommender.errors import MusicError, NotKnown
from storage.errors import BusyError, InvalidFactError
from storage.records import Kind

log = logging.getLogger(__name__)

_LONGEST = 1000  # characters of a message; what is longer names nothing
_NEAR = 0.77  # Jaro-Winkler: "recomend" and "rec" are near "recommend", "start" is near nothing


async def _help(_: Ask, arguments: Arguments) -> HelpReply:
    """List the commands, or explain one."""
    name = arguments.text.lstrip("/ ").partition(" ")[0]
    if not name:
        return HelpReply(tuple(command.help for command in COMMANDS.values()))
    return HelpReply((_command(name).help,))


_SONG = Argument("SONG", "song")
_ARTIST = Argument("ARTIST", "artist")
_NUMBER = Option("number", "N", "which song of the last list", 1, 20)
_LISTED = (
    Command("like", "Say that you like a song or an artist", "/like queen", _SONG, mention=reactions.like),
    Command("dislike", "Say that you do not like it", "/dislike 3", _SONG, mention=reactions.dislike),
    Command(
        "recommend",
        "Get songs for you, or of a genre or mood",
        "/recommend 8 dreamy",
        Argument("GENRE OR MOOD", "wish", required=False),
        (Option("n", "N", "how many songs", 1, 20),),
        handler=slates.recommend,
    ),
    Command(
        "similar",
        "Get songs close to one",
        "/similar Depeche Mode + Björk",
        _SONG,
        handler=nearness.similar,
        mention=slates.similar,
        reads_all=True,
    ),
    Command(
        "mood",
        "Get songs for a mood, a time, a weather",
        "/mood rainy sunday",
        Argument("WORDS", "text"),
        handler=moods.mood,
    ),
    Command(
        "discover",
        "Get songs that few people play",
        "/discover jazz",
        Argument("GENRE OR MOOD", "wish", required=False),
        (Option("n", "N", "how many songs", 1, 20),),
        handler=moods.discover,
    ),
    Command("why", "Hear why a song was recommended", "/why 1", None, (_NUMBER,), slates.why),
    Command("more", "Get more like song N, or five more", "/more 2", None, (_NUMBER,), slates.more),
    Command("skip", "Skip song N, or the rest of the list", "/skip", None, (_NUMBER,), reactions.skip),
    Command("undo", "Take back the last thing you said", "/undo", handler=reactions.undo),
    Command(
        "history",
        "See what you told me",
        "/history 20",
        options=(Option("n", "N", "how many lines", 1, 50),),
        handler=person.history,
    ),
    Command(
        "tune",
        "Set how adventurous your lists are",
        "/tune 7",
        options=(Option("n", "N", "0 is safe, 10 adventurous", 0, 10),),
        handler=tuning.tune,
    ),
    Command(
        "profile",
        "See your taste: artists, genres, decades",
        "/profile month",
        Argument("WEEK, MONTH, YEAR OR ALL", "text", required=False),
        handler=person.profile,
    ),
    Command(
        "wrapped",
        "See a year of your listening",
        "/wrapped 2024",
        options=(Option("year", "YEAR", "which year", 1990, 2100),),
        handler=diary.wrapped,
    ),
    Command("block", "Never hear of an artist again", "/block Coldplay", _ARTIST, mention=reactions.block),
    Command(
        "unblock",
        "Let a blocked artist back in",
        "/unblock Coldplay",
        Argument("ARTIST", "artist", required=False),
        handler=reactions.blocked,
        mention=reactions.unblock,
    ),
    Command(
        "session",
        "Listen together with others",
        "/session start Friday night",
        Argument("WHAT", "text", required=False),
        handler=sessions.session,
    ),
    Command(
        "next",
        "Play the next song of your session",
        "/next",
        options=(Option("n", "N", "how many songs", 1, 20),),
        handler=sessions.following,
    ),
    Command(
        "compare",
        "Compare your taste with somebody's",
        "/compare Bo",
        Argument("PERSON", "person"),
        handler=compare.compare,
    ),
    Command(
        "blend",
        "Get songs for you and others",
        "/blend Bo, Cy",
        Argument("PEOPLE", "text"),
        (Option("n", "N", "how many songs", 1, 20),),
        handler=compare.blend,
    ),
    Command("who", "See who here listens to an artist", "/who Portishead", _ARTIST, mention=compare.who),
    Command("neighbours", "See whose taste is near yours here", "/neighbours", handler=compare.neighbours),
    Command(
        "visible",
        "Let people here compare with you",
        "/visible on",
        Argument("ON OR OFF", "text", required=False),
        handler=compare.visible,
    ),
    Command(
        "add",
        "Teach me a song I do not know",
        "/add Nick Drake - Pink Moon",
        Argument("ARTIST - TITLE", "text"),
        handler=songs.add,
    ),
    Command("import", "Bring what you have listened to so far", "/import", handler=importing.importing),
    Command("export", "Get all I keep about you as a file", "/export", handler=person.export),
    Command("forget", "Erase everything about you", "/forget", handler=person.forget),
    Command(
        "settings",
        "Say how adventurous your lists are to be",
        "/settings adventurous 6",
        Argument("WHAT", "text", required=False),
        handler=settings.settings,
    ),
    Command("privacy", "Read what I keep and why", "/privacy", handler=person.privacy),
    Command(
        "start",
        "Begin with three artists you love",
        "/start",
        Argument("LINK", "text", required=False),
        handler=start.start,
    ),
    Command(
        "link",
        "Join your accounts on two platforms",
        "/link",
        Argument("CODE", "text", required=False),
        handler=linking.link,
    ),
    Command(
        "connect",
        "Let your listening come in by itself",
        "/connect lastfm rj",
        Argument("SERVICE NAME", "text", required=False),
        handler=connecting.connect,
    ),
    Command(
        "playlist",
        "Save the last list at Spotify",
        "/playlist Sunday",
        Argument("NAME", "text", required=False),
        handler=connecting.playlist,
    ),
    Command(
        "disconnect",
        "Erase what came from a service",
        "/disconnect lastfm",
        Argument("SERVICE", "text"),
        handler=connecting.disconnect,
    ),
    Command("unlink", "Part the accounts you joined last", "/unlink", handler=linking.unlink),
    Command(
        "help",
        "See all commands, or one explained",
        "/help like",
        Argument("COMMAND", "command", required=False),
        handler=_help,
    ),
)
COMMANDS: dict[str, Command] = {command.name: command for command in _LISTED}

_KINDS = {"like": Kind.LIKE, "dislike": Kind.DISLIKE, "skip": Kind.SKIP}


async def dispatch(context: Context, line: str, *, chatty: bool = False) -> Reply:
    """Answer what somebody typed: "/like queen", "like queen", "+2 -3".

    `chatty` takes what is no command for names of music: between the two of us there is nobody else it
    could be meant for.
    """
    return await _answered(context, partial(_typed, line=line, chatty=chatty))


async def press(context: Context, payload: str) -> Reply:
    """Answer a button; see `bot.buttons` for what it carries."""
    return await _answered(context, partial(_pressed, payload=payload))


async def perform(context: Context, work: Callable[[Ask], Awaitable[Reply]]) -> Reply:
    """Answer something that only one platform offers: `work` is asked, and its errors become words."""
    return await _answered(context, work)


async def delivered(context: Context, reply: Reply) -> Problem | None:
    """Stamp a list as seen, once the platform has taken the message; a problem is returned to be shown."""

    async def stamp(ask: Ask) -> Reply:
        if isinstance(reply, SlateReply):
            await ask.music.shown(reply.slate.id)
        return reply

    answer = await _answered(context, stamp)
    return answer if isinstance(answer, Problem) and answer is not reply else None


async def _answered(context: Context, work: Callable[[Ask], Awaitable[Reply]]) -> Reply:
    """Do the work for whoever asks; the only place where errors become words."""
    try:
        listener = await context.music.arrive(context.account, context.community)
        return await work(Ask(context.music, listener, context.account, context.update, context.place))
    except (MusicError, BusyError, InvalidFactError) as error:
        return Problem(told(error), error.missing if isinstance(error, NotKnown) else "")
    except Exception:
        code = secrets.token_hex(3)
        log.exception("code %s: update %s failed", code, context.update)
        return Problem(
            say(
                "Something went wrong on my side, and I wrote it down as {}. Please try again; "
                "if it happens again, tell that code to whoever runs me.",
                code,
            )
        )


async def _typed(ask: Ask, line: str, *, chatty: bool) -> Reply:
    line = line.encode(errors="replace").decode()
    text = " ".join(line.split())
    if len(text) > _LONGEST:
        raise NotKnown("That is longer than anything I can look up. Try the name of one song or artist.")
    if verdicts := thumbs_in(text):
        return await reactions.mark_many(ask, verdicts)
    name, _, rest = text.removeprefix("/").strip().partition(" ")
    if text.startswith("/"):
        return await _run(ask, _command(name.partition("@")[0], rest), rest)
    if name.casefold() in COMMANDS:
        return await _run(ask, COMMANDS[name.casefold()], rest)
    if chatty and text and not text.isdecimal():
        return await start.heard(ask, line)
    return Notice(_hint(text))


async def _run(ask: Ask, command: Command, rest: str) -> Reply:
    arguments = command.read(rest)
    if command.mention is not None and arguments.text and not command.reads_all:
        found = await understand(ask, command.name, arguments.text)
        return await command.mention(ask, found) if isinstance(found, Mention) else found
    if command.handler is None:
        raise NotKnown(say("Say which: {}, for example {}.", command.usage, command.example))
    return await command.handler(ask, arguments)


async def _pressed(ask: Ask, payload: str) -> Reply:
    button = parse(payload)
    if isinstance(button, Feedback | Whole):
        return await _pressed_on_list(ask, button)
    if isinstance(button, OnSong | OnSession):
        return await sessions.pressed(ask, button)
    return await _pressed_alone(ask, button)


async def _pressed_alone(ask: Ask, button: Act | Run | Agree | Love | Join | Yes) -> Reply:
    match button:
        case Act(name, subject):
            command = COMMANDS.get(name)
            if command is None or command.mention is None:
                raise NotKnown("I do not know that button any more. /help lists what I can do.")
            return await command.mention(ask, await pointed_at(ask, subject))
        case Run(name):
            return await _run(ask, _command(name), "")
        case Love(artist_id):
            return await start.loved(ask, artist_id)
        case Join(code):
            return await linking.joined(ask, code)
        case Agree():
            return await compare.agreed(ask, button)
        case Yes():
            return await person.forgotten(ask)


async def _pressed_on_list(ask: Ask, button: Feedback | Whole) -> Reply:
    match button:
        case Feedback(slate_id, position, "more"):
            return await slates.more_like(ask, slate_id, position)
        case Feedback(slate_id, position, "why"):
            return await slates.why_this(ask, slate_id, position)
        case Feedback(slate_id, position, verb):
            return await reactions.mark(ask, slate_id, position, _KINDS[verb])
        case Whole(slate_id, "more"):
            return await slates.another_of(ask, slate_id)
        case Whole(slate_id, _):
            return await slates.why_all(ask, slate_id)


def _command(name: str, rest: str = "") -> Command:
    found = COMMANDS.get(name.casefold())
    if found is not None:
        return found
    known = list(COMMANDS)
    near = process.extractOne(name.casefold(), known, scorer=JaroWinkler.similarity, score_cutoff=_NEAR)
    if near is None:
        raise NotKnown(say("There is no /{}. /help lists what I can do.", name))
    suggestion = f"/{near[0]} {rest}".strip()
    raise NotKnown(say("There is no /{}. Did you mean {}?", name, suggestion))


def _hint(text: str) -> str:
    if not text:
        return say("Type a command: /recommend, or /like and a name. /help lists all.")
    if text.isdecimal():
        return say("Song {0} of the last list? +{0} likes it, -{0} does not, /why {0} tells why.", text)
    return say("Commands begin with a slash: /like {0}, or /similar {0}. /help lists all.", text)
