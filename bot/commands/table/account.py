"""Commands for a user's data: import, settings, connections, deletion."""

from bot.command import Argument, Command, Option
from bot.handlers import add_song, connecting, importing, linking, pictures, privacy, settings, start
from recommender.pipeline.diversity import MOST

ACCOUNT = (
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
            Command(
                "settings pictures",
                "Get pictures dark or light, or text",
                "/settings pictures light",
                Argument(
                    "DARK, LIGHT OR OFF", "choice", required=False, choices=pictures.CHOICES, field="look"
                ),
                handler=pictures.pictures,
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
)
