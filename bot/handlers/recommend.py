"""Slates: requests, repeats, and reasons."""

from dataclasses import replace

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction, last_slate, picked
from bot.replies import Notice, Reply, SlateReply
from bot.replies.explanations import account, reason
from bot.replies.i18n import counted, listed, say
from bot.wishes.wording import told
from recommender.arrays import Floats
from recommender.slates.place_rules import CommunitySettings
from recommender.types import Query, ServedSlate

_BY = {"": "", "sound": " by sound", "words": " by the words for it", "listeners": " by who listens"}
_MOST_HEARD = 3  # words for a clip in a title
_MOST_NAMED, _LONGEST_NAME = 4, 20  # users named in a title, and characters per name


async def usual(ask: Ask) -> int:
    """Return the community's default slate size."""
    place = ask.listener.community_id
    decided = CommunitySettings() if place is None else await ask.music.communities.settings(place)
    return decided.size


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
    others = _others(ask, slate.query)
    query = replace(slate.query, user_id=user_id, community_id=place, others=others, occasion="")
    sound = await ask.music.clips.vector(ask.listener, slate.id) if query.heard else None
    return await served(ask, query, note, sound=sound)


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


async def _similar(ask: Ask, mention: Mention, n: int) -> SlateReply:
    query = Query(ask.listener.user_id, n, ask.listener.community_id, seeds=(mention.song.subject,))
    return await served(ask, query, correction(mention).strip())


async def served(ask: Ask, query: Query, note: str = "", *, sound: Floats | None = None) -> SlateReply:
    """Answer a query with its slate; `sound` is the vector of a clip."""
    slate = await ask.music.recommend(replace(query, via=ask.via), sound)
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
        wish = f": {listed(wished)}" if (wished := _wish(slate)) else ""
        return f"{near}{far}{say(_BY[slate.query.by])}{wish}"
    if slate.query.heard:
        return say("Sounds like {}", listed(tuple(word for word, _ in slate.query.heard[:_MOST_HEARD])))
    if slate.query.features:
        return say("Songs with that sound")
    head = say("For {}", listed(_named(names))) if names else say("For you")
    by = (say("by {}", listed(tuple(map(spoken, slate.artists)))),) if slate.artists else ()
    asked = (*by, *slate.query.tags, *_wish(slate))
    return f"{head}: {listed(asked)}" if asked else head


def _wish(slate: ServedSlate) -> tuple[str, ...]:
    away = () if slate.seeds else tuple(say("without {}", spoken(song)) for song in slate.away)
    return (*map(told, slate.query.wish), *away)


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    shown = tuple(name[:_LONGEST_NAME] for name in names[:_MOST_NAMED])
    return (*shown, say("{} more", len(names) - _MOST_NAMED)) if len(names) > _MOST_NAMED else shown
