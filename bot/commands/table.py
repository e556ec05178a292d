"""The commands, each declared once."""

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from bot.command import Argument, Command, Option
from bot.context import Arguments, Ask
from bot.handlers import (
    add_song,
    compare,
    connecting,
    importing,
    linking,
    listening_history,
    moods,
    privacy,
    reactions,
    recommend,
    sessions,
    settings,
    similar,
    start,
    tuning,
)
from bot.replies import HelpReply
from bot.replies.i18n import say
from recommender.errors import NotKnown


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
        handler=recommend.recommend,
    ),
    Command(
        "similar",
        "Get songs close to one",
        "/similar Depeche Mode + Björk",
        _SONG,
        handler=similar.similar,
        mention=recommend.similar,
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
    Command("why", "Hear why a song was recommended", "/why 1", None, (_NUMBER,), recommend.why),
    Command("more", "Get more like song N, or as many again", "/more 2", None, (_NUMBER,), recommend.more),
    Command("skip", "Skip song N, or the rest of the list", "/skip", None, (_NUMBER,), reactions.skip),
    Command("undo", "Take back the last thing you said", "/undo", handler=reactions.undo),
    Command(
        "history",
        "See what you told me",
        "/history 20",
        options=(Option("n", "N", "how many lines", 1, 50),),
        handler=privacy.history,
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
        handler=privacy.profile,
    ),
    Command(
        "wrapped",
        "See a year of your listening",
        "/wrapped 2024",
        options=(Option("year", "YEAR", "which year", 1990, 2100),),
        handler=listening_history.wrapped,
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
        handler=add_song.add,
    ),
    Command("import", "Bring what you have listened to so far", "/import", handler=importing.importing),
    Command("export", "Get all I keep about you as a file", "/export", handler=privacy.export),
    Command("forget", "Erase everything about you", "/forget", handler=privacy.forget),
    Command(
        "settings",
        "Say how adventurous your lists are to be",
        "/settings adventurous 6",
        Argument("WHAT", "text", required=False),
        handler=settings.settings,
    ),
    Command("privacy", "Read what I keep and why", "/privacy", handler=privacy.privacy),
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


_NEAR = 0.77  # Jaro-Winkler: "recomend" and "rec" are near "recommend", "start" is near nothing
