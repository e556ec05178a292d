"""Inline mode: `@bot song` offers songs in any chat; an empty query offers the user's next five."""

import time
from collections import OrderedDict

from telegram import InlineKeyboardButton as Key
from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.adapters.telegram.render.card import Card, Links
from bot.adapters.telegram.render.slate import picture_of, song_line
from bot.adapters.telegram.sending import is_too_late, keyboard, preview
from bot.adapters.telegram.text import plain
from bot.commands import on_list, perform
from bot.context import Ask, Context
from bot.replies import Notice, Reply, SlateReply
from bot.replies.buttons import Act, Feedback
from bot.replies.explanations import reason
from bot.replies.i18n import say
from recommender.types import Pick, Query, ServedSlate, Song

_OFFERED = 20
_KEPT_SECONDS = 60
_KEPT = 2_000  # users with their next five songs cached for a minute
_TITLE = 100
_SHOWN = "shown"


class Inline:
    """Answers inline queries in any chat."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker
        self._music = talker.music
        self._next: OrderedDict[str, tuple[float, SlateReply]] = OrderedDict()

    async def search(self, update: Update, _: Anything) -> None:
        """Offer songs for a query, visible to this user alone."""
        query = update.inline_query
        if query is None:
            return
        context = Context(
            self._music, incoming.person(query.from_user), None, incoming.key(update, self._talker.bot.id)
        )
        if query.query.strip():
            songs = await self._music.names.complete(query.query, _OFFERED, asker=context.account)
            links = await self._music.communities.links(tuple(songs))
            results = [_found(song, links) for song in songs]
        else:
            reply = await self._next_five(context)
            results = await self._picks(reply.slate) if isinstance(reply, SlateReply) else []
        await _offer(query, results)

    async def chosen(self, update: Update, _: Anything) -> None:
        """Stamp the slate of a sent song as seen."""
        result = update.chosen_inline_result
        if result is None or not result.result_id.startswith(f"{_SHOWN}:"):
            return
        slate_id, named = int(result.result_id.split(":")[1]), result.inline_message_id

        async def sent(ask: Ask) -> Reply:
            await ask.music.shown(slate_id)
            if named:  # everybody who reads that message may press its buttons
                await ask.music.cards.keep(incoming.PLATFORM, named, named, slate_id)
            return Notice("")

        who, update_key = incoming.person(result.from_user), incoming.key(update, self._talker.bot.id)
        await on_list(Context(self._music, who, None, update_key), slate_id, sent)

    async def _next_five(self, context: Context) -> Reply:
        known = self._next.get(context.account.external_id)
        if known is not None and time.monotonic() - known[0] < _KEPT_SECONDS:
            return known[1]

        async def five(ask: Ask) -> Reply:
            return SlateReply(await ask.music.recommend(Query(ask.listener.user_id)), say("For you"))

        reply = await perform(context, five)
        if isinstance(reply, SlateReply):
            self._next[context.account.external_id] = (time.monotonic(), reply)
            if len(self._next) > _KEPT:
                self._next.popitem(last=False)
        return reply

    async def _picks(self, slate: ServedSlate) -> list[InlineQueryResultArticle]:
        songs = tuple(pick.song for pick in slate.picks)
        links = await self._music.communities.links(songs, slate.query.user_id)
        return [_picked(slate, pick, links) for pick in slate.picks]


async def _offer(query: InlineQuery, results: list[InlineQueryResultArticle]) -> None:
    nothing = InlineQueryResultsButton(say("None of these. Talk to me instead"), start_parameter="hello")
    try:
        await query.answer(
            results, cache_time=_KEPT_SECONDS, is_personal=True, button=None if results else nothing
        )
    except BadRequest as error:
        if not is_too_late(error):  # the user has typed on meanwhile
            raise


def _found(song: Song, links: Links) -> InlineQueryResultArticle:
    keys = (
        Key("👍", callback_data=str(Act("like", song.subject))),
        Key("👎", callback_data=str(Act("dislike", song.subject))),
        Key(say("More like this"), callback_data=str(Act("similar", song.subject))),
    )
    track = "" if song.subject.track_id is None else song.subject.track_id
    about = say("artist") if song.title is None else str(song.year or "")
    return _article(f"song:{song.subject.artist_id}:{track}", song, links, about, keys)


def _picked(slate: ServedSlate, pick: Pick, links: Links) -> InlineQueryResultArticle:
    keys = (
        Key("👍", callback_data=str(Feedback(slate.id, pick.position, "like"))),
        Key("👎", callback_data=str(Feedback(slate.id, pick.position, "dislike"))),
        Key(say("More like this"), callback_data=str(Act("similar", pick.song.subject))),
    )
    return _article(f"{_SHOWN}:{slate.id}:{pick.position}", pick.song, links, reason(pick, slate), keys)


def _article(
    result_id: str, song: Song, links: Links, about: str, keys: tuple[Key, ...]
) -> InlineQueryResultArticle:
    card = Card(song_line(song, links), (keys,), picture_of(song, links))
    content = InputTextMessageContent(
        card.text, parse_mode=ParseMode.HTML, link_preview_options=preview(card)
    )
    title, description = plain(song.label, _TITLE) or "…", plain(about, _TITLE) or None
    return InlineQueryResultArticle(
        result_id, title, content, reply_markup=keyboard(card.rows), description=description
    )
