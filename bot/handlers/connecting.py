"""Connections to other services: listening comes in, slates go out as playlists."""

from datetime import UTC, datetime

from bot.context import Arguments, Ask, spoken
from bot.handlers.names import choices, last_slate
from bot.handlers.recommend import title
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import counted, listed, say, told
from recommender.connections import Linked
from recommender.connections.spotify import SHELVES, Shelf
from recommender.errors import NothingToDo
from recommender.types import Song

_PATIENCE = 3.0  # seconds an answer waits for a short history to arrive
_SPOTIFY = "spotify"
_LONGEST_NAME = 80
_MOST_NAMED = 5
_CONNECTED = (
    "Connected: {}\nWhat you hear from now on comes in by itself. /disconnect {} erases all of it again."
)
_SIGN_IN = (
    "Open this and agree, within ten minutes. Spotify then sends you to an address. If it does not say that "
    "you are signed in, copy all of it and send it to me: /connect spotify ADDRESS\n"
    "I may then make private playlists for you and show what you heard, top and saved songs. None of it "
    "trains a model."
)
_SIGNED_IN = (
    "Connected: Spotify as {}. /playlist saves the last list there; /connect spotify recent, top or saved "
    "shows songs of yours to like. /disconnect spotify erases the sign-in."
)
_SIGNED_OUT = (
    "Disconnected: the sign-in is erased here. Spotify gives apps no way to withdraw a consent; you can, on "
    "this page."
)
_QUESTIONS: dict[Shelf, str] = {
    "recent": "You heard these last. Which do you like?",
    "top": "You hear these most. Which do you like?",
    "saved": "You saved these last. Which do you like?",
}


async def connect(ask: Ask, arguments: Arguments) -> Reply:
    """Show the connections, or connect by a service name or Spotify's redirect address."""
    service, _, name = arguments.text.partition(" ")
    if not service:
        return await show(ask, arguments)
    if service.startswith(("http://", "https://")):  # the pasted address alone
        return await _signed_in(ask, arguments.text)
    return await _connected(ask, service.casefold(), name.strip())


async def lastfm(ask: Ask, arguments: Arguments) -> Reply:
    """Connect the Last.fm user with this name."""
    return await _connected(ask, "lastfm", arguments.text)


async def listenbrainz(ask: Ask, arguments: Arguments) -> Reply:
    """Connect the ListenBrainz user with this name."""
    return await _connected(ask, "listenbrainz", arguments.text)


async def _connected(ask: Ask, service: str, name: str) -> Reply:
    music = ask.music.connections
    linked = await music.connect(ask.listener, ask.account, service, name)
    linked = await music.settled(ask.listener, linked.source, _PATIENCE)
    said = say(_CONNECTED, _line(linked), linked.source)
    far = Button(say("How far?"), str(Run("connect")))
    return Done(said, None, (far,)) if linked.is_reading else Notice(said)


async def spotify(ask: Ask, arguments: Arguments) -> Reply:
    """Start or finish the Spotify sign-in, or offer songs from one of the user's Spotify lists."""
    text = arguments.text
    for shelf in SHELVES:
        if text.casefold() == shelf:
            songs = await ask.music.connections.spotify.songs(ask.listener, shelf)
            if not songs:
                raise NothingToDo("There is nothing at Spotify to show.")
            return choices(say(_QUESTIONS[shelf]), "like", tuple(songs))
    if text:
        return await _signed_in(ask, text)
    url = await ask.music.connections.spotify.begin(ask.listener, ask.account)
    return Notice(say(_SIGN_IN), url)


async def _signed_in(ask: Ask, address: str) -> Notice:
    name = await ask.music.connections.spotify.finish(ask.listener, ask.account, address)
    return Notice(say(_SIGNED_IN, name))


async def playlist(ask: Ask, arguments: Arguments) -> Notice:
    """Save the last slate here, or the songs of a session, as a private playlist of the user."""
    what, songs = await _to_save(ask, arguments.text)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    name = arguments.text.removeprefix("session").strip()[:_LONGEST_NAME] or f"{what}, {day}"
    about = say("Made by Segue from what you like.")
    url, missing = await ask.music.connections.spotify.keep_as_playlist(ask.listener, songs, name, about)
    said = say('Saved at Spotify as "{}".', name)
    if missing:
        names = "; ".join(spoken(song) for song in missing[:_MOST_NAMED])
        said = f"{said} {say('Spotify does not have {}.', names)}"
    return Notice(said, url)


async def _to_save(ask: Ask, text: str) -> tuple[str, tuple[Song, ...]]:
    if text.partition(" ")[0] == "session":
        recap = await ask.music.sessions.recap(await ask.music.sessions.last(ask.listener, ask.place))
        return recap.name, recap.songs
    slate = await last_slate(ask)
    if slate is None:
        raise NothingToDo("There is no list to save yet. Type /recommend to get one.")
    return title(slate), tuple(pick.song for pick in slate.picks)


async def disconnect(ask: Ask, arguments: Arguments) -> Notice:
    """Delete a connection and all data it brought in."""
    service = arguments.text.strip().casefold()
    counts = await ask.music.connections.disconnect(ask.listener, service)
    if service == _SPOTIFY:
        return Notice(say(_SIGNED_OUT), "https://www.spotify.com/account/apps/")
    events = counted(counts.get("events", 0), "event")
    return Notice(say("Disconnected and erased: {}. The models have forgotten them as well.", events))


async def show(ask: Ask, _: Arguments) -> Notice:
    """Show the user's connections and the available services."""
    connections = ask.music.connections
    linked, offered = await connections.of(ask.listener), connections.offered
    ways = [f"/connect {name} {say('NAME')}" for name, _ in offered]
    ways += ["/connect spotify"] if connections.spotify.is_there else []
    if not linked and not ways:
        return Notice(say("Whoever runs me has set up no service to connect. /import takes files instead."))
    lines = [_line(one) for one in linked] or [say("Nothing is connected yet.")]
    if ways:
        lines.append(say("You can say: {}.", listed(tuple(ways))))
    return Notice("\n".join(lines))


def _line(linked: Linked) -> str:
    whom = say("{} as {}", linked.title, linked.name)
    plays = counted(linked.listens, "play")
    problem = told(linked.problem) if linked.problem is not None else ""
    if linked.source == _SPOTIFY:
        return f"{whom}: {problem or say('signed in')}"
    if problem:
        return say("{}: {} so far. {}", whom, plays, problem)
    if linked.is_reading:
        share = min(99, int(100 * linked.listens / linked.total)) if linked.total else 0
        return say("{}: {} so far, {} % of your history. /connect shows how far it is.", whom, plays, share)
    return say("{}: {} imported, up to date.", whom, plays)
