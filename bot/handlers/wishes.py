"""Wishes in a chat: from words to a list of songs, and what of it was understood."""

from dataclasses import dataclass, field, replace

from bot.context import Ask, Mention
from bot.handlers.for_whom import for_whom
from bot.handlers.lookup import look_up
from bot.handlers.names import correction, last_slate, understand
from bot.handlers.recommend import another, served, usual
from bot.replies import Choices, Reply, SlateReply
from bot.replies.i18n import listed, say
from bot.wishes import Wish
from bot.wishes.grammar import parse
from bot.wishes.vocabulary import lexicon
from bot.wishes.wording import told_all
from recommender.errors import NotKnown
from recommender.types import Query, ServedSlate, WishPart
from storage.naming.text import fold
from storage.records import Subject

_NAMES = ("like", "by")
_ADJUSTED = frozenset(("mood", "sound"))


async def understood(ask: Ask, text: str) -> Wish:
    """Return what a line wishes for, with the names and the tags of the catalogue known."""
    wish = await ask.music.names.with_names(lambda named: parse(text, named))
    if not wish.unknown:
        return wish
    found = [(words, await _tags(ask, words)) for words in wish.unknown]
    tags = tuple(WishPart("tag", tag) for _, known in found for tag in known)
    unknown = tuple(words for words, known in found if not known)
    return replace(wish, parts=(*wish.parts, *tags), unknown=unknown, intent="songs" if tags else wish.intent)


async def fulfil(
    ask: Ask,
    text: str,
    count: int | None = None,
    extra: tuple[WishPart, ...] = (),
    others: tuple[int, ...] = (),
) -> Reply:
    """Return songs for a wish in words, `count` of them; `extra` parts are wished for as well.

    `others` are users who listen along; the wish can name more: "jazz for Ann and me".
    Raises `NotKnown` where nothing of it is understood.
    """
    if await _is_name_first(ask, text):
        return await _near(ask, text, count)
    text, named = await for_whom(ask, text)
    others = tuple(dict.fromkeys((*others, *named)))
    if not text:
        return await serve_wish(ask, Wish(extra, count), others)
    wish = await understood(ask, text)
    if not wish.parts and wish.unknown:
        return await _near(ask, " ".join(wish.unknown) if wish.is_asked else text, count)
    wish = replace(wish, parts=(*wish.parts, *(part for part in extra if part not in wish.parts)))
    return await serve_wish(ask, replace(wish, count=count or wish.count), others)


async def meant(ask: Ask, text: str) -> tuple[Query, str] | Choices:
    """Return the query of what a line names or wishes for, for one song, and what was noted on the way.

    Returns a question for an ambiguous name; raises `NotKnown` where nothing of it is understood.
    """
    user_id = ask.listener.user_id
    wish = None if await _is_name_first(ask, text) else await understood(ask, text)
    if wish is None or (not wish.parts and wish.unknown) or await ask.music.names.named(text):
        found = await understand(ask, "radio", text)
        if isinstance(found, Choices):
            return found
        return Query(user_id, 1, seeds=(found.song.subject,)), correction(found).strip()
    names = await _resolved(ask, wish)
    if isinstance(names, Choices):
        return names
    parts = tuple(part for part in wish.parts if part.kind not in _NAMES)
    query = Query(user_id, 1, wish=parts, seeds=tuple(names.near), away=tuple(names.far))
    unknown = (*wish.unknown, *names.unknown)
    note = [say('I do not know "{}".', listed(unknown))] if unknown else []
    return replace(query, artists=tuple(names.by)), " ".join([*names.notes, *note])


async def conversed(ask: Ask, text: str) -> Reply | None:
    """Return the answer to a line that clearly wishes for music or names what somebody loves, else None."""
    if await ask.music.names.named(text, ask.listener.community_id):
        return None
    text, others = await for_whom(ask, text)
    wish = await ask.music.names.with_names(lambda named: parse(text, named))
    if others:
        return await serve_wish(ask, wish, others)
    if wish.intent == "surprise":
        return await served(ask, Query(ask.listener.user_id, await usual(ask), ask.listener.community_id))
    if wish.intent == "more":
        slate = await last_slate(ask)
        return None if slate is None else await another(ask, _sized(slate, wish.count), "")
    if wish.intent == "love":
        return await look_up(ask, ", ".join(part.value for part in wish.parts))
    is_word_alone = " " not in text and fold(text) not in lexicon()
    are_names = all(part.kind == "like" for part in wish.parts)
    is_unclear = not wish.is_asked and (are_names or bool(wish.unknown) or is_word_alone)
    return await serve_wish(ask, wish, talking=True) if wish.parts and not is_unclear else None


async def serve_wish(ask: Ask, wish: Wish, others: tuple[int, ...] = (), *, talking: bool = False) -> Reply:
    """Return the songs of a wish that was taken apart; `talking`: it may change what was there."""
    names = await _resolved(ask, wish)
    if isinstance(names, Choices):
        return names
    parts = tuple(part for part in wish.parts if part.kind not in _NAMES)
    n = wish.count or await usual(ask)
    query = Query(ask.listener.user_id, n, ask.listener.community_id, wish=parts, others=others)
    query = replace(query, seeds=tuple(names.near), away=tuple(names.far), artists=tuple(names.by))
    adjusts = _adjusts(wish) and (talking or any(part.more for part in wish.parts))
    base = await last_slate(ask) if adjusts else None
    if base is not None:
        query = _adjusted(base.query, query, n if wish.count else base.query.n)
    unknown = (*wish.unknown, *names.unknown)
    note = [say('I do not know "{}".', listed(unknown))] if unknown else []
    return await _served(ask, query, " ".join([*names.notes, *note]))


async def trimmed(ask: Ask, slate_id: int, index: int) -> Reply:
    """Return a slate like another without one part of its wish."""
    slate = await ask.music.slate(ask.listener, slate_id)
    wish = slate.query.wish
    if index >= len(wish):
        raise NotKnown("I do not know that button any more. Type /recommend for a fresh list.")
    query = replace(slate.query, wish=(*wish[:index], *wish[index + 1 :]), dropped=(), others=())
    query = replace(query, user_id=ask.listener.user_id, community_id=ask.listener.community_id)
    return await _served(ask, query, "")


@dataclass
class _Names:
    """Songs and artists of a wish."""

    near: list[Subject] = field(default_factory=list)
    far: list[Subject] = field(default_factory=list)
    by: list[Subject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


async def _served(ask: Ask, query: Query, note: str) -> SlateReply:
    reply = await served(ask, query, note)
    if dropped := reply.slate.query.dropped:
        left_out = say("Nothing has all of that, so I left out: {}.", told_all(dropped))
        reply = replace(reply, note=f"{reply.note} {left_out}".strip())
    return reply


async def _resolved(ask: Ask, wish: Wish) -> _Names | Choices:
    """Return the songs and artists that a wish names; a question if its only part can be several."""
    names = _Names()
    for part in wish.parts:
        if part.kind not in _NAMES:
            continue
        try:
            found = await understand(ask, "similar", part.value)
        except NotKnown:
            if len(wish.parts) == 1:
                raise
            names.unknown.append(part.value)
            continue
        if isinstance(found, Choices):
            if len(wish.parts) == 1:
                return found
            found = Mention(found.choices[0].song, misspelt=part.value)
        if said := correction(found).strip():
            names.notes.append(said)
        goal = names.far if part.without else names.by if part.kind == "by" else names.near
        goal.append(found.song.subject)
    return names


def _sized(slate: ServedSlate, count: int | None) -> ServedSlate:
    return replace(slate, query=replace(slate.query, n=count or slate.query.n))


def _adjusts(wish: Wish) -> bool:
    """Return whether a wish only changes what was there: "happier", "less sad"."""
    return bool(wish.parts) and all(
        (part.without and part.kind not in _NAMES) or (part.more and part.kind in _ADJUSTED)
        for part in wish.parts
    )


def _adjusted(base: Query, change: Query, n: int) -> Query:
    """Return the query of the last list with the change; a part that is wanted no more goes."""
    changed = {(part.kind, part.value) for part in change.wish}
    kept = tuple(part for part in base.wish if (part.kind, part.value) not in changed)
    query = replace(base, user_id=change.user_id, community_id=change.community_id, n=n)
    return replace(query, others=(), dropped=(), wish=(*kept, *change.wish))


async def _is_name_first(ask: Ask, text: str) -> bool:
    """Return whether a text that reads like a wish is a name: "Like a Prayer", "Maroon 5"."""
    if not await ask.music.names.named(text, ask.listener.community_id):
        return False
    wish = parse(text)
    is_year = any(part.kind == "era" and part.value == f"{text}-{text}" for part in wish.parts)
    return bool(wish.unknown or wish.count or wish.is_asked or is_year)


async def _near(ask: Ask, text: str, count: int | None) -> Reply:
    """Return songs similar to what a text names; raises `NotKnown` if it names nothing."""
    try:
        found = await understand(ask, "similar", text)
    except NotKnown as nothing:
        raise NotKnown(
            'I do not know "{}". Try /recommend sad 80s pop, /recommend songs like Radiohead, '
            "or /recommend 8 jazz for dinner.",
            text,
        ) from nothing
    if isinstance(found, Choices):
        return found
    n = count or await usual(ask)
    query = Query(ask.listener.user_id, n, ask.listener.community_id, seeds=(found.song.subject,))
    return await served(ask, query, correction(found).strip())


async def _tags(ask: Ask, words: str) -> list[str]:
    """Return the catalogue's tags of unknown words: of all together, else of each."""
    whole = await ask.music.names.find_tag(words)
    if whole is not None:
        return [whole]
    single = [await ask.music.names.find_tag(word) for word in words.split()]
    return [tag for tag in single if tag is not None] if all(single) else []
