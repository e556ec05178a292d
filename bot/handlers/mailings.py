"""Mailings: the weekly list and the message about new releases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date as calendar_date

from bot.context import Ask, spoken
from bot.handlers.pictures import covers, look
from bot.handlers.releases import release_mail
from bot.pictures.chart_grid import chart_grid
from bot.replies import Reply, SlateReply
from bot.replies.dates import date
from bot.replies.i18n import counted, listed, say
from recommender.errors import NothingToDo
from recommender.service import MusicService
from recommender.service.history import Count
from recommender.service.mailings import DueMailing
from recommender.slates.weekly import SONGS, WEEKLY
from recommender.types import Listener, Query, ServedSlate
from storage.chats.subscriptions import Mailing, Subscription
from storage.records import Account, Kind

_TILES = 3  # a row of the picture
_FIRST_DAY = calendar_date(1970, 1, 1).toordinal()
_NAMED = 3  # songs named of those that were liked


async def _nothing() -> None:
    """Do nothing: a list of songs is stamped as shown elsewhere."""


@dataclass(frozen=True, slots=True)
class Made:
    """A message that is ready, and what to do once it is sent."""

    reply: Reply
    sent: Callable[[], Awaitable[None]] = _nothing


async def made(music: MusicService, due: DueMailing, mailing: Mailing) -> Made | None:
    """Return the message of a mailing in the language of this task; None if there is nothing to say."""
    one = due.subscription
    ask = await _asking(music, one, mailing)
    if ask is None:
        return None
    if one.kind == "releases":
        found = await release_mail(ask, one)
        return None if found is None else Made(*found)
    return Made(await _weekly(ask, due, mailing))


async def _asking(music: MusicService, one: Subscription, mailing: Mailing) -> Ask | None:
    """Return whom the message is for: a person in private, or a place, which has an account of its own."""
    update = f"mailing:{mailing.id}"
    user, place = one.owner
    if user is not None:
        names = await music.communities.names(one.platform, (user,))
        account = Account(one.platform, one.chat, names[0] if names else "")
        return Ask(music, Listener(user, None, one.platform), account, update)
    known = await music.communities.place(place or 0)
    if known is None:
        return None
    account = Account(known.platform, known.external_id, known.name)
    user = (await music.arrive(account)).user_id
    return Ask(music, Listener(user, place, one.platform), account, update, chat=one.chat)


async def _weekly(ask: Ask, due: DueMailing, mailing: Mailing) -> SlateReply:
    user, place = ask.listener.user_id, ask.listener.community_id
    if mailing.slate_id is not None and mailing.is_repeated:
        slate = await ask.music.slate(ask.listener, mailing.slate_id)
    else:
        seeds = () if place is None else await ask.music.communities.favourites(place)
        slate = await ask.music.recommend(Query(user, SONGS, place, seeds=seeds, occasion=WEEKLY))
    today = date(due.day - _FIRST_DAY)
    title = say("Your week of {}", today) if place is None else say("The week of {}, {}", ask.name, today)
    reply = SlateReply(slate, title, await _liked_last_week(ask, due.subscription))
    wanted = await look(ask)
    if wanted is None:
        return reply
    songs = [Count(pick.song, 0) for pick in slate.picks]
    known = await covers(ask, [song.song for song in songs])
    return replace(reply, pictures=(chart_grid(title, _below(slate), songs, _TILES, wanted, known),))


def _below(slate: ServedSlate) -> str:
    return say("{} you have not seen here", counted(len(slate.picks), "song"))


async def _liked_last_week(ask: Ask, one: Subscription) -> str:
    """Return what of the last list was liked, in one line; "" for nothing."""
    last = await ask.music.mailings.last_slate(one.owner, "weekly")
    if last is None:
        return ""
    try:
        slate = await ask.music.slate(ask.listener, last)
    except NothingToDo:  # it was erased
        return ""
    if one.owner.community_id is None:
        liked = [p for p in slate.picks if p.verdict == Kind.LIKE and p.explanation.kind != "comfort"]
        sentence = "Last week you liked {} of {}: {}."
    else:
        votes = await ask.music.communities.votes(last)
        people = {position: said[Kind.LIKE] for position, said in votes.items() if said[Kind.LIKE]}
        liked = sorted((p for p in slate.picks if p.position in people), key=lambda p: -people[p.position])
        sentence = "Last week {} of {} found friends here: {}."
    if not liked:
        return ""
    names = [spoken(pick.song) for pick in liked[:_NAMED]]
    names += [say("{} more", len(liked) - _NAMED)] if len(liked) > _NAMED else []
    return say(sentence, len(liked), len(slate.picks), listed(tuple(names)))
