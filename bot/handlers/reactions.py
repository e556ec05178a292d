"""Likes, dislikes, skips and blocks: a user's verdicts on music, and undoing them."""

import asyncio

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import choices, correction, last_slate, picked
from bot.handlers.recommend import another
from bot.replies import Button, Choices, Done, Marked, Reply
from bot.replies.buttons import Act
from bot.replies.i18n import counted, listed, say
from recommender.errors import NothingToDo
from recommender.types import Pick, ServedSlate, Song
from storage.records import HistoryLine, Kind, Subject

_MOST_NAMED = 5  # items named after an undo
_SET = {
    Kind.LIKE: "👍 Noted: you like {}.",
    Kind.DISLIKE: "👎 Noted: you do not like {}.",
    Kind.SKIP: "⏭ Skipped: {}.",
}
_STANDS = {
    Kind.LIKE: "You already like {}.",
    Kind.DISLIKE: "You already dislike {}.",
    Kind.SKIP: "You already skipped {}.",
}
_WAS = {
    Kind.LIKE: "your like of {}",
    Kind.DISLIKE: "your dislike of {}",
    Kind.SKIP: "your skip of {}",
    Kind.PLAY: "your play of {}",
    Kind.BLOCK: "your block of {}",
    Kind.UNBLOCK: "your unblock of {}",
}


async def like(ask: Ask, mention: Mention) -> Reply:
    """Like a song or artist; offer an artist's best-known songs next."""
    sentence = await _judge(ask, mention, Kind.LIKE)
    if mention.song.title is None and mention.others and not mention.misspelt:
        return choices(f"{sentence} {say('A song of theirs as well?')}", "like", mention.others)
    return Done(sentence, mention.song, _undo_button(mention))


async def take_back(ask: Ask, mention: Mention) -> Done:
    """Take back the user's verdict on this song or artist."""
    stood = await ask.music.reactions.take_back(ask.listener, mention.song.subject, key=ask.key())
    if stood is None:
        raise NothingToDo(say("You have not said anything about {}.", spoken(mention.song)))
    return Done(say("↩ Taken back: {}.", say(_WAS[stood], spoken(mention.song))), mention.song)


def _undo_button(mention: Mention) -> tuple[Button, ...]:
    """Return an undo button if the name was misspelt and may be wrong, else nothing."""
    return (Button(say("Undo"), str(Act("undo", mention.song.subject))),) if mention.misspelt else ()


async def dislike(ask: Ask, mention: Mention) -> Reply:
    """Dislike a song or artist."""
    sentence = await _judge(ask, mention, Kind.DISLIKE)
    artist = Subject(mention.song.subject.artist_id)
    block = Button(say("Block {}", mention.song.artist), str(Act("block", artist)))
    return Done(sentence, mention.song, (*_undo_button(mention), block))


async def _judge(ask: Ask, mention: Mention, kind: Kind) -> str:
    if mention.slate is not None and mention.pick is not None:
        is_new = mention.pick.verdict != kind
        if is_new:  # links the verdict to the recommendation, so that models can learn from it
            slate, position = mention.slate.id, mention.pick.position
            await ask.music.reactions.press(ask.listener, slate, position, kind, key=ask.key())
    else:
        is_new = await ask.music.reactions.record(ask.listener, mention.song.subject, kind, key=ask.key())
    return correction(mention) + say((_SET if is_new else _STANDS)[kind], spoken(mention.song))


async def mark(ask: Ask, slate_id: int, position: int, kind: Kind, part: object = "") -> Marked:
    """Set the verdict 👍, 👎 or ⏭ of a song; a second press takes it back."""
    stands = await ask.music.reactions.press(ask.listener, slate_id, position, kind, key=ask.key(part))
    slate = await ask.music.slate(ask.listener, slate_id)
    song = spoken(picked(slate, position + 1).song)
    if stands is None:
        return Marked(say("↩ Taken back: {}.", say(_WAS[kind], song)), slate)
    return Marked(say(_SET[stands], song), slate)


async def mark_many(ask: Ask, verdicts: list[tuple[int, Kind]], slate_id: int | None = None) -> Marked:
    """Set 👍 or 👎 on several songs of the given or last slate, counted from 1."""
    slate = await ask.music.slate(ask.listener, slate_id)
    picks = [(picked(slate, number), kind) for number, kind in verdicts]  # all or none: `picked` may raise
    marked = [await mark(ask, slate.id, pick.position, kind, part) for part, (pick, kind) in enumerate(picks)]
    return Marked("\n".join(each.sentence for each in marked), marked[-1].slate)


async def skip(ask: Ask, arguments: Arguments) -> Reply:
    """Skip one song of the last slate, or all undecided ones and return as many new songs."""
    number = arguments.options.get("number")
    if number is not None:
        shown = await ask.music.slate(ask.listener)
        pick = picked(shown, number)
        return Done(await _judge(ask, Mention(pick.song, slate=shown, pick=pick), Kind.SKIP), pick.song)
    slate = await last_slate(ask)
    if slate is None:
        raise NothingToDo("There is nothing to skip yet. Type /recommend for a list of songs.")
    undecided = [pick for pick in slate.picks if pick.verdict is None]
    await asyncio.gather(*(_skip(ask, slate, pick) for pick in undecided))
    skipped = say("⏭ {} skipped.", counted(len(undecided), "song"))
    return await another(ask, slate, skipped if undecided else say("You had judged them all."))


async def _skip(ask: Ask, slate: ServedSlate, pick: Pick) -> None:
    await ask.music.reactions.press(
        ask.listener, slate.id, pick.position, Kind.SKIP, key=ask.key(pick.position)
    )


async def undo(ask: Ask, _: Arguments) -> Done:
    """Undo the user's last action as a whole: skipping a list is one, and so is "+1 +2"."""
    lines = await ask.music.reactions.undo(ask.listener, key=ask.key())
    was = [say(_WAS[line.kind], spoken(_song_of(line))) for line in lines]
    more = [say("{} more", len(was) - _MOST_NAMED)] if len(was) > _MOST_NAMED else []
    sentence = say("↩ Taken back: {}.", listed((*was[:_MOST_NAMED], *more)))
    return Done(sentence, _song_of(lines[0]) if len(lines) == 1 else None)


def _song_of(line: HistoryLine) -> Song:
    return Song(line.subject, line.artist, line.title)


async def block(ask: Ask, mention: Mention) -> Reply:
    """Block an artist; ask back for a typed song, as the block would cover its whole artist."""
    song = mention.song
    artist = Song(Subject(song.subject.artist_id), song.artist)
    if song.title is not None and mention.pick is None:
        question = say("{} is a song by {}. Block the artist?", song.title, song.artist)
        return choices(question, "block", (artist,))
    if not await ask.music.reactions.record(ask.listener, artist.subject, Kind.BLOCK, key=ask.key()):
        return Done(correction(mention) + say("{} is blocked already.", artist.artist), artist)
    return Done(
        correction(mention) + say("🚫 Blocked: nothing by {} any more.", artist.artist),
        artist,
        (Button(say("Unblock {}", artist.artist), str(Act("unblock", artist.subject))),),
    )


async def unblock(ask: Ask, mention: Mention) -> Done:
    """Unblock an artist."""
    artist = Song(Subject(mention.song.subject.artist_id), mention.song.artist)
    if not await ask.music.reactions.record(ask.listener, artist.subject, Kind.UNBLOCK, key=ask.key()):
        raise NothingToDo(say("{} is not blocked. /unblock alone lists who is.", artist.artist))
    welcome = say("Welcome back: {} may be recommended again.", artist.artist)
    return Done(correction(mention) + welcome, artist)


async def blocked(ask: Ask, _: Arguments) -> Choices:
    """List the artists and songs that the user has blocked."""
    profile = await ask.music.profile(ask.listener)
    if not profile.blocked:
        raise NothingToDo("You have blocked nobody. /block ARTIST keeps an artist away.")
    return choices(say("Who can come back?"), "unblock", profile.blocked)
