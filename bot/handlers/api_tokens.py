"""API tokens from the chat: made, listed and revoked by their owner, in private alone."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from bot.replies.dates import date
from bot.replies.i18n import listed, say
from recommender.errors import NothingToDo, NotKnown
from recommender.service.api_access import SCOPES, USUAL
from storage.users.api_tokens import ApiToken

_DAY = 86_400
_LONGEST = 40  # characters of a name
_USUAL_NAME = "my program"
_ALL = "all"
_MADE = (
    "Here is the token {}. Copy it now: I keep only a fingerprint of it, so I can't show it again.\n{}\n"
    "It may: {}. Whoever has it can do that in your name. /web revoke {} ends it."
)


async def token(ask: Ask, arguments: Arguments) -> Notice:
    """Make a token; the words name it, and its scopes if they are names of scopes."""
    _in_private(ask)
    words = arguments.text.split()
    scopes = {word.casefold() for word in words if word.casefold() in (*SCOPES, _ALL)}
    name = " ".join(word for word in words if word.casefold() not in scopes) or _USUAL_NAME
    if len(name) > _LONGEST:
        raise NotKnown("Give the token a name of at most {} characters.", _LONGEST)
    wanted = SCOPES if _ALL in scopes else scopes or USUAL
    secret = await ask.music.access.make(ask.listener, ask.account, name, wanted)
    allowed = listed(tuple(scope for scope in SCOPES if scope in wanted))
    return Notice(say(_MADE, name, secret, allowed, name))


async def tokens(ask: Ask, _: Arguments) -> Notice:
    """List the user's tokens with their scopes and their last use."""
    _in_private(ask)
    mine = await ask.music.access.tokens(ask.listener)
    if not mine:
        raise NothingToDo("You have no tokens. /web token NAME makes one.")
    return Notice("\n".join(_line(one) for one in mine))


async def revoke(ask: Ask, arguments: Arguments) -> Notice:
    """End a token at once."""
    _in_private(ask)
    ended = await ask.music.access.revoke(ask.listener, arguments.text.strip())
    return Notice(say("The token {} no longer works.", ended.name))


def _line(one: ApiToken) -> str:
    allowed = listed(tuple(scope for scope in SCOPES if scope in one.scopes))
    made = date(one.made_at // _DAY)
    if one.used_at is None:
        return say("- {}: {}. Made {}, never used.", one.name, allowed, made)
    return say("- {}: {}. Made {}, last used {}.", one.name, allowed, made, date(one.used_at // _DAY))


def _in_private(ask: Ask) -> None:
    if ask.chat:
        raise NothingToDo("Tokens are between the two of us: ask me in a private chat.")
