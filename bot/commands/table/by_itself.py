"""Commands for what comes by itself, and for what is kept out of the taste."""

from bot.command import Argument, Command
from bot.handlers import kept_out, releases, weekly

BY_ITSELF = (
    Command(
        "weekly",
        "Ten new songs every week",
        "/weekly on fri 18",
        handler=weekly.weekly,
        subcommands=(
            Command("weekly show", "See when your list comes", "/weekly show", handler=weekly.weekly),
            Command(
                "weekly on",
                "Turn it on, at a day and hour of yours",
                "/weekly on fri 18",
                Argument("DAY HOUR", "text", required=False, field="when"),
                handler=weekly.weekly_on,
            ),
            Command("weekly off", "Turn it off", "/weekly off", handler=weekly.weekly_off),
        ),
        privacy="private",
        also="/weekly off",
    ),
    Command(
        "releases",
        "New releases of your artists",
        "/releases",
        handler=releases.releases,
        subcommands=(
            Command("releases show", "See what came out lately", "/releases show", handler=releases.releases),
            Command(
                "releases on",
                "Be told of them, weekly or at once",
                "/releases on at once albums",
                Argument("WHEN AND WHAT", "text", required=False, field="when"),
                handler=releases.releases_on,
            ),
            Command("releases off", "Be told no more", "/releases off", handler=releases.releases_off),
        ),
        privacy="private",
        per_minute=6,
        also="/releases on weekly fri 18",
    ),
    Command(
        "quiet",
        "End what comes by itself",
        "/quiet",
        Argument("HOURS", "text", required=False, field="when"),
        handler=weekly.quiet,
        privacy="private",
        also="/quiet 22-8",
    ),
    Command(
        "zone",
        "Set your time zone",
        "/zone Lisbon",
        Argument("CITY", "text", required=False, field="where"),
        handler=weekly.zone,
        privacy="private",
    ),
    Command(
        "private",
        "Teach me nothing for a while",
        "/private on",
        handler=kept_out.private,
        subcommands=(
            Command("private show", "See whether it is on", "/private show", handler=kept_out.private),
            Command(
                "private on",
                "Turn it on, until tomorrow or for hours",
                "/private on 3",
                Argument("HOURS", "text", required=False, field="when"),
                handler=kept_out.private_on,
            ),
            Command("private off", "Turn it off", "/private off", handler=kept_out.private_off),
        ),
        privacy="private",
        also="/private off",
    ),
    Command(
        "exclude",
        "Keep things out of your taste",
        "/exclude genre: ambient",
        Argument("WHAT", "text", required=False, field="what"),
        handler=kept_out.exclude,
        mention=kept_out.exclude_artist,
        reads_all=True,
        privacy="private",
        details=(
            ("/exclude ARTIST", "nothing of theirs teaches me"),
            ("/exclude genre: ambient", "nothing of a genre or mood"),
            ("/exclude 2026-12-01..2026-12-26", "nothing of some days"),
            ("/exclude lastfm", "nothing from one account or file"),
        ),
        also="/exclude 2026-12-24",
    ),
    Command(
        "include",
        "Let them back in",
        "/include 1",
        Argument("WHICH", "text", required=False, field="what"),
        handler=kept_out.include,
        privacy="private",
    ),
)
