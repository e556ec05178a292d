"""`/radio`: a song at a time, on and on; thumbs and skips steer it."""

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction
from bot.handlers.wishes import meant
from bot.replies import Choices, Notice, RadioReply, Reply
from bot.replies.buttons import OnRadio
from bot.replies.explanations import account
from bot.replies.i18n import say
from bot.replies.radio_card import song_of
from recommender.errors import NothingToDo
from recommender.types import Query
from storage.records import Kind

_STOP = ("stop", "off", "end")


async def radio(ask: Ask, arguments: Arguments) -> Reply:
    """Start a radio from a song, an artist, a wish; without words, show the running one or start by taste."""
    if arguments.text.casefold() in _STOP:
        running = await ask.music.radio.running(ask.listener)
        return RadioReply(await ask.music.radio.stop(running.slate.id))
    if not arguments.text:
        try:
            return RadioReply(await ask.music.radio.running(ask.listener))
        except NothingToDo:
            return await _started(ask, Query(ask.listener.user_id, 1))
    found = await meant(ask, arguments.text)
    if isinstance(found, Choices):
        return found
    query, note = found
    return await _started(ask, query, note)


async def near(ask: Ask, mention: Mention) -> Reply:
    """Start a radio from a song or an artist."""
    query = Query(ask.listener.user_id, 1, seeds=(mention.song.subject,))
    return await _started(ask, query, correction(mention).strip())


async def _started(ask: Ask, query: Query, note: str = "") -> RadioReply:
    return RadioReply(await ask.music.radio.start(query, key=ask.key("radio")), note)


async def pressed(ask: Ask, button: OnRadio) -> Reply:
    """Handle a press on the card: a thumb or skip counts at once, and all but 👍 play the next song."""
    slate_id, music = button.slate_id, ask.music
    match button.verb:
        case "why":
            playing_now = (await music.radio.look(slate_id)).slate
            return Notice(account(playing_now.picks[0], playing_now))
        case "stop":
            return RadioReply(await music.radio.stop(slate_id))
        case "like":
            stands = await music.reactions.press(ask.listener, slate_id, 0, Kind.LIKE, key=ask.key())
            live = await music.radio.look(slate_id)
            return RadioReply(live, "" if stands is None else say("👍 More of that."))
    kind = Kind.DISLIKE if button.verb == "dislike" else Kind.SKIP
    return await _onward(ask, slate_id, kind)


async def _onward(ask: Ask, slate_id: int, kind: Kind) -> RadioReply:
    """Play the next song; a skip of what was liked only goes on, and so does a press that came twice."""
    slate = await ask.music.slate(ask.listener, slate_id)
    pick = slate.picks[0]
    if pick.verdict is not kind and not (kind is Kind.SKIP and pick.verdict is Kind.LIKE):
        await ask.music.reactions.press(ask.listener, slate_id, 0, kind, key=ask.key())
    live = await ask.music.radio.next(slate_id)
    said = "👎 Noted: you do not like {}." if kind is Kind.DISLIKE else ""
    return RadioReply(live, say(said, spoken(pick.song)) if said else "")


def playing(reply: RadioReply) -> str:
    """Return what a press led to, in one line."""
    return reply.note or ("" if reply.radio.is_over else f"▶ {spoken(song_of(reply.radio))}")
