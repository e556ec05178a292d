"""Commands for listening together and comparing tastes."""

from bot.command import Argument, Command, Option
from bot.commands.table.sessions import SESSION
from bot.handlers import compare, sessions

_ARTIST = Argument("ARTIST", "artist")
_COUNT = Option("count", "N", "how many songs", 1, 20)
PEOPLE = (
    SESSION,
    Command(
        "next",
        "Play the next song of your session",
        "/next",
        options=(_COUNT,),
        handler=sessions.following,
        in_groups=True,
        also="/next 2",
    ),
    Command(
        "compare",
        "Compare your taste with somebody's",
        "/compare Bo",
        Argument("PERSON", "person"),
        handler=compare.compare,
        in_groups=True,
        per_minute=20,
        also="/compare Ann",
    ),
    Command(
        "blend",
        "Get songs for you and others",
        "/blend Bo, Cy",
        Argument("PEOPLE", "people", field="person"),
        (_COUNT,),
        handler=compare.blend,
        in_groups=True,
        per_minute=20,
        also="/blend Bo",
    ),
    Command(
        "who",
        "See who here listens to an artist",
        "/who Portishead",
        _ARTIST,
        mention=compare.who,
        in_groups=True,
        also="/who Björk",
    ),
    Command(
        "neighbours",
        "See who here has a taste like yours",
        "/neighbours",
        handler=compare.neighbours,
        in_groups=True,
        per_minute=20,
    ),
    Command(
        "visible",
        "Let people here compare with you",
        "/visible on",
        Argument("ON OR OFF", "choice", required=False, choices=("on", "off"), field="state"),
        handler=compare.visible,
        in_groups=True,
        also="/visible off",
    ),
)
