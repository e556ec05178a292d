"""Answering: a request becomes a result, by the verbs that the chat uses.

`answer` never raises for what a request asks: an error becomes a `Failure`, and what nobody expected is
logged under an id that the result names.
"""

import logging
import secrets
import time
from datetime import UTC, datetime

from bot.context import Ask, Mention, spoken
from bot.handlers.names import picked, understand
from bot.handlers.recommend import served
from bot.handlers.wishes import fulfil
from bot.replies import Choices, Reply, SlateReply
from bot.replies.explanations import account, reason
from bot.replies.i18n import say, told
from bot.requests.envelopes import (
    Failure,
    MusicRequest,
    MusicResult,
    ReactRequest,
    RecommendRequest,
    ResultSong,
    SearchRequest,
    SimilarRequest,
    WhyRequest,
)
from bot.requests.song_ids import song_id, subject_of
from recommender.errors import MusicError, NothingToDo, NotKnown, NotReady, Unavailable
from recommender.service import MusicService
from recommender.service.permissions import OneSlate
from recommender.types import Listener, Pick, Query, ServedSlate, Song
from storage.errors import BusyError, DiskFullError, InvalidFactError
from storage.records import Account, Kind

log = logging.getLogger(__name__)

_KINDS = {"like": Kind.LIKE, "dislike": Kind.DISLIKE, "skip": Kind.SKIP, "none": None}
_BUSY_SECONDS = 1.0
EXPECTED = (MusicError, BusyError, DiskFullError, InvalidFactError)
"""Errors that a request may run into, each with a sentence for people."""


async def listener_of(music: MusicService, user: str) -> Listener:
    """Return the user behind "platform:id"; a new account becomes a new user, named by the id."""
    platform, _, external_id = user.partition(":")
    return await music.links.known(platform, external_id)


async def answer(music: MusicService, listener: Listener, request: MusicRequest) -> MusicResult:
    """Answer a request of `listener`, the user whom the transport has made sure of.

    `request.user` is not looked at.  A list counts as shown when its result is returned.  The same request
    answered twice gives a new list each time; a reaction counts once.
    """
    started = time.perf_counter()
    if request.deadline is not None and request.deadline <= datetime.now(UTC):
        failure = Failure(code="expired", message=say("That came too late: its deadline has passed."))
        result = MusicResult(request_id=request.id, status="expired", error=failure, took_ms=0)
    else:
        result = await _answered(music, listener, request)
    took_ms = round(1000 * (time.perf_counter() - started), 3)
    return result.model_copy(update={"took_ms": took_ms})


async def _answered(music: MusicService, listener: Listener, request: MusicRequest) -> MusicResult:
    try:
        result = await _by_kind(_ask(music, listener, request), request)
    except EXPECTED as error:
        return _failed(request, failure_of(error))
    except Exception:
        log_id = secrets.token_hex(4)
        log.exception("id %s: a request of kind %s failed", log_id, request.kind)
        sentence = say("Something went wrong on my side. Please try again.")
        return _failed(request, Failure(code="internal", message=sentence, log_id=log_id))
    if result.slate is not None and isinstance(request, RecommendRequest | SimilarRequest):
        await music.shown(result.slate)
    return result


def failure_of(error: Exception) -> Failure:
    """Return an expected error as a failure."""
    match error:
        case NotKnown():
            return Failure(code="not-known", message=told(error))
        case NothingToDo():
            return Failure(code="nothing-to-do", message=told(error))
        case NotReady():
            return Failure(code="not-ready", message=told(error), retry_after=_BUSY_SECONDS)
        case Unavailable(retry_after=seconds):
            return Failure(code="unavailable", message=told(error), retry_after=seconds or _BUSY_SECONDS)
        case BusyError() | DiskFullError():
            return Failure(code="unavailable", message=told(error), retry_after=_BUSY_SECONDS)
        case MusicError() | InvalidFactError():
            return Failure(code="invalid", message=told(error))
    raise TypeError(f"{type(error).__name__} is no expected error") from error


def _failed(request: MusicRequest, failure: Failure) -> MusicResult:
    return MusicResult(request_id=request.id, status="error", error=failure, took_ms=0)


def _ask(music: MusicService, listener: Listener, request: MusicRequest) -> Ask:
    account = Account(listener.platform, "", "")
    # Two users may give their requests the same id.
    return Ask(music, listener, account, update=f"request:{listener.user_id}:{request.id}", via="program")


async def _by_kind(ask: Ask, request: MusicRequest) -> MusicResult:
    match request:
        case SimilarRequest():
            return await _similar(ask, request)
        case RecommendRequest():
            return await _recommend(ask, request)
        case ReactRequest():
            return await _react(ask, request)
        case SearchRequest():
            return await _search(ask, request)
        case WhyRequest():
            return await _why(ask, request)


async def _similar(ask: Ask, request: SimilarRequest) -> MusicResult:
    payload, who = request.payload, ask.listener
    if payload.features is not None:
        query = Query(who.user_id, payload.n, who.community_id, features=payload.features.given)
        return _of_reply(request, await served(ask, query))
    found = await _meant(ask, "similar", payload.song, payload.name)
    if isinstance(found, Choices):
        return _of_reply(request, found)
    seeds = (found.song.subject,)
    query = Query(who.user_id, payload.n, who.community_id, seeds=seeds, by=payload.by or "")
    return _of_reply(request, await served(ask, query, _taken_for(found)))


async def _recommend(ask: Ask, request: RecommendRequest) -> MusicResult:
    payload, who = request.payload, ask.listener
    if payload.wish is not None:
        return _of_reply(request, await fulfil(ask, payload.wish, payload.n))
    return _of_reply(request, await served(ask, Query(who.user_id, payload.n, who.community_id)))


async def _react(ask: Ask, request: ReactRequest) -> MusicResult:
    payload, music = request.payload, ask.music
    kind, name = _KINDS[payload.verdict], await music.replication.name(ask.listener.user_id)
    # The same on every machine that is given this request; two users may give theirs the same id.
    key = f"request:{':'.join(name or (str(ask.listener.user_id),))}:{request.id}:"
    if payload.slate is not None and payload.position is not None:
        await music.permissions.check(ask.listener, ask.where, OneSlate(payload.slate))
        await music.reactions.judge(ask.listener, payload.slate, payload.position, kind, key=key)
        slate = await music.slate(ask.listener, payload.slate)
        pick = picked(slate, payload.position + 1)
        songs = (_song(pick.song, position=pick.position, verdict=_word(pick.verdict)),)
        return MusicResult(request_id=request.id, status="ok", songs=songs, slate=slate.id, took_ms=0)
    found = await _meant(ask, "like", payload.song, payload.name)
    if isinstance(found, Choices):
        return _of_reply(request, found)
    if kind is None:
        await music.reactions.take_back(ask.listener, found.song.subject, key=key)
    else:
        await music.reactions.record(ask.listener, found.song.subject, kind, key=key)
    songs = (_song(found.song, verdict=_word(kind)),)
    note = _taken_for(found) or None
    return MusicResult(request_id=request.id, status="ok", songs=songs, note=note, took_ms=0)


async def _search(ask: Ask, request: SearchRequest) -> MusicResult:
    payload, who = request.payload, ask.listener
    found = await ask.music.names.complete(payload.text, payload.n, who.community_id, user_id=who.user_id)
    songs = tuple(_song(song) for song in found)
    return MusicResult(request_id=request.id, status="ok", songs=songs, took_ms=0)


async def _why(ask: Ask, request: WhyRequest) -> MusicResult:
    payload = request.payload
    await ask.music.permissions.check(ask.listener, ask.where, OneSlate(payload.slate))
    slate = await ask.music.slate(ask.listener, payload.slate)
    picks = slate.picks if payload.position is None else (picked(slate, payload.position + 1),)
    songs = tuple(_picked(pick, account(pick, slate)) for pick in picks)
    return _of_slate(request, slate, songs, "")


async def _meant(ask: Ask, command: str, given: str | None, name: str | None) -> Mention | Choices:
    if given is not None:
        return Mention(await ask.music.names.song(subject_of(given), asker=ask.listener.user_id))
    return await understand(ask, command, name or "")


def _taken_for(mention: Mention) -> str:
    if mention.found_at:
        return say("Found at {}.", mention.found_at)
    return say('I took "{}" for {}.', mention.misspelt, spoken(mention.song)) if mention.misspelt else ""


def _of_reply(request: MusicRequest, reply: Reply) -> MusicResult:
    """Return a list as a result, or the songs that a name fits."""
    if isinstance(reply, SlateReply):
        slate = reply.slate
        songs = tuple(_picked(pick, reason(pick, slate)) for pick in slate.picks)
        return _of_slate(request, slate, songs, reply.note)
    if isinstance(reply, Choices):
        # A song that only another service knows has no id here yet.
        known = tuple(_song(one.song) for one in reply.choices if one.song.subject.artist_id)
        return MusicResult(
            request_id=request.id, status="ambiguous", songs=known, note=reply.question, took_ms=0
        )
    raise TypeError(f"a request for songs was answered with a {type(reply).__name__}")


def _of_slate(
    request: MusicRequest, slate: ServedSlate, songs: tuple[ResultSong, ...], note: str
) -> MusicResult:
    return MusicResult(
        request_id=request.id,
        status="ok",
        songs=songs,
        slate=slate.id,
        snapshot=slate.snapshot,
        policy=slate.policy,
        note=note or None,
        took_ms=0,
    )


def _picked(pick: Pick, words: str) -> ResultSong:
    return _song(
        pick.song,
        position=pick.position,
        reason=words,
        reason_kind=pick.explanation.kind,
        propensity=pick.propensity,
        verdict=_word(pick.verdict),
    )


def _song(song: Song, **facts: object) -> ResultSong:
    names = {"id": song_id(song.subject), "artist": song.artist, "title": song.title, "year": song.year}
    return ResultSong.model_validate({**names, **facts})


def _word(verdict: Kind | None) -> str | None:
    return verdict.value if verdict in (Kind.LIKE, Kind.DISLIKE, Kind.SKIP) else None
