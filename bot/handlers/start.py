"""The first meeting: three artists one loves, pressed or typed, and the next message is a good list.

Also where links into a conversation lead: /start with a song, a shared list, or a code that joins accounts.
"""

import re
from dataclasses import replace

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers import linking, recommend
from bot.handlers.names import correction, understand
from bot.replies import Button, Choices, Done, Reply, SlateReply
from bot.replies.buttons import Act, Love, Run
from bot.replies.i18n import listed, say
from recommender.errors import NothingToDo, NotKnown
from recommender.types import Song
from storage.records import Kind, Subject
from storage.text import fold

ENOUGH = 3
"""From so many loves on, a list is better than another question."""

# Only where every message is meant for me can names simply be written.
_HOW = {
    "telegram": "Press them, or write their names: Radiohead, Björk, Nina Simone",
    "terminal": "Type their numbers here, one by one, or their names: Radiohead, Björk, Nina Simone",
}
_HOW_ELSEWHERE = "Pick them here, or tell me each: /like Radiohead"
_HELLO = "Hello {}. I recommend music, say why, and learn from your 👍 and 👎."
_MOST_NAMES = 10
# "Hello" is a song as well, but nobody who comes in means it.
_GREETINGS = frozenset(
    [
        "hi",
        "hello",
        "hey",
        "hey there",
        "hi there",
        "hello there",
        "good morning",
        "good evening",
        "hallo",
        "guten morgen",
        "guten abend",
        "guten tag",
        "moin",
        "servus",
        "hola",
        "buenas",
        "buenos dias",
    ]
)
_NAMES = re.compile(r"\s*[,;\n]\s*")
_LINK = re.compile(
    r"song_(?P<artist>[0-9]{1,18})(?:_(?P<track>[0-9]{1,18}))?"
    r"|slate_(?P<slate>[0-9]{1,18})_(?P<word>[a-z2-7]{10})"
    r"|link_(?P<code>[0-9A-Z]{8})"
)
_UNKNOWN_LINK = "That link leads nowhere any more. /recommend brings songs, /help lists all."


async def start(ask: Ask, arguments: Arguments) -> Reply:
    """Greet, or follow the link that led here."""
    if not arguments.text:
        return await _greeting(ask, await _loves(ask))
    found = _LINK.fullmatch(arguments.text)
    if found is None:
        raise NotKnown(_UNKNOWN_LINK)
    if found["slate"]:
        return await _shared(ask, int(found["slate"]), found["word"])
    if found["code"]:
        return await linking.asked(ask, found["code"])
    track = None if found["track"] is None else int(found["track"])
    return card(await ask.music.song(Subject(int(found["artist"]), track)))


async def loved(ask: Ask, artist_id: int) -> Reply:
    """Take a press under the greeting; the third brings the first list."""
    song = await ask.music.song(Subject(artist_id))
    if not await ask.music.react(ask.listener, song.subject, Kind.LIKE, key=ask.key()):
        return Done(say("You love {} already. /undo takes back what you said last.", spoken(song)))
    return await _next(ask, say("👍 Noted: {}.", spoken(song)))


async def heard(ask: Ask, text: str) -> Reply:
    """Take names that were simply typed: as loves while we do not know each other, later as a question."""
    if fold(text) in _GREETINGS:
        return await _greeting(ask, await _loves(ask))
    names = list(dict.fromkeys(name for name in _NAMES.split(text.strip()) if name))[:_MOST_NAMES]
    if await _loves(ask) >= ENOUGH and len(names) == 1:
        found = await understand(ask, "like", names[0])
        return card(found.song, correction(found)) if isinstance(found, Mention) else found
    if len(names) == 1:
        return await _one(ask, names[0])
    songs, unknown = await _known(ask, names)
    if not songs:
        raise NotKnown(
            say("I know none of {}. Try others, or teach me: /add Artist - Title", listed(tuple(names)))
        )
    for part, song in enumerate(songs):
        await ask.music.react(ask.listener, song.subject, Kind.LIKE, key=ask.key(part))
    told = [say("👍 Noted: {}.", listed(tuple(map(spoken, songs))))]
    told += [say("I do not know {}.", listed(unknown))] if unknown else []
    return await _next(ask, " ".join(told))


def card(song: Song, sentence: str = "") -> Done:
    """Return a song or artist with all that can be done about it."""
    year = f" ({song.year})" if song.year else ""
    verbs = {"like": "👍 Like", "dislike": "👎 Dislike", "similar": "More like this"}
    buttons = tuple(Button(say(label), str(Act(name, song.subject))) for name, label in verbs.items())
    return Done(f"{sentence}{spoken(song)}{year}", song, buttons)


async def _one(ask: Ask, name: str) -> Reply:
    found = await understand(ask, "like", name)
    if isinstance(found, Choices):
        return found
    await ask.music.react(ask.listener, found.song.subject, Kind.LIKE, key=ask.key())
    return await _next(ask, correction(found) + say("👍 Noted: {}.", spoken(found.song)))


async def _known(ask: Ask, names: list[str]) -> tuple[list[Song], tuple[str, ...]]:
    songs: list[Song] = []
    unknown: list[str] = []
    for name in names:
        found = await ask.music.resolve(name, ask.listener.community_id)
        if found.song is None:
            unknown.append(name)
        else:
            songs.append(found.song)
    return songs, tuple(unknown)


async def _loves(ask: Ask) -> int:
    return (await ask.music.profile(ask.listener)).likes


async def _next(ask: Ask, sentence: str) -> Reply:
    loves = await _loves(ask)
    if loves < ENOUGH:
        return await _greeting(ask, loves, sentence)
    first = await recommend.recommend(ask, Arguments())
    return replace(first, note=f"{sentence} {first.note}".strip()) if isinstance(first, SlateReply) else first


async def _greeting(ask: Ask, loves: int, sentence: str = "") -> Done:
    if loves >= ENOUGH:
        return Done(
            say("Hello {}, good to see you again. A list of songs for you, or a name to look up?", ask.name),
            buttons=(
                Button(say("Songs for me"), str(Run("recommend"))),
                Button(say("My taste"), str(Run("profile"))),
            ),
        )
    one_left, two_left = "One more, and your first list comes.", "Two more, and your first list comes."
    if sentence:
        asked = f"{sentence} {say(one_left if ENOUGH - loves == 1 else two_left)}"
    else:
        how = say(_HOW.get(ask.listener.platform, _HOW_ELSEWHERE))
        asked = say(_HELLO, ask.name) + f"\n{say('Which three artists do you love?')} {how}"
    artists = await ask.music.welcome.artists(ask.listener.community_id)
    buttons = tuple(Button(song.artist, str(Love(song.subject.artist_id))) for song in artists)
    return Done(asked, buttons=(*buttons, Button(say("Surprise me"), str(Run("recommend")))))


async def _shared(ask: Ask, slate_id: int, word: str) -> SlateReply:
    if not await ask.music.cards.is_shared(slate_id, word):
        raise NotKnown(_UNKNOWN_LINK)
    try:
        slate = await ask.music.slate(ask.listener, slate_id)
    except NothingToDo:  # it has been deleted
        raise NotKnown(_UNKNOWN_LINK) from None
    if slate.query.user_id == ask.listener.user_id:
        return SlateReply(slate, say("Your list"))
    return SlateReply(slate, say("A list shared with you"))
