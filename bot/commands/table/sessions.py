"""`/session` with all its subcommands."""

from bot.command import Argument, Command, Option
from bot.handlers import sessions
from bot.replies.session_card import FORMATS
from recommender.groups.strategies import STYLES

_FORMS = tuple(FORMATS)

SESSION = Command(
    "session",
    "Listen together with others",
    "/session start Friday night",
    Argument("WHAT", "text", required=False),
    handler=sessions.show,
    subcommands=(
        Command(
            "session start",
            "Begin to listen together",
            "/session start Friday night",
            Argument("NAME", "text", required=False),
            handler=sessions.start,
            also="/session start",
        ),
        Command("session show", "See the session here", "/session show", handler=sessions.show),
        Command("session join", "Listen along", "/session join", handler=sessions.join),
        Command("session leave", "Stop listening along", "/session leave", handler=sessions.leave),
        Command(
            "session add",
            "Ask for a song",
            "/session add Queen - Bohemian Rhapsody",
            Argument("SONG", "song"),
            handler=sessions.add,
            also="/session add 3",
        ),
        Command(
            "session veto",
            "Keep a song out; alone, what plays",
            "/session veto 2",
            Argument("SONG", "song", required=False),
            handler=sessions.veto,
            also="/session veto",
        ),
        Command(
            "session style",
            "Choose how songs are picked",
            "/session style fair",
            Argument("STYLE", "choice", choices=tuple(STYLES), field="style"),
            handler=sessions.style,
            also="/session style discover",
        ),
        Command(
            "session energy",
            "Warm up, peak, cool down; 0 for no curve",
            "/session energy 20",
            options=(Option("songs", "N", "over how many songs", 0, 999, required=True),),
            handler=sessions.energy,
            also="/session energy 0",
        ),
        Command(
            "session radio",
            "Let each song lead to the next",
            "/session radio",
            Argument("ON OR OFF", "choice", required=False, choices=("on", "off"), field="switch"),
            handler=sessions.radio,
            also="/session radio off",
        ),
        Command(
            "session host",
            "Let somebody else lead",
            "/session host Bo",
            Argument("PERSON", "person"),
            handler=sessions.hand_over,
            also="/session host Ann",
        ),
        Command("session pause", "Pause it", "/session pause", handler=sessions.pause),
        Command("session resume", "Go on", "/session resume", handler=sessions.resume),
        Command("session end", "End it", "/session end", handler=sessions.end),
        Command("session recap", "See how it was", "/session recap", handler=sessions.recap),
        Command(
            "session export",
            "Get its songs as a file or links",
            "/session export m3u8",
            Argument("FORM", "choice", required=False, choices=_FORMS, field="form"),
            handler=sessions.export,
            also="/session export links",
        ),
    ),
    in_groups=True,
    also="/session join",
)
