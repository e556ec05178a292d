"""Resolution of typed text to a song or artist, or to a question between several."""

from dataclasses import replace

from bot.context import Ask, Mention, spoken
from bot.replies import Choice, Choices
from bot.replies.buttons import Act, ActOnFound, Feedback, Verb
from bot.replies.i18n import listed, say
from recommender.catalog.lookup import NOT_ASKED, LookedUp
from recommender.catalog.lookup.found import FoundSong, Wanted, likeness
from recommender.errors import NothingToDo, NotKnown
from recommender.types import Pick, ServedSlate, Song
from storage.naming.text import fold
from storage.records import Subject

MOST_CHOICES = 5
NOWHERE = Subject(0)
"""The subject of a song that is not in the catalogue."""
_VERBS: dict[str, Verb] = {"like": "like", "dislike": "dislike"}  # they judge the song of a list itself


_LINKS = {
    "spotify": "that Spotify link",
    "youtube": "that YouTube link",
    "apple": "that Apple Music link",
    "deezer": "that Deezer link",
    "tidal": "that Tidal link",
    "soundcloud": "that SoundCloud link",
    "bandcamp": "that Bandcamp link",
    "isrc": "that ISRC",
}


async def understand(ask: Ask, command: str, text: str) -> Mention | Choices:
    """Resolve `text`: a number of the last list, a name, "artist - title", a link, an ISRC.

    Returns a question for an ambiguous name; its answers run `command`.  Raises `NotKnown` with advice if
    nothing fits.
    """
    numbered = _number(text)
    listed = await on_list(ask, numbered) if numbered is not None else None
    if listed is not None:
        namesakes = await ask.music.names.named(text, ask.listener.community_id)
        return either(command, text, listed, namesakes) if namesakes else listed
    found = await ask.find(text)
    looked = NOT_ASKED
    if (
        found.song is None
        and numbered is None
        and not await ask.music.names.named(text, ask.listener.community_id)
    ):
        looked = await ask.music.connections.lookup.look(text)
        if looked.song is not None:
            more = (await ask.find(looked.song.artist)).others if looked.song.title is None else ()
            return Mention(looked.song, more, found_at=looked.at)
    # A number outside the list can be a name ("311", "1999"), but never a misspelt one.
    if numbered is not None and (found.song is None or found.corrected):
        raise await no_such_number(ask, numbered)
    if found.song is not None:
        return Mention(found.song, found.others, text if found.corrected else "")
    if found.others or looked.others:
        return _question(command, text, found.others, looked)
    if found.scheme:
        link = say(_LINKS[found.scheme])
        told = say("I do not know the song behind {}. Say its name: artist - title.", link)
        raise NotKnown(" ".join(filter(None, [told, _not_found(looked)])))
    raise NotKnown(await _unknown(ask, text, looked), missing=text)


def _question(command: str, text: str, known: tuple[Song, ...], looked: LookedUp) -> Choices:
    """Return the question between songs of the catalogue and songs found elsewhere, the likeliest first."""
    here = choices("", command, known[:MOST_CHOICES]).choices
    names = {fold(song.label) for song in known}
    there = tuple(
        Choice(_of_service(song), str(ActOnFound(song.source, song.id, command)))
        for song in looked.others
        if fold(f"{song.artist} - {song.title}") not in names
    )
    wanted = Wanted.read(text)
    both = sorted(
        (*here, *there), key=lambda choice: -likeness(wanted, choice.song.artist, choice.song.title)
    )
    question = say('Which one is "{}"? If none of these, add yours: /add Artist - Title', text)
    told = say("Found at {}.", looked.at) if there else "" if looked.others else _not_found(looked)
    return Choices(f"{told} {question}".strip(), tuple(both[:MOST_CHOICES]), missing=text)


def _of_service(found: FoundSong) -> Song:
    return Song(NOWHERE, found.artist, found.title, found.year)


def _not_found(looked: LookedUp) -> str:
    """Return the sentence about services that know nothing either, or do not answer; "" if none was asked."""
    if looked.silent:
        return say("I could not look any further: no answer from {} right now.", listed(looked.silent))
    return say("Nothing with that name at {} either.", listed(looked.asked)) if looked.asked else ""


async def taken(ask: Ask, button: ActOnFound) -> Mention:
    """Return the mention of a song that was found at a service, which is in the catalogue from now on."""
    song, at = await ask.music.connections.lookup.take(button.service, button.id)
    return Mention(song, found_at=at)


async def pointed_at(ask: Ask, subject: Subject) -> Mention:
    """Return the mention of a button's song or artist."""
    song = await ask.music.names.song(subject)
    if song.title is not None:
        return Mention(song)
    found = await ask.find(song.artist)
    return Mention(song, found.others if found.song == song else ())


def choices(question: str, command: str, songs: tuple[Song, ...]) -> Choices:
    """Return a question whose answers run `command`."""
    return Choices(question, tuple(Choice(song, str(Act(command, song.subject))) for song in songs))


def either(command: str, text: str, listed: Mention, namesakes: tuple[Song, ...]) -> Choices:
    """Return the question between a number of the list and songs or artists with that name."""
    question = say('Which "{}": the one on the list, or the one called so?', text)
    named = choices(question, command, namesakes[: MOST_CHOICES - 1])
    verb = _VERBS.get(command)
    payload = str(Act(command, listed.song.subject))
    # A press on the current verdict would take it back.
    if verb is not None and listed.slate is not None and listed.pick is not None and not listed.pick.verdict:
        payload = str(Feedback(listed.slate.id, listed.pick.position, verb))
    return replace(named, choices=(Choice(listed.song, payload), *named.choices))


def picked(slate: ServedSlate, number: int) -> Pick:
    """Return the song with this number, counted from 1."""
    found = next((pick for pick in slate.picks if pick.position == number - 1), None)
    if found is None:
        raise NotKnown(_range(slate, number))
    return found


def correction(mention: Mention) -> str:
    """Return where a song was found, or what a misspelt name was taken for; "" for an exact name here."""
    if mention.found_at:
        return say("Found at {}.", mention.found_at) + " "
    if not mention.misspelt:
        return ""
    return say('I took "{}" for {}.', mention.misspelt, spoken(mention.song)) + " "


def _number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


async def on_list(ask: Ask, number: int) -> Mention | None:
    """Return the song with this number on the last slate shown here, None if it has no such number."""
    slate = await last_slate(ask)
    if slate is None:
        return None
    pick = next((pick for pick in slate.picks if pick.position == number - 1), None)
    return None if pick is None else Mention(pick.song, slate=slate, pick=pick)


async def last_slate(ask: Ask) -> ServedSlate | None:
    """Return the newest slate shown to the user here, None if there is none."""
    try:
        return await ask.music.slate(ask.listener)
    except NothingToDo:
        return None


async def no_such_number(ask: Ask, number: int) -> NotKnown:
    """Return the error for a number that is neither on the last slate nor a name."""
    slate = await last_slate(ask)
    unknown = say('I know no song or artist called "{}".', number)
    if slate is None:
        instead = say("And there is no list yet: /recommend brings one.")
    else:
        instead = _range(slate, number)
    told = f"{unknown} {instead}"
    return NotKnown(told)


def _range(slate: ServedSlate, number: int) -> str:
    last = max((pick.position + 1 for pick in slate.picks), default=0)
    return say("There is no song {} on that list. Pick 1 to {}.", number, last)


async def _unknown(ask: Ask, text: str, looked: LookedUp) -> str:
    nearest = await ask.music.names.complete(text, 3, ask.listener.community_id, asker=ask.account)
    near = [say("The closest I have: {}.", "; ".join(map(spoken, nearest)))] if nearest else []
    unknown = say('I know no song or artist called "{}".', text)
    elsewhere = [told] if (told := _not_found(looked)) else []
    return " ".join([unknown, *elsewhere, *near, say("Teach me with /add Artist - Title.")])
