"""Listening together: /session with all it can do, /next, and the buttons under the card."""

from collections.abc import Awaitable, Callable

from bot.buttons import OnSession, OnSong
from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction, understand
from bot.replies import Done, FileReply, Notice, Reply, SessionReply
from bot.session_card import FORMATS, export_buttons, told
from bot.words import counted, say
from recommender.errors import NothingToDo, NotKnown
from recommender.groups.styles import STYLES
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

HOW = """\
/session start NAME: begin; /next plays a song, /next 5 queues five
/session join, leave: listen along, or not any more
/session add SONG: ask for a song; veto SONG: not in this session
/session style fair, crowd-pleaser, discover or no-misery
/session energy 20: warm up, peak and cool down over 20 songs; energy 0: no curve
/session host NAME: hand over; pause, resume, end
/session recap; /session export m3u8, xspf, jspf, csv or links; /playlist session saves it at Spotify"""


async def session(ask: Ask, arguments: Arguments) -> Reply:
    """Do what the first word says; alone it shows the session of this place."""
    verb, _, rest = arguments.text.strip().partition(" ")
    if not verb:
        return await _shown(ask)
    act = _ACTS.get(verb.casefold())
    if act is None:
        raise NotKnown('A session cannot "{}". What it can:\n{}', verb, say(HOW))
    return await act(ask, rest.strip())


async def following(ask: Ask, arguments: Arguments) -> SessionReply:
    """Play the next song, or queue several."""
    n = arguments.options.get("n", 1)
    live = await ask.music.sessions.next(ask.listener, await _here(ask), n, key=ask.key())
    return SessionReply(live)


async def pressed(ask: Ask, button: OnSong | OnSession) -> Reply:
    """Take a press under the card."""
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
    return Notice(told(await ask.music.sessions.recap(session_id)))


async def _here(ask: Ask) -> int:
    return await ask.music.sessions.find(ask.listener, ask.place)


async def _look(ask: Ask, session_id: int, note: str = "") -> SessionReply:
    return SessionReply(await ask.music.sessions.look(session_id), note)


async def _shown(ask: Ask) -> Reply:
    try:
        return SessionReply(await ask.music.sessions.look(await _here(ask)), is_fresh=True)
    except NothingToDo:
        return Notice("\n".join([say("Nobody listens together here yet."), say(HOW)]))


async def _start(ask: Ask, rest: str) -> Reply:
    name = " ".join(rest.split())[:_LONGEST_NAME] or say("{}'s session", ask.name)
    live = await ask.music.sessions.start(ask.listener, ask.place, name, key=ask.key())
    said = say("{} begins. Others press Join, or say /session join.", name)
    return SessionReply(live, said, is_fresh=True)


async def _join(ask: Ask, _: str) -> Reply:
    return await _joined(ask, await _here(ask))


async def _joined(ask: Ask, session_id: int) -> SessionReply:
    new = await ask.music.sessions.join(ask.listener, session_id)
    said = say("{} listens along.", ask.name) if new else say("You listen along already.")
    return await _look(ask, session_id, said)


async def _leave(ask: Ask, _: str) -> Reply:
    return await _left(ask, await _here(ask))


async def _left(ask: Ask, session_id: int) -> SessionReply:
    gone = await ask.music.sessions.leave(ask.listener, session_id)
    live = await ask.music.sessions.look(session_id)
    if not gone:
        return SessionReply(live, say("You were not listening along."))
    if live.host is None:
        return SessionReply(live, say("{} has left.", ask.name))
    return SessionReply(live, say("{} has left. {} leads.", ask.name, live.host.name))


async def _hand_over(ask: Ask, rest: str) -> Reply:
    session_id = await _here(ask)
    live = await ask.music.sessions.look(session_id)
    other = _named(live, rest)
    await ask.music.sessions.hand_over(ask.listener, session_id, other.user_id)
    return await _look(ask, session_id, say("{} leads now.", other.name))


def _named(live: LiveSession, name: str) -> Person:
    wanted = name.removeprefix("@").casefold()
    found = [person for person in live.people if wanted and person.name.casefold().startswith(wanted)]
    exact = [person for person in found if person.name.casefold() == wanted]
    if len(exact or found) != 1:
        *_, example = names = [person.name for person in live.people] or ["NAME"]
        raise NotKnown(_WHO_LEADS, ", ".join(names), example)
    return (exact or found)[0]


async def _style(ask: Ask, rest: str) -> Reply:
    if not rest:
        raise NotKnown("Say which style: {}.", ", ".join(STYLES))
    live = await ask.music.sessions.restyle(ask.listener, await _here(ask), rest.casefold())
    return SessionReply(live, say("Style: {}.", rest.casefold()))


async def _energy(ask: Ask, rest: str) -> Reply:
    if not (rest.isascii() and rest.isdecimal() and len(rest) <= 3) or int(rest) in (1, 2):
        raise NotKnown("Say over how many songs, at least 3: /session energy 20. With 0 there is no curve.")
    live = await ask.music.sessions.bend(ask.listener, await _here(ask), int(rest))
    rises, flat = "Energy rises, stays and falls over {} songs.", "No energy curve."
    return SessionReply(live, say(rises, int(rest)) if int(rest) else say(flat))


async def _add(ask: Ask, rest: str) -> Reply:
    session_id = await _here(ask)
    found = await _meant(ask, rest, "add")
    if not isinstance(found, Mention):
        return found
    if found.song.title is None:
        raise NotKnown("{} is an artist. Ask for a song: /session add artist - title.", spoken(found.song))
    new = await ask.music.sessions.request(ask.listener, session_id, found.song)
    said = "{} comes when it is your turn." if new else "Somebody has asked for {} already."
    return await _look(ask, session_id, correction(found) + say(said, spoken(found.song)))


async def _veto(ask: Ask, rest: str) -> Reply:
    session_id = await _here(ask)
    if rest:
        found = await _meant(ask, rest, "veto")
        if not isinstance(found, Mention):
            return found
        song = found.song
    else:
        live = await ask.music.sessions.look(session_id)
        if live.now is None:
            raise NothingToDo("Nothing plays. Say which song: /session veto artist - title.")
        song = live.now.song
    await ask.music.sessions.veto(ask.listener, session_id, song.subject)
    return await _look(ask, session_id, say(_BARRED, spoken(song)))


async def _meant(ask: Ask, text: str, verb: str) -> Mention | Reply:
    if not text:
        raise NotKnown("Say which song: /session {} artist - title.", verb)
    found = await understand(ask, "like", text)
    if isinstance(found, Mention):
        return found
    names = "\n".join(f"/session {verb} {choice.song.label}" for choice in found.choices)
    return Notice(say('Which one is "{}"?\n{}', text, names))


async def _pause(ask: Ask, _: str) -> Reply:
    live = await ask.music.sessions.pause(ask.listener, await _here(ask), paused=True)
    return SessionReply(live, say("Paused."))


async def _resume(ask: Ask, _: str) -> Reply:
    return SessionReply(await ask.music.sessions.pause(ask.listener, await _here(ask), paused=False))


async def _end(ask: Ask, _: str) -> Reply:
    recap = await ask.music.sessions.end(ask.listener, await _here(ask))
    return Done(told(recap), buttons=export_buttons(recap.session_id))


async def _recap(ask: Ask, _: str) -> Reply:
    found = await ask.music.sessions.last(ask.listener, ask.place)
    return Notice(told(await ask.music.sessions.recap(found)))


async def _export(ask: Ask, rest: str) -> Reply:
    found = await ask.music.sessions.last(ask.listener, ask.place)
    return await _file(ask, found, rest.casefold() or "m3u8")


async def _file(ask: Ask, session_id: int, form: str) -> FileReply | Notice:
    if form not in FORMATS:
        raise NotKnown("Say in which form: {}. For example: /session export m3u8", ", ".join(FORMATS))
    recap = await ask.music.sessions.recap(session_id)
    if not recap.songs:
        raise NothingToDo("Nothing was played in that session.")
    links = await ask.music.communities.links(recap.songs)
    text = exported(form, recap.name, recap.songs, links)
    if form == "links":
        return Notice(text)
    told_of = f"{recap.name}, {counted(len(recap.songs), 'song')}."
    return FileReply(f"session.{form}", text.encode(), told_of)


_ACTS: dict[str, Callable[[Ask, str], Awaitable[Reply]]] = {
    "start": _start,
    "join": _join,
    "leave": _leave,
    "host": _hand_over,
    "style": _style,
    "energy": _energy,
    "add": _add,
    "veto": _veto,
    "pause": _pause,
    "resume": _resume,
    "end": _end,
    "recap": _recap,
    "export": _export,
}
