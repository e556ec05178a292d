"""Onboarding: three loved artists, pressed or typed, then a good first list.

Also handles links into a conversation: /start with a song, a shared list, or a code that links accounts.
"""

import re
from dataclasses import replace

from bot.context import Arguments, Ask, Picking, spoken
from bot.handlers import compare, linking, moods
from bot.handlers.listen_links import hear_button
from bot.replies import Button, Confirm, Done, Notice, Reply, SlateReply
from bot.replies.buttons import Act, Love, Run
from bot.replies.i18n import language, say
from recommender.errors import NothingToDo, NotKnown
from recommender.service.permissions import OneQuestion
from recommender.types import Song
from storage.records import Kind, Subject

ENOUGH = 3
"""From this many loves on, a slate is better than another question."""

_HOW: dict[Picking, str] = {
    "commands": "Pick them here, or tell me each: /like Radiohead",
    "presses": "Press them, or write their names: Radiohead, Björk, Nina Simone",
    "numbers": "Type their numbers here, one by one, or their names: Radiohead, Björk, Nina Simone",
}
_HELLO = "Hello {}. I recommend music, say why, and learn from your 👍 and 👎."
_LINK = re.compile(
    r"song_(?P<artist>[0-9]{1,18})(?:_(?P<track>[0-9]{1,18}))?"
    r"|slate_(?P<slate>[0-9]{1,18})_(?P<word>[a-z2-7]{10})"
    r"|link_(?P<code>[0-9A-Z]{8})"
    r"|visible_(?P<community>[0-9]{1,18})"
)
_HELLO_LINK = "hello"
"""Payload of a link to the greeting: without a payload, Telegram's button would not work."""
_UNKNOWN_LINK = "That link leads nowhere any more. /recommend brings songs, /help lists all."


async def start(ask: Ask, arguments: Arguments) -> Reply:
    """Greet the user, or follow the link that led here."""
    if arguments.text in ("", _HELLO_LINK):
        return await greeting(ask)
    found = _LINK.fullmatch(arguments.text)
    if found is None:
        raise NotKnown(_UNKNOWN_LINK)
    if found["slate"]:
        return await _shared(ask, int(found["slate"]), found["word"])
    if found["code"]:
        return await linking.asked(ask, found["code"])
    if found["community"]:
        return await _asked(ask, int(found["community"]))
    track = None if found["track"] is None else int(found["track"])
    return card(await ask.music.names.song(Subject(int(found["artist"]), track)))


async def loved(ask: Ask, artist_id: int) -> Reply:
    """Handle a press in the greeting; the third love brings the first slate, a repeated one does nothing."""
    song = await ask.music.names.song(Subject(artist_id))
    if not await ask.music.reactions.record(ask.listener, song.subject, Kind.LIKE, key=ask.key()):
        return Notice(say("You already love {}. /undo takes back what you said last.", spoken(song)))
    noted = say("👍 Noted: {}.", spoken(song))
    return await go_on(ask, noted) if await loves(ask) <= ENOUGH else Done(noted)


def card(song: Song, sentence: str = "") -> Done:
    """Return a song or artist with a button for each possible action."""
    year = f" ({song.year})" if song.year else ""
    verbs = {"like": "👍 Like", "dislike": "👎 Dislike", "similar": "More like this"}
    buttons = tuple(Button(say(label), str(Act(name, song.subject))) for name, label in verbs.items())
    return Done(f"{sentence}{spoken(song)}{year}", song, (*buttons, hear_button(song)))


async def loves(ask: Ask) -> int:
    """Return the number of songs and artists the user likes."""
    return (await ask.music.profile(ask.listener)).likes


async def go_on(ask: Ask, sentence: str) -> Reply:
    """Say `sentence` and ask for the next artist; return the first slate once there are enough."""
    if await loves(ask) < ENOUGH:
        return await greeting(ask, sentence)
    first = await moods.recommend(ask, Arguments())
    return replace(first, note=f"{sentence} {first.note}".strip()) if isinstance(first, SlateReply) else first


async def greeting(ask: Ask, sentence: str = "") -> Done:
    """Greet, and ask a new user for artists; a `sentence` replaces the hello."""
    known = await loves(ask)
    if known >= ENOUGH:
        return Done(
            say("Hello {}, good to see you again. A list of songs for you, or a name to look up?", ask.name),
            buttons=(
                Button(say("Songs for me"), str(Run("recommend"))),
                Button(say("My taste"), str(Run("profile"))),
            ),
        )
    one_left, two_left = "One more, and your first list comes.", "Two more, and your first list comes."
    if sentence:
        asked = f"{sentence} {say(one_left if ENOUGH - known == 1 else two_left)}"
    else:
        heard = ask.picking == "numbers" or ask.listener.community_id is None
        how = say(_HOW[ask.picking if heard else "commands"])
        asked = say(_HELLO, ask.name) + f"\n{say('Which three artists do you love?')} {how}"
    artists = await ask.music.welcome.artists(ask.listener.community_id, language())
    buttons = tuple(Button(song.artist, str(Love(song.subject.artist_id))) for song in artists)
    return Done(asked, buttons=(*buttons, Button(say("Surprise me"), str(Run("recommend")))))


async def _asked(ask: Ask, community_id: int) -> Confirm:
    await ask.music.permissions.check(
        ask.listener, ask.where, OneQuestion(community_id, ask.listener.user_id)
    )
    return compare.question(ask, community_id)


async def _shared(ask: Ask, slate_id: int, word: str) -> SlateReply:
    if not await ask.music.cards.is_shared(slate_id, word):
        raise NotKnown(_UNKNOWN_LINK)
    try:
        slate = await ask.music.slate(ask.listener, slate_id)
    except NothingToDo:  # the list was deleted
        raise NotKnown(_UNKNOWN_LINK) from None
    if slate.query.user_id == ask.listener.user_id:
        return SlateReply(slate, say("Your list"))
    return SlateReply(slate, say("A list shared with you"))
