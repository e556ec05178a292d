"""Every kind of button and deep link, pressed by those who may and by those who may not.

Payloads can be forged: whoever sees any message of ours can send any of them.  What is not theirs is answered
exactly like what does not exist, and leaves everything of its owner as it was.
"""

import re
from dataclasses import dataclass, replace
from typing import get_args

import pytest
import pytest_asyncio
from worlds import copied

from bot.commands import delivered, dispatch, on_list, press
from bot.context import Context
from bot.handlers.reactions import mark_many
from bot.replies import Confirm, Marked, Notice, Problem, SessionReply, SlateReply
from bot.replies.buttons import (
    Act,
    ActOnFound,
    Agree,
    Feedback,
    Join,
    KeepOut,
    Love,
    OnRadio,
    OnSession,
    OnSong,
    Payload,
    RadioVerb,
    Run,
    SessionVerb,
    SongVerb,
    Trim,
    Verb,
    Whole,
    Yes,
    parse,
)
from recommender.service import MusicService
from storage.listening.exclusions import Exclusions, Offer
from storage.records import Account, Community, Kind, Subject

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRIDAY = Community("telegram", "-1", "group", "Friday")
MONDAY = Community("telegram", "-2", "group", "Monday")
SERVER = Community("discord", "9", "server", "Cave")
NOBODY = 10**17  # an id that nothing has


@dataclass
class Person:
    """Somebody who speaks and presses in any chat."""

    music: MusicService
    account: Account
    updates: int = 0

    def at(self, community: Community | None, chat: str = "", room: str = "") -> Context:
        self.updates += 1
        read_by = chat or (self.account.external_id if community is None else community.external_id)
        update = f"{self.account.external_id}:{self.updates}"
        return Context(self.music, self.account, community, update, room, read_by)

    async def says(self, line: str, context: Context):
        reply = await dispatch(context, line)
        await delivered(context, reply)
        if isinstance(reply, SlateReply):
            place = context.account.platform, context.chat, f"message {reply.slate.id}"
            await self.music.cards.keep(*place, reply.slate.id)
        return reply


@dataclass
class World:
    """What Ann and Bo have, and the people who press it."""

    music: MusicService
    people: dict[str, Person]
    slate: int = 0  # Ann's, shown to the group
    private: int = 0  # Ann's, shown to her alone
    removed: int = 0  # somebody's who has been erased, shown to the group
    session: int = 0
    song: int = 0
    staff: int = 0  # a session in one channel of a server
    hidden: int = 0  # a list in that channel
    radio: int = 0  # the song of Ann's that plays
    night: int = 0  # what Ann was asked to keep out of her taste
    community: int = 0
    ann: int = 0

    async def facts(self) -> list[object]:
        """Return all that a press could change, but for who has been met where."""
        tables = (
            "events",
            "slates",
            "impressions",
            "radios",
            "radio_slates",
            "exclusions",
            "exclusion_offers",
            "sessions",
            "session_members",
            "session_votes",
        )
        read = [f"SELECT * FROM {table} ORDER BY 1, 2" for table in (*tables, "session_songs", "settings")]
        read.append("SELECT user_id, name FROM accounts ORDER BY id")
        return await self.music._read(lambda store: [store.db.execute(sql).fetchall() for sql in read])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(learned, tmp_path_factory):
    database = copied(learned, tmp_path_factory.mktemp("permissions"))
    async with await MusicService.open(database, seed=7) as music:
        yield await _furnished(music)


async def _furnished(music: MusicService) -> World:
    names = {"ann": "1", "bo": "2", "eve": "3", "cy": "4", "dee": "5"}
    people = {n: Person(music, Account("telegram", i, n.title())) for n, i in names.items()}
    people["mel"] = Person(music, Account("discord", "6", "Mel"))
    people["max"] = Person(music, Account("discord", "7", "Max"))
    world = World(music, people)
    ann, bo, cy, dee, mel = (people[n] for n in ("ann", "bo", "cy", "dee", "mel"))
    await ann.says("/like queen", ann.at(FRIDAY))
    world.slate = (await ann.says("/recommend", ann.at(FRIDAY))).slate.id
    world.private = (await ann.says("/recommend", ann.at(None))).slate.id
    world.radio = (await ann.says("/radio", ann.at(None))).radio.slate.id
    world.removed = (await dee.says("/recommend", dee.at(FRIDAY))).slate.id
    await music.forget(await music.arrive(dee.account, FRIDAY))
    world.session = (await ann.says("/session start Friday", ann.at(FRIDAY))).session.id
    world.song = (await ann.says("/next", ann.at(FRIDAY))).session.now.song_id
    for person in (bo, cy):
        await person.says("/session join", person.at(FRIDAY))
    await music.communities.went(FRIDAY, cy.account)
    world.staff = (await mel.says("/session start Staff", mel.at(SERVER, "71", "71"))).session.id
    world.hidden = (await mel.says("/recommend", mel.at(SERVER, "71", "71"))).slate.id
    listener = await music.arrive(ann.account, FRIDAY)
    world.ann, world.community = listener.user_id, listener.community_id
    offer = Offer(0, "repeat", "A Song", 9, 0, 9)
    world.night = (await music._write(lambda store: Exclusions(store.db).offer(world.ann, offer, now=0))).id
    return world


# Every kind of button that is about something, with each of its verbs, as (World, exists) -> button.
_OF_SOMETHING = {
    Feedback: [
        lambda w, real, verb=verb: Feedback(w.slate if real else NOBODY, 0, verb) for verb in get_args(Verb)
    ],
    Whole: [lambda w, real, verb=verb: Whole(w.slate if real else NOBODY, verb) for verb in ("more", "why")],
    OnSong: [
        lambda w, real, verb=verb: OnSong(w.song if real else NOBODY, verb) for verb in get_args(SongVerb)
    ],
    OnSession: [
        lambda w, real, verb=verb: OnSession(w.session if real else NOBODY, verb)
        for verb in get_args(SessionVerb)
    ],
    OnRadio: [
        lambda w, real, verb=verb: OnRadio(w.radio if real else NOBODY, verb) for verb in get_args(RadioVerb)
    ],
    KeepOut: [lambda w, real, yes=yes: KeepOut(w.night if real else NOBODY, yes) for yes in (True, False)],
    Trim: [lambda w, real: Trim(w.slate if real else NOBODY, 0)],
    Agree: [lambda w, real: Agree(w.community, w.ann if real else NOBODY)],
}
# Every kind that concerns only whoever presses it.
_OF_ONESELF = {
    Act: Act("like", Subject(1)),
    ActOnFound: ActOnFound("dz", "1", "like"),
    Run: Run("profile"),
    Love: Love(1),
    Join: Join("AAAAAAAA"),
    Yes: Yes("forget"),
}
BUTTONS = [make for makes in _OF_SOMETHING.values() for make in makes]

ON_LISTS = [*(Feedback(0, 0, verb) for verb in get_args(Verb)), Whole(0, "more"), Whole(0, "why")]

# Who may not press what was shown to the group, and where they try.
STRANGERS = {
    "a stranger in private": lambda w: w.people["eve"].at(None),
    "a stranger in a group of theirs": lambda w: w.people["eve"].at(MONDAY),
    "a stranger who pretends no chat": lambda w: replace(w.people["eve"].at(None), chat=""),
    "a member in another group": lambda w: w.people["bo"].at(MONDAY),
    "a member in private": lambda w: w.people["bo"].at(None),
    "somebody who has left, in private": lambda w: w.people["cy"].at(None),
    "somebody who has left, in the group": lambda w: w.people["cy"].at(FRIDAY),
    "somebody on another platform": lambda w: w.people["max"].at(SERVER, "-1"),
}


async def test_every_kind_of_button_is_tried():
    assert set(_OF_SOMETHING) | set(_OF_ONESELF) == set(get_args(Payload))
    assert not set(_OF_SOMETHING) & set(_OF_ONESELF)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("make", BUTTONS)
async def test_what_is_not_theirs_is_answered_like_what_does_not_exist(world, who, make):
    missing = await press(STRANGERS[who](world), str(make(world, False)))
    assert isinstance(missing, Problem)
    before = await world.facts()
    assert await press(STRANGERS[who](world), str(make(world, True))) == missing
    assert await world.facts() == before


@pytest.mark.parametrize("name", ["private", "removed", "hidden"])
@pytest.mark.parametrize("button", ON_LISTS)
async def test_a_list_that_this_chat_never_saw_or_that_is_gone_does_not_exist_in_it(world, name, button):
    bo = world.people["bo"]
    missing = await press(bo.at(FRIDAY), str(replace(button, slate_id=NOBODY)))
    before = await world.facts()
    assert await press(bo.at(FRIDAY), str(replace(button, slate_id=getattr(world, name)))) == missing
    assert await world.facts() == before


async def test_another_channel_of_the_same_server_sees_neither_list_nor_session(world):
    mate = world.people["max"]
    for channel, works in (("72", False), ("71", True)):
        for button in (Whole(world.hidden, "why"), OnSession(world.staff, "recap")):
            reply = await press(mate.at(SERVER, channel, channel), str(button))
            assert isinstance(reply, Notice) == works, (channel, button)


@pytest.mark.parametrize("make", [lambda w: w.slate, lambda w: w.private, lambda w: w.hidden])
async def test_reactions_answers_and_turned_pages_ask_the_same_rule(world, make):
    reached = []

    async def work(ask):
        reached.append(ask)
        return Notice("")

    for context in (STRANGERS[who](world) for who in STRANGERS):
        missing = await on_list(context, NOBODY, work)
        assert await on_list(context, make(world), work) == missing
    assert reached == []
    reply = await on_list(
        world.people["bo"].at(FRIDAY), world.slate, lambda ask: mark_many(ask, [(5, Kind.LIKE)], world.slate)
    )
    assert isinstance(reply, Marked)


async def test_those_who_were_shown_it_may_press_it(world):
    ann, bo = world.people["ann"], world.people["bo"]
    for verb in ("like", "like"):
        assert isinstance(await press(bo.at(FRIDAY), str(Feedback(world.slate, 1, verb))), Marked)
    assert isinstance(await press(bo.at(FRIDAY), str(Whole(world.slate, "why"))), Notice)
    assert isinstance(await press(bo.at(FRIDAY), str(OnSession(world.session, "recap"))), Notice)
    assert isinstance(await press(bo.at(FRIDAY), str(OnSong(world.song, "like"))), SessionReply)
    for where in (None, FRIDAY):
        assert isinstance(await press(ann.at(where), str(Whole(world.private, "why"))), Notice)


async def test_the_owner_reads_their_reasons_in_private_and_not_in_front_of_others(world):
    ann = world.people["ann"]
    alone = await press(ann.at(None), str(Whole(world.private, "why")))
    assert "Queen" in alone.text
    for community in (FRIDAY, MONDAY):
        aloud = await press(ann.at(community), str(Whole(world.private, "why")))
        assert "because" not in aloud.text


@pytest.mark.parametrize("kind", _OF_ONESELF)
async def test_what_concerns_oneself_leaves_everybody_else_alone(world, kind):
    mine = "SELECT kind, artist_id FROM events WHERE user_id = ? ORDER BY id"
    held = "SELECT id FROM slates WHERE user_id = ?"

    async def anns():
        return await world.music._read(
            lambda store: [store.db.execute(sql, (world.ann,)).fetchall() for sql in (mine, held)]
        )

    before = await anns()
    await press(world.people["eve"].at(None), str(_OF_ONESELF[kind]))
    assert await anns() == before


async def test_a_shared_link_opens_a_list_without_its_reasons_and_a_guessed_one_opens_none(world):
    eve, music = world.people["eve"], world.music
    word = await music.cards.share(world.slate)
    opened = await eve.says(f"/start slate_{world.slate}_{word}", eve.at(None))
    assert isinstance(opened, SlateReply)
    assert {pick.cause for pick in opened.slate.picks} == {None}
    assert isinstance(await press(eve.at(None), str(Feedback(world.slate, 0, "like"))), Marked)
    why = await press(eve.at(None), str(Whole(world.slate, "why")))
    assert "because" not in why.text
    guessed = await eve.says(f"/start slate_{world.slate}_aaaaaaaaaa", eve.at(None))
    assert isinstance(guessed, Problem)
    for gone in (world.removed, NOBODY):
        start = f"/start slate_{gone}_{await music.cards.share(gone)}"
        assert await eve.says(start, eve.at(None)) == guessed
    await world.music._write(
        lambda store: store.db.execute("DELETE FROM cards WHERE place = ?", (eve.account.external_id,))
    )


async def test_a_question_is_answered_only_by_the_person_asked(world):
    ann, bo, music = world.people["ann"], world.people["bo"], world.music
    asked = await ann.says("/neighbours", ann.at(FRIDAY))
    assert isinstance(asked, Confirm)
    assert parse(asked.payload) == Agree(world.community, world.ann)
    for other in (bo.at(FRIDAY), bo.at(None), STRANGERS["a stranger in private"](world)):
        assert isinstance(await press(other, asked.payload), Problem)
        # The question that named nobody was anybody's to answer.
        assert isinstance(await press(other, f"vis:{world.community}"), Problem)
    assert await music.comparing.decided(await music.arrive(bo.account, FRIDAY)) is None
    agreed = await press(ann.at(None), asked.payload)
    assert re.match("You are visible there", agreed.text)
    await music.comparing.decide(await music.arrive(ann.account, FRIDAY), visible=False)


async def test_whoever_left_comes_back_by_speaking_and_not_by_pressing(world):
    cy = world.people["cy"]
    for _ in range(2):
        assert isinstance(await press(cy.at(FRIDAY), str(OnSession(world.session, "join"))), Problem)
    await cy.says("/help", cy.at(FRIDAY))
    assert isinstance(await press(cy.at(FRIDAY), str(OnSession(world.session, "join"))), SessionReply)
    await world.music.communities.went(FRIDAY, cy.account)
    assert isinstance(await press(cy.at(FRIDAY), str(Whole(world.slate, "why"))), Problem)
    await world.music.communities.came(FRIDAY, cy.account)
    assert isinstance(await press(cy.at(FRIDAY), str(Whole(world.slate, "why"))), Notice)
    await world.music.communities.went(FRIDAY, cy.account)
