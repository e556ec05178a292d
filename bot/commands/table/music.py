"""Commands for verdicts on music and for recommendations."""

from bot.command import Argument, Command, Option
from bot.handlers import listening_history, moods, privacy, reactions, recommend, similar
from recommender.service.history import PERIODS

_SONG = Argument("SONG", "song")
_ARTIST = Argument("ARTIST", "artist")
_WISH = Argument("GENRE OR MOOD", "wish", required=False)
_NUMBER = Option("number", "N", "which song of the last list", 1, 20)
_COUNT = Option("count", "N", "how many songs", 1, 20)
MUSIC = (
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
        "chart",
        "See your most played songs as a grid",
        "/chart 4 year",
        Argument(
            "WEEK, MONTH, YEAR OR ALL", "choice", required=False, choices=tuple(PERIODS), field="period"
        ),
        (Option("size", "N", "how many songs a row", 3, 5),),
        listening_history.chart,
        bare=True,
        privacy="discreet",
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
)
