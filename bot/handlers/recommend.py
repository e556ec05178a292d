"""Slates: requests, repeats, and reasons."""

import re
from dataclasses import replace

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction, last_slate, picked, understand
from bot.replies import Notice, Reply, SlateReply
from bot.replies.explanations import account, reason
from bot.replies.i18n import counted, listed, say
from recommender.arrays import Floats
from recommender.errors import NotKnown
from recommender.slates.place_rules import CommunitySettings
from recommender.types import Query, ServedSlate

_BY = {"": "", "sound": " by sound", "words": " by the words for it", "listeners": " by who listens"}
_MOST_HEARD = 3  # words for a clip in a title
_MOST_NAMED, _LONGEST_NAME = 4, 20  # users named in a title, and characters per name
# "/recommend like Radiohead", "/recommend 3 songs similar to Radiohead"
_LIKE_THIS = re.compile(
    r"(?:(?:me|some|songs?|music|artists?|bands?|more|something)\s+)*(?:like|similar\s+to)\s+(?P<name>.+)",
    re.IGNORECASE,
)
_COUNT_LAST = re.compile(r"(?P<text>.*\D)\s+(?P<n>1?[1-9]|[12]0)")
FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "for",
        "good",
        "me",
        "more",
        "music",
        "of",
        "please",
        "some",
        "something",
        "song",
        "songs",
        "the",
        "to",
        "tracks",
        "with",
    ]
)


async def usual(ask: Ask) -> int:
    """Return the community's default slate size."""
    place = ask.listener.community_id
    decided = CommunitySettings() if place is None else await ask.music.communities.settings(place)
    return decided.size


async def recommend(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs: for the user, of a genre or mood, or similar to a named song or artist."""
    text, n = arguments.text, arguments.options.get("count") or await usual(ask)
    near, counted_last = _LIKE_THIS.fullmatch(text), _COUNT_LAST.fullmatch(text)
    if (near or counted_last) and await ask.music.named(text, ask.listener.community_id):
        return await _near(ask, text, n)  # "Like a Prayer", "Maroon 5"
    if near:
        return await _near(ask, near["name"], n)
    if "count" not in arguments.options and counted_last:
        text, n = counted_last["text"].strip(), int(counted_last["n"])
    tags, unknown = await tags_in(ask, text)
    if unknown:
        # Not a genre or mood, but perhaps the name of an artist or a song.
        found = await ask.music.resolve(text, asker=ask.listener.user_id)
        if found.song is not None and not tags:
            return await _similar(ask, Mention(found.song, misspelt=text if found.corrected else ""), n)
        raise NotKnown(
            say(
                'I know no genre or mood called "{}". '
                "Try /recommend dreamy, /recommend 8 jazz, or /similar with a song or artist.",
                unknown,
            )
        )
    return await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id, tags=tags))


async def recommend_together(ask: Ask, arguments: Arguments, others: tuple[int, ...]) -> Reply:
    """Return songs for the user and the `others` who listen along."""
    tags, unknown = await tags_in(ask, arguments.text)
    if unknown:
        raise NotKnown(
            say('I know no genre or mood called "{}". For several people, say nothing else.', unknown)
        )
    n = arguments.options.get("count") or await usual(ask)
    return await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id, (), tags, others))


async def similar(ask: Ask, mention: Mention) -> Reply:
    """Return songs similar to a song or artist."""
    return await _similar(ask, mention, await usual(ask))


async def more(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs similar to one of the last slate; without a number, as many more of the same kind."""
    number = arguments.options.get("number")
    if number is not None:
        slate = await ask.music.slate(ask.listener)
        return await similar(ask, Mention(picked(slate, number).song))
    return await another(ask, await last_slate(ask), "")


async def another(ask: Ask, slate: ServedSlate | None, note: str) -> SlateReply:
    """Return as many songs as `slate` had, of its kind; without a slate, the default number."""
    user_id, place = ask.listener.user_id, ask.listener.community_id
    if slate is None:
        return await served(ask, Query(user_id, await usual(ask), place), note)
    query = replace(slate.query, user_id=user_id, community_id=place, others=_others(ask, slate.query))
    return await served(ask, query, note)


def _others(ask: Ask, query: Query) -> tuple[int, ...]:
    """Return the other users of a group slate, none outside its community.

    A shared link may open the slate elsewhere: its users are not revealed there.
    """
    is_theirs = query.others and query.community_id == ask.listener.community_id
    people = (query.user_id, *query.others) if is_theirs else ()
    return tuple(user_id for user_id in people if user_id != ask.listener.user_id)


async def why(ask: Ask, arguments: Arguments) -> Notice:
    """Explain one song of the last slate; without a number, each."""
    slate = await ask.music.slate(ask.listener)
    number = arguments.options.get("number")
    if number is not None:
        return Notice(account(picked(slate, number), slate))
    return _reasons(slate)


def _reasons(slate: ServedSlate) -> Notice:
    reasons = (f"{pick.position + 1}. {spoken(pick.song)}: {reason(pick, slate)}" for pick in slate.picks)
    return Notice("\n".join(reasons))


async def why_all(ask: Ask, slate_id: int) -> Notice:
    """Explain each song of a given slate."""
    return _reasons(await ask.music.slate(ask.listener, slate_id))


async def another_of(ask: Ask, slate_id: int) -> SlateReply:
    """Return as many songs as a given slate had, of its kind."""
    return await another(ask, await ask.music.slate(ask.listener, slate_id), "")


async def more_like(ask: Ask, slate_id: int, position: int) -> Reply:
    """Return songs similar to one song of a given slate."""
    slate = await ask.music.slate(ask.listener, slate_id)
    return await similar(ask, Mention(picked(slate, position + 1).song))


async def why_this(ask: Ask, slate_id: int, position: int) -> Notice:
    """Explain one song of a given slate."""
    slate = await ask.music.slate(ask.listener, slate_id)
    return Notice(account(picked(slate, position + 1), slate))


async def _near(ask: Ask, name: str, n: int) -> Reply:
    found = await understand(ask, "similar", name)
    return await _similar(ask, found, n) if isinstance(found, Mention) else found


async def _similar(ask: Ask, mention: Mention, n: int) -> SlateReply:
    query = Query(ask.listener.user_id, n, ask.listener.community_id, seeds=(mention.song.subject,))
    return await served(ask, query, correction(mention).strip())


async def served(ask: Ask, query: Query, note: str = "", *, sound: Floats | None = None) -> SlateReply:
    """Answer a query with its slate; `sound` is the vector of a clip."""
    slate = await ask.music.recommend(query, sound)
    if len(slate.picks) < query.n:
        found = counted(len(slate.picks), "song")
        note = f"{note} {say('Only {} left that would fit.', found)}".strip()
    return SlateReply(slate, title(slate, await _together(ask, query)), note)


async def _together(ask: Ask, query: Query) -> tuple[str, ...]:
    """Return the names of a slate's users, the asking user first; none for a single user."""
    if not query.others:
        return ()
    names = await ask.music.communities.names(ask.listener.platform, query.others)
    return (ask.name, *names)


def title(slate: ServedSlate, names: tuple[str, ...] = ()) -> str:
    """Return the title of a slate; `names` are its users if there are several."""
    if slate.seeds:
        near = say("Close to {}", listed(tuple(spoken(song) for song in slate.seeds)))
        far = say(", unlike {}", listed(tuple(spoken(song) for song in slate.away))) if slate.away else ""
        return f"{near}{far}{say(_BY[slate.query.by])}"
    if slate.query.heard:
        return say("Sounds like {}", listed(tuple(word for word, _ in slate.query.heard[:_MOST_HEARD])))
    head = say("For {}", listed(_named(names))) if names else say("For you")
    if slate.query.moods:
        return f"{head}: {say('a mood of {}', listed(slate.query.moods))}"
    rare = say(", songs that few people play") if slate.query.rare else ""
    return f"{head}{rare}: {listed(slate.query.tags)}" if slate.query.tags else f"{head}{rare}"


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    shown = tuple(name[:_LONGEST_NAME] for name in names[:_MOST_NAMED])
    return (*shown, say("{} more", len(names) - _MOST_NAMED)) if len(names) > _MOST_NAMED else shown


async def tags_in(ask: Ask, text: str) -> tuple[tuple[str, ...], str]:
    """Split a request ("indie rock calm") into its genres and moods, and the first other word."""
    words = text.replace(",", " ").split()
    tags: list[str] = []
    while words:
        for length in range(min(len(words), 4), 0, -1):
            tag = await ask.music.find_tag(" ".join(words[:length]))
            if tag is not None:
                tags.append(tag)
                words = words[length:]
                break
        else:
            word = words.pop(0)
            if word.casefold() not in FILLERS:
                return tuple(dict.fromkeys(tags)), word
    return tuple(dict.fromkeys(tags)), ""
