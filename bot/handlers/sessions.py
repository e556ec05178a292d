"""Listening together: the subcommands of /session, /next, and the buttons of the card."""

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction, understand
from bot.handlers.pictures import look
from bot.handlers.session_queue import numbered
from bot.pictures.recap_card import recap_card
from bot.replies import Done, FileReply, Notice, Reply, SessionReply
from bot.replies.buttons import OnSession, OnSong
from bot.replies.i18n import counted, say
from bot.replies.session_card import FORMATS, export_buttons, told
from recommender.errors import NothingToDo, NotKnown
from recommender.service.comparisons import MENTION
from recommender.sessions.export import exported
from recommender.sessions.state import LiveSession, Person
from storage.records import Kind

_LONGEST_NAME = 60
_KINDS = {"like": Kind.LIKE, "dislike": Kind.DISLIKE, "skip": Kind.SKIP}
_SAID = {
    Kind.LIKE: "👍 Noted: you like {}.",
    Kind.DISLIKE: "👎 Noted: you do not like {}.",
    Kind.SKIP: "⏭ Noted: you would skip {}.",
}
_BARRED = "🚫 {} will not be played in this session."
_WHO_LEADS = "Say who leads from now on, one of: {}. For example: /session host {}"


async def following(ask: Ask, arguments: Arguments) -> SessionReply:
    """Play the next song, or queue several."""
    n = arguments.options.get("count", 1)
    live = await ask.music.sessions.next(ask.listener, await _here(ask), n, key=ask.key())
    return SessionReply(live)


async def pressed(ask: Ask, button: OnSong | OnSession) -> Reply:
    """Handle a press on the card."""
    return await (_pressed_song(ask, button) if isinstance(button, OnSong) else _pressed_card(ask, button))


async def _pressed_song(ask: Ask, button: OnSong) -> Reply:
    session_id = await ask.music.sessions.of_song(button.song_id)
    if button.verb == "next":
        live = await ask.music.sessions.next(ask.listener, session_id, key=ask.key(), after=button.song_id)
        return SessionReply(live)
    song = await ask.music.sessions.song(button.song_id)
    if button.verb == "veto":
        await ask.music.sessions.veto(ask.listener, session_id, song.subject)
        return await _look(ask, session_id, say(_BARRED, spoken(song)))
    kind = _KINDS[button.verb]
    await ask.music.sessions.vote(ask.listener, button.song_id, kind, key=ask.key())
    return await _look(ask, session_id, say(_SAID[kind], spoken(song)))


async def _pressed_card(ask: Ask, button: OnSession) -> Reply:
    session_id = button.session_id
    if button.verb in FORMATS:
        return await _file(ask, session_id, button.verb)
    match button.verb:
        case "join":
            return await _joined(ask, session_id)
        case "leave":
            return await _left(ask, session_id)
        case "next":
            return SessionReply(await ask.music.sessions.next(ask.listener, session_id, key=ask.key()))
    return await _recap(ask, session_id)


async def _here(ask: Ask) -> int:
    return await ask.music.sessions.find(ask.listener, ask.place)


async def _look(ask: Ask, session_id: int, note: str = "") -> SessionReply:
    return SessionReply(await ask.music.sessions.look(session_id), note)


async def show(ask: Ask, _: Arguments) -> Reply:
    """Show the session of this chat as a new card."""
    try:
        return SessionReply(await ask.music.sessions.look(await _here(ask)), is_fresh=True)
    except NothingToDo:
        return Notice(
            say("Nobody listens together here yet. /session start begins; /help session says more.")
        )


async def start(ask: Ask, arguments: Arguments) -> Reply:
    """Start a session; the text is its name."""
    name = " ".join(arguments.text.split())[:_LONGEST_NAME] or say("{}'s session", ask.name)
    live = await ask.music.sessions.start(ask.listener, ask.place, name, key=ask.key())
    said = say("{} begins. Others press Join, or say /session join.", name)
    return SessionReply(live, said, is_fresh=True)


async def join(ask: Ask, _: Arguments) -> Reply:
    """Join the session."""
    return await _joined(ask, await _here(ask))


async def _joined(ask: Ask, session_id: int) -> SessionReply:
    new = await ask.music.sessions.join(ask.listener, session_id)
    said = say("{} listens along.", ask.name) if new else say("You are already listening along.")
    return await _look(ask, session_id, said)


async def leave(ask: Ask, _: Arguments) -> Reply:
    """Leave the session."""
    return await _left(ask, await _here(ask))


async def _left(ask: Ask, session_id: int) -> SessionReply:
    gone = await ask.music.sessions.leave(ask.listener, session_id)
    live = await ask.music.sessions.look(session_id)
    if not gone:
        return SessionReply(live, say("You were not listening along."))
    if live.host is None:
        return SessionReply(live, say("{} has left.", ask.name))
    return SessionReply(live, say("{} has left. {} leads.", ask.name, live.host.name))


async def hand_over(ask: Ask, arguments: Arguments) -> Reply:
    """Make another member the host, by mention or by their name on the card."""
    session_id = await _here(ask)
    live = await ask.music.sessions.look(session_id)
    other = await _named(ask, live, arguments.text)
    await ask.music.sessions.hand_over(ask.listener, session_id, other.user_id)
    return await _look(ask, session_id, say("{} leads now.", other.name))


async def _named(ask: Ask, live: LiveSession, name: str) -> Person:
    found: list[Person] = []
    if mention := MENTION.fullmatch(name):
        known = await ask.music.communities.people(ask.account.platform, [mention[1]])
        users = {user_id for user_id, _ in known.values()}
        found = [person for person in live.people if person.user_id in users]
    else:
        wanted = name.removeprefix("@").casefold()
        begins = [person for person in live.people if wanted and person.name.casefold().startswith(wanted)]
        found = [person for person in begins if person.name.casefold() == wanted] or begins
    if len(found) != 1:
        *_, example = names = [person.name for person in live.people] or ["NAME"]
        raise NotKnown(_WHO_LEADS, ", ".join(names), example)
    return found[0]


async def style(ask: Ask, arguments: Arguments) -> Reply:
    """Set the strategy that picks songs."""
    wanted = arguments.text.casefold()
    live = await ask.music.sessions.restyle(ask.listener, await _here(ask), wanted)
    return SessionReply(live, say("Style: {}.", wanted))


async def energy(ask: Ask, arguments: Arguments) -> Reply:
    """Set an energy arc over a number of songs; 0 ends it."""
    songs = arguments.options["songs"]
    if songs in (1, 2):
        raise NotKnown("Say over how many songs, at least 3: /session energy 20. With 0 there is no curve.")
    live = await ask.music.sessions.bend(ask.listener, await _here(ask), songs)
    rises, flat = "Energy rises, stays and falls over {} songs.", "No energy curve."
    return SessionReply(live, say(rises, songs) if songs else say(flat))


async def radio(ask: Ask, arguments: Arguments) -> Reply:
    """Make a session a radio, where one song leads to the next; start one if none runs here."""
    is_on = arguments.text.casefold() != "off"
    try:
        session_id, is_new = await _here(ask), False
    except NothingToDo:
        if not is_on:
            raise
        name = say("{}'s radio", ask.name)
        session_id = (await ask.music.sessions.start(ask.listener, ask.place, name, key=ask.key())).id
        is_new = True
    live = await ask.music.sessions.tune(ask.listener, session_id, radio=is_on)
    if is_on and live.now is None:
        live = await ask.music.sessions.next(ask.listener, session_id, key=ask.key("first"))
    on, off = "📻 Radio: each song leads to the next.", "📻 Radio is off."
    return SessionReply(live, say(on if is_on else off), is_fresh=is_new)


async def add(ask: Ask, arguments: Arguments) -> Reply:
    """Request a song."""
    session_id = await _here(ask)
    found = await _meant(ask, arguments.text, "add")
    if not isinstance(found, Mention):
        return found
    if found.song.title is None:
        raise NotKnown("{} is an artist. Ask for a song: /session add artist - title.", spoken(found.song))
    new = await ask.music.sessions.request(ask.listener, session_id, found.song)
    said = "{} comes when it is your turn." if new else "Somebody already asked for {}."
    return await _look(ask, session_id, correction(found) + say(said, spoken(found.song)))


async def veto(ask: Ask, arguments: Arguments) -> Reply:
    """Veto a song for this session: the one in the text, or the current one."""
    session_id = await _here(ask)
    live = await ask.music.sessions.look(session_id)
    if not arguments.text:
        if live.now is None:
            raise NothingToDo("Nothing is playing. Say which song: /session veto artist - title.")
        song = live.now.song
    elif (turn := numbered(live, arguments.text)) is not None:
        song = turn.song
    else:
        found = await _meant(ask, arguments.text, "veto")
        if not isinstance(found, Mention):
            return found
        song = found.song
    await ask.music.sessions.veto(ask.listener, session_id, song.subject)
    return await _look(ask, session_id, say(_BARRED, spoken(song)))


async def _meant(ask: Ask, text: str, verb: str) -> Mention | Reply:
    found = await understand(ask, "like", text)
    if isinstance(found, Mention):
        return found
    names = "\n".join(f"/session {verb} {choice.song.label}" for choice in found.choices)
    return Notice(say('Which one is "{}"?\n{}', text, names))


async def pause(ask: Ask, _: Arguments) -> Reply:
    """Pause the session."""
    live = await ask.music.sessions.pause(ask.listener, await _here(ask), paused=True)
    return SessionReply(live, say("Paused."))


async def resume(ask: Ask, _: Arguments) -> Reply:
    """Resume a paused session."""
    return SessionReply(await ask.music.sessions.pause(ask.listener, await _here(ask), paused=False))


async def end(ask: Ask, _: Arguments) -> Reply:
    """End the session and return its recap."""
    recap = await ask.music.sessions.end(ask.listener, await _here(ask))
    return Done(told(recap), buttons=export_buttons(recap.session_id))


async def recap(ask: Ask, _: Arguments) -> Reply:
    """Return the recap of the current session, or of the last."""
    found = await ask.music.sessions.last(ask.listener, ask.place)
    return await _recap(ask, found)


async def _recap(ask: Ask, session_id: int) -> Notice:
    recap, wanted = await ask.music.sessions.recap(session_id), await look(ask)
    if wanted is None or not (recap.songs and recap.people):
        return Notice(told(recap))
    return Notice(told(recap), pictures=(recap_card(recap, wanted),))


async def export(ask: Ask, arguments: Arguments) -> Reply:
    """Export the songs of a session, as a file or as links."""
    found = await ask.music.sessions.last(ask.listener, ask.place)
    return await _file(ask, found, arguments.text.casefold() or "m3u8")


async def _file(ask: Ask, session_id: int, form: str) -> FileReply | Notice:
    if form not in FORMATS:
        raise NotKnown("Say in which form: {}. For example: /session export m3u8", ", ".join(FORMATS))
    recap = await ask.music.sessions.recap(session_id)
    if not recap.songs:
        raise NothingToDo("Nothing was played in that session.")
    links = await ask.music.communities.links(recap.songs, ask.listener.user_id)
    text = exported(form, recap.name, recap.songs, links)
    if form == "links":
        return Notice(text)
    told_of = f"{recap.name}, {counted(len(recap.songs), 'song')}."
    return FileReply(f"session.{form}", text.encode(), told_of)
