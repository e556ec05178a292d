"""The web companion from the chat: a one-time link to sign in, the signed-in browsers, and their end."""

from bot.context import Arguments, Ask
from bot.replies import Notice
from bot.replies.dates import date
from bot.replies.i18n import counted, language, say
from recommender.errors import NothingToDo

_DAY = 86_400
_OFF = "Whoever runs me has not switched on the web pages: the setting is SEGUE_WEB."
_LINK = (
    "Open this within ten minutes and press Sign in: it works once, and shows your music. Pass it on to "
    "nobody."
)


async def web(ask: Ask, _: Arguments) -> Notice:
    """Return a one-time link for this account, and list its signed-in browsers."""
    signs_in = ask.music.web
    if not signs_in.address:
        raise NothingToDo(_OFF)
    browsers = await signs_in.browsers(ask.listener)
    token = await signs_in.offer(ask.account, language())
    lines = [say(_LINK)]
    if browsers:
        lines.append(say("Signed in until now:"))
        lines += [say("- {}, last seen {}", one.name, date(one.seen_at // _DAY)) for one in browsers]
        lines.append(say("/web off signs all of them out."))
    return Notice("\n".join(lines), f"{signs_in.address}/in/{token}")


async def off(ask: Ask, _: Arguments) -> Notice:
    """Sign out every browser of the user, and make open links useless."""
    ended = await ask.music.web.sign_out(ask.listener)
    if not ended:
        return Notice(say("No browser was signed in. A link that was still open works no more."))
    return Notice(say("Signed out: {}.", counted(ended, "browser")))
