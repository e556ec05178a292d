"""Subcommands of /web for tokens, which let programs act for a user."""

from bot.command import Argument, Command
from bot.handlers import api_tokens

API_TOKENS = (
    Command(
        "web token",
        "Let a program act for you",
        "/web token player listen",
        Argument("NAME AND SCOPES", "text", required=False),
        handler=api_tokens.token,
        also="/web token notebook",
        details=(
            ("/web token NAME", "may read, react and send plays"),
            ("/web token NAME listen", "may send plays, for a scrobbler"),
            ("/web token NAME all", "may also import, export and forget"),
        ),
        privacy="secret",
    ),
    Command(
        "web tokens",
        "See which programs may act for you",
        "/web tokens",
        handler=api_tokens.tokens,
        privacy="secret",
    ),
    Command(
        "web revoke",
        "End a token",
        "/web revoke player",
        Argument("NAME", "text"),
        handler=api_tokens.revoke,
        also="/web revoke notebook",
        privacy="secret",
    ),
)
