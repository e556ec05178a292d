"""Hearing a song: links to services, and 30 seconds of it where a store gives them."""

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Act, Run
from bot.replies.i18n import say
from recommender.catalog.listen_links import SERVICES, SETTING, everywhere
from recommender.errors import NotKnown
from recommender.types import Song

_OFF = "any"


async def hear(ask: Ask, mention: Mention) -> Done:
    """Return links to a song or artist at every service, and 30 seconds of a song where there are some."""
    song = mention.song
    ids = (await ask.music.communities.links((song,))).get(song.subject, {})
    chosen = await ask.music.communities.wish(ask.listener.user_id, SETTING) or ""
    pages = everywhere(song, ids, chosen)
    told = f"🎧 {correction(mention)}{spoken(song)}"
    found = None if song.title is None else await ask.music.connections.lookup.sample(song, ids)
    if found is None:
        return Done(told, song, tuple(Button(title, url=page) for title, page in pages))
    # The terms of both stores ask for a link to the song there beside what is played.
    store = next(SERVICES[scheme].title for scheme, _ in found.ids if scheme in SERVICES)
    links = [Button(say("Whole song: {}", store), url=found.page)]
    links += [Button(title, url=page) for title, page in pages if title != store]
    return Done(told, song, tuple(links), found.preview)


def hear_button(song: Song) -> Button:
    """Return the button that lets a song be heard."""
    return Button(say("🎧 Hear it"), str(Act("hear", song.subject)))


async def links(ask: Ask, arguments: Arguments) -> Reply:
    """Set the service that links to songs lead to; without one, show it and offer all."""
    user_id, named = ask.listener.user_id, arguments.text.casefold()
    if not named:
        offered = [(service.title, code) for code, service in SERVICES.items()]
        offered.append((say("Any service"), _OFF))
        buttons = (Button(title, str(Run(f"settings links {code}"))) for title, code in offered)
        return Done(await stands(ask), buttons=tuple(buttons))
    if named not in (*SERVICES, _OFF):
        raise NotKnown("Say which service: {}. For example: /settings links youtube", _named())
    await ask.music.communities.set_wish(user_id, SETTING, "" if named == _OFF else named)
    if named == _OFF:
        return Notice(say("Links to songs lead wherever the song is known, from the next list on."))
    return Notice(say("Links to songs lead to {} from the next list on.", SERVICES[named].title))


async def stands(ask: Ask) -> str:
    """Return the setting in words."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    title = SERVICES[kept].title if kept in SERVICES else say("wherever the song is known")
    return say("Links to songs: {}.", title)


def _named() -> str:
    return ", ".join((*SERVICES, _OFF))
