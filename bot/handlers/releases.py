"""`/releases`: new albums, singles and EPs of artists that a user, or several people of a place, love."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.context import Arguments, Ask
from bot.handlers.weekly import mine, turn_off, turn_on
from bot.replies import Notice
from bot.replies.i18n import counted, listed, say
from recommender.errors import NotKnown
from recommender.service.release_news import SECONDARY, WANTED
from storage.chats.subscriptions import Owner, Subscription
from storage.services.releases import Release

_LISTED, _LINKED = 20, 10  # releases of a message, and those of them with a link
_PAGE = "https://musicbrainz.org/release-group/{}"
_AT_ONCE = ("at once", "now", "daily", "sofort", "enseguida")
_WEEKLY = ("weekly",)
_FORMS = {"albums": "album", "singles": "single", "eps": "ep", "lives": "live", "remixes": "remix"}
_FORMS |= {"compilations": "compilation", "soundtracks": "soundtrack"}
_NAMES = {"album": "album", "single": "single", "ep": "EP", "other": "release"}


async def releases(ask: Ask, arguments: Arguments) -> Notice:
    """List the new releases of the user's artists, or turn the message about them on or off."""
    return await releases_of(ask, mine(ask), arguments.text)


async def releases_on(ask: Ask, arguments: Arguments) -> Notice:
    """Turn the message on."""
    return await releases_of(ask, mine(ask), f"on {arguments.text}")


async def releases_off(ask: Ask, _: Arguments) -> Notice:
    """Turn the message off."""
    return await releases_of(ask, mine(ask), "off")


async def releases_of(ask: Ask, owner: Owner, text: str) -> Notice:
    """List an owner's new releases, or "on [weekly|at once] [KINDS] [DAY HOUR]", or "off"."""
    verb, _, rest = text.strip().partition(" ")
    if verb.casefold() == "off":
        return await turn_off(ask, owner, "releases")
    if verb and verb.casefold() != "on":
        raise NotKnown("Say on or off, as in /releases on at once albums.")
    if not ask.music.releases.is_on:
        return Notice(say("I cannot look for new releases here: whoever runs me has turned that off."))
    if verb:
        return await _on(ask, owner, rest)
    one = await ask.music.mailings.find(owner, "releases")
    found = await ask.music.releases.of(owner, WANTED if one is None else one.wanted)
    off = say("/releases on tells you by itself, once a week.") if one is None else ""
    if not found:
        nothing = "I know of nothing new by artists you like or play. I look again every day."
        return Notice(f"{say(nothing)}\n{off}".strip())
    return Notice(f"{_told(say('New in the last 30 days:'), found)}\n{off}".strip())


async def _on(ask: Ask, owner: Owner, text: str) -> Notice:
    known = await ask.music.mailings.find(owner, "releases")
    words = f" {text.casefold()} "
    at_once = known is not None and known.at_once
    for names, value in ((_AT_ONCE, True), (_WEEKLY, False)):
        for name in names:
            if f" {name} " in words:
                at_once, words = value, words.replace(f" {name} ", " ")
    said = [_FORMS.get(word, word) for word in words.replace(",", " ").split()]
    kinds = [word for word in said if word in (*WANTED, *SECONDARY)]
    left = [word for word in said if word not in kinds]
    wanted = _wanted(kinds) if kinds else known.wanted if known else WANTED
    notice = await turn_on(ask, owner, "releases", " ".join(left), at_once=at_once, wanted=wanted)
    what = say("What I tell: {}.", listed(tuple(wanted)))
    return Notice(f"{notice.text}\n{what}")


def _wanted(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that were named; "live" alone means everything, live as well."""
    forms = tuple(kind for kind in WANTED if kind in kinds) or WANTED
    return (*forms, *(kind for kind in SECONDARY if kind in kinds))


async def release_mail(ask: Ask, one: Subscription) -> tuple[Notice, Callable[[], Awaitable[None]]] | None:
    """Return the message about what an owner was not told yet, and what notes that; None for nothing."""
    found = await ask.music.releases.of(one.owner, one.wanted or WANTED, again=False)
    if not found:
        return None
    head = say("New by artists you like or play:")
    if one.owner.community_id is not None:
        head = say("New by artists that several of you like:")
    return Notice(_told(head, found)), partial(ask.music.releases.told, one.owner, found)


def _told(head: str, found: Sequence[Release]) -> str:
    lines = [head]
    for n, one in enumerate(found[:_LISTED]):
        what = ", ".join((say(_NAMES[one.form]), *one.also))
        lines.append(f"- {one.artist}: {one.title} ({what}, {one.day})")
        if n < _LINKED:
            lines.append(f"  {_PAGE.format(one.mbid)}")
    if len(found) > _LISTED:
        lines.append(say("and {}", counted(len(found) - _LISTED, "more", "more")))
    return "\n".join(lines)
