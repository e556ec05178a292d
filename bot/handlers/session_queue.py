"""Numbered songs of a session card: the songs on screen, and verdicts by number ("+1 -2")."""

from bot.context import Ask, spoken
from bot.handlers.names import last_slate
from bot.replies import Reply, SessionReply
from bot.replies.i18n import say
from recommender.errors import NothingToDo, NotKnown
from recommender.sessions.state import LiveSession, Turn
from storage.records import Kind

_SHOWN = "session.shown"
_SAID = {Kind.LIKE: "👍 Noted: you like {}.", Kind.DISLIKE: "👎 Noted: you do not like {}."}


async def remember(ask: Ask, reply: Reply) -> None:
    """Record that this user has just seen a session, and their last slate before it."""
    if isinstance(reply, SessionReply):
        slate = await last_slate(ask)
        shown = f"{reply.session.id}:{0 if slate is None else slate.id}"
        await ask.music.communities.set_wish(ask.listener.user_id, _SHOWN, shown)


async def on_screen(ask: Ask) -> LiveSession | None:
    """Return the session if its card is newer than the user's last slate, else None."""
    shown = await ask.music.communities.wish(ask.listener.user_id, _SHOWN)
    if shown is None or ask.listener.community_id is None:
        return None
    session_id, _, slate_id = shown.partition(":")
    try:
        here = await ask.music.sessions.find(ask.listener, ask.place)
    except NothingToDo:  # no session here, or it is over
        return None
    slate = await last_slate(ask)
    if here != int(session_id) or (0 if slate is None else slate.id) != int(slate_id):
        return None
    return await ask.music.sessions.look(here)


def numbered(live: LiveSession, text: str) -> Turn | None:
    """Return the upcoming song with this number, counted from 1; None if there is none."""
    digits = text.removeprefix("#")
    n = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4 else 0
    return live.next[n - 1] if 1 <= n <= len(live.next) else None


async def mark_queue(ask: Ask, live: LiveSession, verdicts: list[tuple[int, Kind]]) -> SessionReply:
    """Like or dislike upcoming songs by number: all, or none if one number is wrong."""
    turns = []
    for number, kind in verdicts:
        turn = numbered(live, str(number))
        if turn is None:
            raise NotKnown("There is no song {} in the queue: it has {}.", number, len(live.next))
        turns.append((turn, kind))
    said = []
    for part, (turn, kind) in enumerate(turns):
        if turn.song_id is None:  # only planned: the verdict goes to the song
            await ask.music.reactions.record(ask.listener, turn.song.subject, kind, key=ask.key(part))
        else:
            await ask.music.sessions.vote(ask.listener, turn.song_id, kind, key=ask.key(part))
        said.append(say(_SAID[kind], spoken(turn.song)))
    return SessionReply(await ask.music.sessions.look(live.id), "\n".join(said))
