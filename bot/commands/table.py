"""The commands, each declared once: see `bot.command.Command` for what an entry may say."""

from typing import NoReturn

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from bot.command import Argument, Command, Option
from bot.commands.table_sessions import SESSION
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
)
from bot.replies import HelpReply
from bot.replies.i18n import say
from recommender.errors import NotKnown
from recommender.pipeline.diversity import MOST
from recommender.service.history import PERIODS


async def _help(_: Ask, arguments: Arguments) -> HelpReply:
    """List the commands, or explain one."""
    text = arguments.text.lstrip("/ ")
    if not text:
        return HelpReply(tuple(command.help for command in COMMANDS.values()))
    found = called(text)
    if found is None:
        unknown(text.partition(" ")[0])
    return HelpReply((found[0].help,))


_SONG = Argument("SONG", "song")
_ARTIST = Argument("ARTIST", "artist")
_WISH = Argument("GENRE OR MOOD", "wish", required=False)
_NUMBER = Option("number", "N", "which song of the last list", 1, 20)
_COUNT = Option("count", "N", "how many songs", 1, 20)
_LISTED = (
    Command(
        "like",
        "Say that you like a song or an artist",
        "/like queen",
        _SONG,
        mention=reactions.like,
        in_groups=True,
        at_once=True,
    ),
    Command(
        "dislike",
        "Say that you do not like it",
        "/dislike 3",
        _SONG,
        mention=reactions.dislike,
        in_groups=True,
        at_once=True,
    ),
    Command(
        "recommend",
        "Get songs for you, or of a genre or mood",
        "/recommend 8 dreamy",
        _WISH,
        (_COUNT,),
        handler=recommend.recommend,
        bare=True,
        in_groups=True,
        by_voice=True,
    ),
    Command(
        "similar",
        "Find similar songs",
        "/similar Depeche Mode + Björk",
        _SONG,
        handler=similar.similar,
        mention=recommend.similar,
        details=(
            ("A + B", "similar to both"),
            ("A - B", "similar to A, not to B; also: A without B"),
            ("by:sound, by:words, by:listeners", "what counts as similar"),
        ),
        reads_all=True,
        bare=True,
        in_groups=True,
    ),
    Command(
        "mood",
        "Get songs for a mood, a time, a weather",
        "/mood rainy sunday",
        Argument("WORDS", "text"),
        handler=moods.mood,
        bare=True,
        in_groups=True,
    ),
    Command(
        "discover",
        "Get songs that few people play",
        "/discover jazz",
        _WISH,
        (_COUNT,),
        handler=moods.discover,
        bare=True,
        in_groups=True,
    ),
    Command(
        "why",
        "Hear why a song was recommended",
        "/why 1",
        None,
        (_NUMBER,),
        recommend.why,
        bare=True,
        in_groups=True,
    ),
    Command(
        "more",
        "Get more like song N, or as many again",
        "/more 2",
        None,
        (_NUMBER,),
        recommend.more,
        bare=True,
        in_groups=True,
    ),
    Command(
        "skip",
        "Skip song N, or the rest of the list",
        "/skip",
        None,
        (_NUMBER,),
        reactions.skip,
        in_groups=True,
    ),
    Command(
        "undo",
        "Take back the last thing you said",
        "/undo",
        Argument("SONG", "song", required=False),
        handler=reactions.undo,
        mention=reactions.take_back,
        in_groups=True,
        at_once=True,
    ),
    Command(
        "history",
        "See what you told me",
        "/history 20",
        options=(Option("count", "N", "how many lines", 1, 50),),
        handler=privacy.history,
        bare=True,
        privacy="private",
    ),
    Command(
        "profile",
        "See your taste: artists, genres, decades",
        "/profile month",
        Argument(
            "WEEK, MONTH, YEAR OR ALL", "choice", required=False, choices=tuple(PERIODS), field="period"
        ),
        handler=privacy.profile,
        bare=True,
        privacy="discreet",
    ),
    Command(
        "wrapped",
        "See a year of your listening",
        "/wrapped 2024",
        options=(Option("year", "YEAR", "which year", 1990, 2100),),
        handler=listening_history.wrapped,
        bare=True,
        privacy="private",
    ),
    Command(
        "block",
        "Never hear of an artist again",
        "/block Coldplay",
        _ARTIST,
        mention=reactions.block,
        at_once=True,
    ),
    Command(
        "unblock",
        "Let a blocked artist back in",
        "/unblock Coldplay",
        Argument("ARTIST", "blocked", required=False, field="artist"),
        handler=reactions.blocked,
        mention=reactions.unblock,
        at_once=True,
    ),
    SESSION,
    Command(
        "next",
        "Play the next song of your session",
        "/next",
        options=(_COUNT,),
        handler=sessions.following,
        in_groups=True,
    ),
    Command(
        "compare",
        "Compare your taste with somebody's",
        "/compare Bo",
        Argument("PERSON", "person"),
        handler=compare.compare,
        in_groups=True,
    ),
    Command(
        "blend",
        "Get songs for you and others",
        "/blend Bo, Cy",
        Argument("PEOPLE", "people", field="person"),
        (_COUNT,),
        handler=compare.blend,
        in_groups=True,
    ),
    Command(
        "who",
        "See who here listens to an artist",
        "/who Portishead",
        _ARTIST,
        mention=compare.who,
        in_groups=True,
    ),
    Command(
        "neighbours",
        "See whose taste is near yours here",
        "/neighbours",
        handler=compare.neighbours,
        in_groups=True,
    ),
    Command(
        "visible",
        "Let people here compare with you",
        "/visible on",
        Argument("ON OR OFF", "choice", required=False, choices=("on", "off"), field="state"),
        handler=compare.visible,
        in_groups=True,
    ),
    Command(
        "add",
        "Teach me a song I do not know",
        "/add Nick Drake - Pink Moon",
        Argument("ARTIST - TITLE", "text"),
        handler=add_song.add,
        by_form=True,
    ),
    Command(
        "import",
        "Import your listening history",
        "/import",
        handler=importing.importing,
        privacy="private",
        by_file=True,
    ),
    Command(
        "export",
        "Get all I keep about you as a file",
        "/export",
        handler=privacy.export,
        privacy="private",
    ),
    Command("forget", "Erase everything about you", "/forget", handler=privacy.forget, privacy="private"),
    Command(
        "settings",
        "See and change your settings",
        "/settings adventurous 6",
        Argument("WHAT", "text", required=False),
        handler=settings.settings,
        subcommands=(
            Command("settings show", "See your settings", "/settings show", handler=settings.settings),
            Command(
                "settings adventurous",
                "Set how adventurous your lists are",
                "/settings adventurous 6",
                options=(Option("level", "N", "0 is safe, 10 adventurous", 0, MOST),),
                handler=settings.adventurous,
                alias="tune",
            ),
        ),
        privacy="private",
    ),
    Command(
        "privacy",
        "Read what I keep and why",
        "/privacy",
        handler=privacy.privacy,
        bare=True,
        privacy="private",
        in_groups=True,
    ),
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
        privacy="secret",
    ),
    Command(
        "connect",
        "Connect Last.fm, ListenBrainz, Spotify",
        "/connect lastfm rj",
        Argument("SERVICE NAME", "text", required=False),
        handler=connecting.connect,
        subcommands=(
            Command("connect show", "See what is connected", "/connect show", handler=connecting.show),
            Command(
                "connect lastfm",
                "Count what you hear on Last.fm",
                "/connect lastfm rj",
                Argument("NAME", "text"),
                handler=connecting.lastfm,
            ),
            Command(
                "connect listenbrainz",
                "Count what you hear on ListenBrainz",
                "/connect listenbrainz rob",
                Argument("NAME", "text"),
                handler=connecting.listenbrainz,
            ),
            Command(
                "connect spotify",
                "Sign in to Spotify, or see songs there",
                "/connect spotify top",
                Argument("RECENT, TOP, SAVED OR ADDRESS", "text", required=False),
                handler=connecting.spotify,
            ),
        ),
        reads_all=True,
        privacy="secret",
    ),
    Command(
        "playlist",
        "Save the last list at Spotify",
        "/playlist Sunday",
        Argument("NAME", "text", required=False),
        handler=connecting.playlist,
        privacy="secret",
    ),
    Command(
        "disconnect",
        "Erase what came from a service",
        "/disconnect lastfm",
        Argument("SERVICE", "text"),
        handler=connecting.disconnect,
        privacy="secret",
    ),
    Command(
        "unlink",
        "Unlink your other account",
        "/unlink",
        handler=linking.unlink,
        privacy="secret",
    ),
    Command(
        "help",
        "See all commands, or one explained",
        "/help like",
        Argument("COMMAND", "command", required=False),
        handler=_help,
        bare=True,
        privacy="private",
        in_groups=True,
    ),
)
COMMANDS: dict[str, Command] = {command.name: command for command in _LISTED}
_ALIASES = {one.alias: one for command in _LISTED for one in (command, *command.subcommands) if one.alias}
_NEAR = 0.77  # Jaro-Winkler: "recomend" and "rec" are near "recommend", "start" is near nothing


def called(text: str) -> tuple[Command, str] | None:
    """Return the command or subcommand that a text calls, with the words after it; None if it calls none.

    >>> command, rest = called("/session veto 2")
    >>> command.name, rest
    ('session veto', '2')
    """
    name, _, rest = text.removeprefix("/").strip().partition(" ")
    name, rest = name.partition("@")[0].casefold(), rest.strip()
    command = COMMANDS.get(name) or _ALIASES.get(name)
    if command is None:
        return None
    return command.subcommand(rest) or (command, rest)


def unknown(name: str, rest: str = "") -> NoReturn:
    """Raise `NotKnown` for a name that no command has, with the command that was probably meant."""
    near = process.extractOne(
        name.casefold(), list(COMMANDS), scorer=JaroWinkler.similarity, score_cutoff=_NEAR
    )
    if near is None:
        raise NotKnown(say("There is no /{}. /help lists what I can do.", name))
    suggestion = f"/{near[0]} {rest}".strip()
    raise NotKnown(say("There is no /{}. Did you mean {}?", name, suggestion))
